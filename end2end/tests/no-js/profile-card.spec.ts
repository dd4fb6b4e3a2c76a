import { createNotification, notificationsLink } from '../../support/notifications';
import { expect, test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript names in a room and its member list link to the profile page', async ({ users }) => {
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.send(lobby, 'Hello');
  const { page } = await users.newUser('Ada');
  await page.goto(`/rooms/${lobby.id}`);
  const message = page.getByRole('article').filter({ hasText: 'Hello' });
  await expect(message.locator(':not(.message-actions) > a')).toHaveCount(1);
  await message.getByRole('link', { name: 'Bob' }).click();
  await expect(page).toHaveURL(/\/people\/bob$/);
  await page.goto(`/rooms/${lobby.id}`);
  await message.locator('.avatar').click();
  await expect(page).toHaveURL(/\/people\/bob$/);
  await page.goto(`/rooms/${lobby.id}/members`);
  await page.getByRole('complementary', { name: 'Members' }).getByRole('link', { name: /@bob/ }).click();
  await expect(page.getByRole('heading', { name: 'Bob', exact: true })).toBeVisible();
});

test('without JavaScript unread notifications are counted in a room and in the settings until read', async ({ users }) => {
  const { page, me } = await users.newUser('Ada');
  await me.request('PUT', '/notifications/read', {});
  await createNotification(me);
  await createNotification(me);
  await page.goto('/');
  await expect(notificationsLink(page, 2)).toBeVisible();
  await page.goto('/settings/profile');
  await notificationsLink(page, 2).click();
  await expect(page.getByText('New', { exact: true })).toHaveCount(2);
  await expect(notificationsLink(page, 0)).toBeVisible();
  await page.reload();
  await expect(page.getByText('New', { exact: true })).toHaveCount(0);
  await page.goto('/');
  await expect(notificationsLink(page, 0)).toBeVisible();
});

test('without JavaScript a guest without rooms sees that someone must add them', async ({ users, server }) => {
  const ingrid = await users.signUp('Ingrid');
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  const { page } = await users.open(ingrid);
  await page.goto('/');
  await expect(page.getByText('Rooms appear here once someone adds you.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
  await page.goto('/rooms');
  await expect(page.getByRole('heading', { name: 'No rooms to join' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
});
