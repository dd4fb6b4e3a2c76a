import { createNotification, notificationsLink } from '../../support/notifications';
import { expect, test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript names in a room and its member list link to the profile page', async ({ people }) => {
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.send(lobby, 'Hello');
  const { page } = await people.newUser('Ada');
  await page.goto(`/rooms/${lobby.id}`);
  const message = page.getByRole('article').filter({ hasText: 'Hello' });
  await expect(message.getByRole('link')).toHaveCount(1);
  await message.getByRole('link', { name: 'Bob' }).click();
  await expect(page).toHaveURL(/\/people\/bob$/);
  await page.goto(`/rooms/${lobby.id}`);
  await message.locator('.avatar').click();
  await expect(page).toHaveURL(/\/people\/bob$/);
  await page.goto(`/rooms/${lobby.id}/members`);
  await page.getByRole('complementary', { name: 'People' }).getByRole('link', { name: /@bob/ }).click();
  await expect(page.getByRole('heading', { name: 'Bob', exact: true })).toBeVisible();
});

test('without JavaScript unread notifications are counted in a room and in the settings until read', async ({ people }) => {
  const { page, me } = await people.newUser('Ada');
  await me.request('PUT', '/notifications/read', {});
  await createNotification(me);
  await createNotification(me);
  await page.goto('/');
  await expect(notificationsLink(page, 2)).toBeVisible();
  await page.goto('/settings/profile');
  await notificationsLink(page, 2).click();
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await expect(notificationsLink(page, 0)).toBeVisible();
  await page.goto('/');
  await expect(notificationsLink(page, 0)).toBeVisible();
});

test('without JavaScript a guest without rooms is told that someone will add them', async ({ people, server }) => {
  const ingrid = await people.signUp('Ingrid');
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  const { page } = await people.open(ingrid);
  await page.goto('/');
  await expect(page.getByText('someone will add you to a room')).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
  await page.goto('/rooms');
  await expect(page.getByRole('heading', { name: 'Rooms come to you' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
});
