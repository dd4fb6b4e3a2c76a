import { ready } from '../support/chat';
import { PASSWORD, Person } from '../support/person';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

test('a page of settings goes with the session that it belongs to, and is there again after signing in', async ({ people, server }) => {
  const ada = await people.arrive('Ada');
  const page = ada.page;
  await page.goto('/settings');
  await ready(page);
  const elsewhere = await Person.signIn(server, 'ada');
  const password = 'two dens with two hearths';
  await elsewhere.call('POST', '/auth/change-password', { current_password: PASSWORD, new_password: password });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or e-mail').fill('ada');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Settings');
});

test('the way leads from a room to the settings and back, and each page is where it was left', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const room = await ada.me.makeRoom('Workshop');
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

test('whoever signs out on a page of settings is at the door, and nowhere else first', async ({ people, watch }) => {
  watch.allow(answered(401));
  const ada = await people.arrive('Ada');
  await ada.page.goto('/settings');
  await ready(ada.page);
  const visited: string[] = [];
  ada.page.on('framenavigated', (frame) => visited.push(new URL(frame.url()).pathname + new URL(frame.url()).search));
  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  expect(visited).toEqual(['/sign-in']);
});
