import { notifications, tell } from '../../support/notices';
import { Person } from '../../support/person';
import { expect, test } from '../../support/test';

test('without JavaScript a name in a room and in its list of members is a link to the page of the person', async ({ people }) => {
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.say(lobby, 'Hello');
  const { page } = await people.arrive('Ada');
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

test('without JavaScript what is unread is counted in a room and in the settings, until it is read', async ({ people }) => {
  const { page, me } = await people.arrive('Ada');
  await me.call('PUT', '/notifications/read', {});
  await tell(me);
  await tell(me);
  await page.goto('/');
  await expect(notifications(page, 2)).toBeVisible();
  await page.goto('/settings/profile');
  await notifications(page, 2).click();
  await page.getByRole('button', { name: 'Mark all read' }).click();
  await expect(notifications(page, 0)).toBeVisible();
  await page.goto('/');
  await expect(notifications(page, 0)).toBeVisible();
});

test('without JavaScript a guest without rooms is told that someone will add them', async ({ people, server }) => {
  const ingrid = await people.signUp('Ingrid');
  const warden = await Person.signIn(server, 'warden');
  await warden.call('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  const { page } = await people.sit(ingrid);
  await page.goto('/');
  await expect(page.getByText('someone will add you to a room')).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
  await page.goto('/rooms');
  await expect(page.getByRole('heading', { name: 'Rooms come to you' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'New room' })).toHaveCount(0);
});
