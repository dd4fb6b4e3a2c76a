import { expect, test } from '../../support/test';

/** Names of settings of which nothing depends yet. */
const UNUSED = [
  'Direct messages',
  'Mentions',
  'All messages in my rooms',
  'Sound',
  'Do not disturb',
  'Quiet hours',
  'Show when I am typing',
  'Show what I have read',
  'Direct messages from',
];

test('the preferences offer only what exists, and saving them keeps the rest', async ({ users }) => {
  const { page, me } = await users.newUser('Ada');
  const before = await me.request<{ notifications: object; privacy: object }>('GET', '/users/settings');
  const notifications = { ...before.notifications, room_messages: true, quiet_hours: { from: '22:00', to: '07:00' } };
  const privacy = { ...before.privacy, direct_messages: 'nobody', read_receipts: false };
  await me.request('PUT', '/users/settings', { ...before, notifications, privacy });
  await page.goto('/settings/preferences');
  for (const name of UNUSED) await expect(page.getByText(name, { exact: true })).toHaveCount(0);
  await page.getByLabel('Density').selectOption('Compact');
  await page.getByLabel('Show when I am online').uncheck();
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(page.getByRole('status')).toHaveText('Preferences saved.');
  const after = await me.request('GET', '/users/settings');
  expect(after).toMatchObject({ density: 'compact', notifications, privacy: { ...privacy, show_online: false } });
});
