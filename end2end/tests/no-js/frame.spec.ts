// What stands beside the server-rendered pages, and what takes their place.
import { PHONE } from '../../support/browser';
import { statusError } from '../../support/console-guard';
import { expect, test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('people and notifications keep the rooms beside them and lead back to the last room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  const other = await ada.me.createRoom('Kitchen');
  await ada.me.addMembers(other, bob);
  await bob.sendMany(other, 2);
  await ada.page.goto(`/rooms/${room.id}`);
  for (const name of ['People', 'Notifications']) {
    await ada.rooms.getByRole('link', { name }).click();
    await expect(ada.title).toHaveText(name);
    await expect(ada.link('Kitchen', 2)).toBeVisible();
    await expect(ada.link('Workshop', 0)).toBeVisible();
    await expect(ada.rooms.getByRole('link', { name })).toHaveAttribute('aria-current', 'page');
    await ada.page.getByRole('link', { name: 'Lair Chat', exact: true }).click();
    await expect(ada.title).toHaveText('Workshop');
  }
  await ada.page.goto('/settings/sessions');
  await ada.page.getByRole('link', { name: 'Rooms', exact: true }).click();
  await expect(ada.title).toHaveText('Workshop');
});

test('a room that the user has left is not led back to', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.page.goto(`/rooms/${room.id}`);
  await ada.me.request('POST', `/rooms/${room.id}/leave`);
  await ada.page.goto('/');
  await expect(ada.title).toHaveText('Lobby');
});

test('an unknown address keeps the rooms of a signed-in user', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  const ada = await users.newUser('Ada');
  await ada.me.createRoom('Workshop');
  const response = await ada.page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(ada.title).toHaveText('Page not found');
  await expect(ada.link('Workshop')).toBeVisible();
});

test('pages that a user may not open show nothing but the error', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(statusError(403));
  const ada = await users.newUser('Ada');
  for (const path of ['/admin/people', '/admin/invitations', '/admin/settings']) {
    const response = await ada.page.goto(path);
    expect(response?.status(), path).toBe(403);
    await expect(ada.title, path).toHaveText("You can't open this page");
    await expect(ada.page.getByRole('main').locator('form, .notice'), path).toHaveCount(0);
  }
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ada.me.id}/role`, { role: 'guest' });
  await ada.page.goto('/rooms/new');
  await expect(ada.title).toHaveText("You can't open this page");
  await expect(ada.page.getByRole('main').locator('form')).toHaveCount(0);
});

test('the index of the settings is a list on a phone, and the profile on a desktop', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const { page } = ada;
  await page.goto('/settings');
  await expect(page.getByLabel('Display name')).toHaveValue('Ada');
  await expect(page.getByRole('main').getByRole('link', { name: 'Sessions' })).toBeHidden();
  const menu = page.getByRole('navigation', { name: 'Settings' });
  await expect(menu.getByRole('link', { name: 'Profile' })).toHaveAttribute('aria-current', 'page');
  await page.setViewportSize(PHONE);
  await expect(page.getByLabel('Display name')).toBeHidden();
  await page.getByRole('main').getByRole('link', { name: 'Sessions' }).click();
  await expect(ada.title).toHaveText('Sessions');
});

test('an administrator who is alone is shown how to begin', async ({ users, server }) => {
  const admin = await users.open(await ApiUser.signIn(server, 'admin'));
  await admin.page.goto('/');
  const links = [
    ['Invite people', '/admin/invitations'],
    ['New room', '/rooms/new'],
    ['Service settings', '/admin/settings'],
  ] as const;
  for (const [name, path] of links) await expect(admin.timeline.getByRole('link', { name })).toHaveAttribute('href', path);
  const ada = await users.newUser('Ada');
  for (const chat of [admin, ada]) {
    await chat.page.goto('/');
    await expect(chat.timeline.getByRole('heading')).toHaveText('No messages yet');
    await expect(chat.timeline.getByRole('link', { name: 'Invite people' })).toHaveCount(0);
  }
});
