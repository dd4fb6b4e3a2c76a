// Notifications of the service about an account.
import type { Page } from '@playwright/test';
import type { ApiUser } from './user';

let tokenCounter = 0;

/** Triggers a notification: a new access token of the user. */
export async function createNotification(user: ApiUser): Promise<void> {
  tokenCounter += 1;
  await user.request('POST', '/tokens', { label: `Script ${tokenCounter}`, scope: 'read' });
}

/** The link to the notifications, whose name has the unread count. */
export function notificationsLink(page: Page, unread: number) {
  const name = unread ? `Notifications, ${unread} unread` : 'Notifications';
  return page.getByRole('link', { name, exact: true });
}
