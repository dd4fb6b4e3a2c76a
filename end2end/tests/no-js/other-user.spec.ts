import { statusError } from '../../support/console-guard';
import { solidPng } from '../../support/png';
import { signInWithPassword } from '../../support/security-flows';
import { expect, test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript a page sends nothing as the user who signed in later', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(statusError(409));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const profile = await ada.page.context().newPage();
  await profile.goto('/settings/profile');
  await (await ApiUser.signIn(server, 'ada')).request('POST', '/sessions/terminate-all');
  const tab = await ada.page.context().newPage();
  await signInWithPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');

  await ada.composer.fill('Only <mine> & nobody else’s');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.title).toHaveText('Someone else is signed in');
  await expect(ada.page.getByText("This page belongs to Ada, but you're signed in as Bob.")).toBeVisible();
  await expect(ada.page.getByLabel('Unsent text (copy it to keep it)')).toHaveValue('Only <mine> & nobody else’s');
  expect(await bob.messages(lobby)).toEqual([]);
  await ada.page.getByRole('link', { name: 'Continue as Bob' }).click();
  await expect(ada.title).toHaveText('Lobby');
  await expect(ada.bodies).toHaveCount(0);

  await profile.getByLabel('New picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: solidPng() });
  await profile.getByRole('button', { name: 'Upload picture' }).click();
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Someone else is signed in');
  expect(await bob.request('GET', `/users/${bob.id}`)).not.toHaveProperty('avatar_url', expect.any(String));

  await profile.getByRole('button', { name: 'Sign out' }).click();
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await signInWithPassword(profile, 'ada');
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect(profile.getByText('@ada')).toBeVisible();
});
