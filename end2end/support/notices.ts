// What the service tells someone about their account.
import type { Page } from '@playwright/test';
import type { Person } from './person';

let made = 0;

/** Something happens that the service tells them of. */
export async function tell(person: Person): Promise<void> {
  made += 1;
  await person.call('POST', '/tokens', { label: `Script ${made}`, scope: 'read' });
}

/** The way to the notifications, as it is called with so many unread. */
export function notifications(page: Page, unread: number) {
  const name = unread ? `Notifications, ${unread} unread` : 'Notifications';
  return page.getByRole('link', { name, exact: true });
}
