import { face } from '../../support/face';
import { Person } from '../../support/person';
import { enterPassword } from '../../support/signins';
import { expect, test } from '../../support/test';
import { answered } from '../../support/watch';

test('without JavaScript a page says nothing in the name of who signed in after its person', async ({ people, server, watch }) => {
  watch.allow(answered(409));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const profile = await ada.page.context().newPage();
  await profile.goto('/settings/profile');
  await (await Person.signIn(server, 'ada')).call('POST', '/sessions/terminate-all');
  const tab = await ada.page.context().newPage();
  await enterPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');

  await ada.composer.fill('Only <mine> & nobody else’s');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.title).toHaveText('Somebody else is signed in');
  await expect(ada.page.getByText('This page belongs to Ada; you are signed in as Bob.')).toBeVisible();
  await expect(ada.page.getByLabel('What was written, to copy')).toHaveValue('Only <mine> & nobody else’s');
  expect(await bob.messages(lobby)).toEqual([]);
  await ada.page.getByRole('link', { name: 'Go on as Bob' }).click();
  await expect(ada.title).toHaveText('Lobby');
  await expect(ada.words).toHaveCount(0);

  await profile.getByLabel('New picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: face() });
  await profile.getByRole('button', { name: 'Upload picture' }).click();
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Somebody else is signed in');
  expect(await bob.call('GET', `/users/${bob.id}`)).not.toHaveProperty('avatar_url', expect.any(String));

  await profile.getByRole('button', { name: 'Sign out' }).click();
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await enterPassword(profile, 'ada');
  await expect(profile.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect(profile.getByText('@ada')).toBeVisible();
});
