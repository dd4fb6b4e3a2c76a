import { ready } from '../support/chat';
import { statusError } from '../support/console-guard';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD } from '../support/user';

test('a settings page closes when its session ends and reopens after signing in', async ({ users, server }) => {
  const ada = await users.newUser('Ada');
  const page = ada.page;
  await page.goto('/settings');
  await ready(page);
  const otherSession = await ApiUser.signIn(server, 'ada');
  const password = 'two dens with two hearths';
  await otherSession.request('POST', '/auth/change-password', { current_password: PASSWORD, new_password: password });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
});

test('navigation from a room to the settings, back and forward works', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.open(room);
  await ada.showRooms();
  await ada.page.getByRole('link', { name: /^(Settings|Ada\b.*@ada)/ }).click();
  await expect(ada.title).toHaveText('Settings');
  await ready(ada.page);
  await ada.page.goBack();
  await expect(ada.page.getByRole('link', { name: 'Workshop', exact: true })).toBeVisible();
  await ready(ada.page);
  await ada.page.goForward();
  await expect(ada.title).toHaveText('Settings');
});

test('signing out on a settings page goes straight to the sign-in page', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(401));
  const ada = await users.newUser('Ada');
  await ada.page.goto('/settings');
  await ready(ada.page);
  const visited: string[] = [];
  ada.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname + new URL(frame.url()).search));
  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  expect(visited).toEqual(['/sign-in']);
});
