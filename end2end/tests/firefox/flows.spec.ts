// Ten core flows in Firefox.
import { expect, test } from '../../support/firefox';
import { ApiUser, PASSWORD } from '../../support/user';

test.describe.configure({ mode: 'default' });

test('signing up leads into the chat', async ({ firefox }) => {
  await firefox.open('/sign-up');
  await firefox.fill('Username', 'ada');
  await firefox.fill('Password', PASSWORD);
  await firefox.click('Create account');
  await expect.poll(() => firefox.path).toMatch(/^\/(rooms\/.*)?$/);
  await firefox.ready();
  await firefox.expectText('Lobby');
});

test('signing in, and a wrong password first', async ({ firefox, server }) => {
  await ApiUser.signUp(server, 'ada', 'Ada');
  await firefox.open('/sign-in');
  await firefox.fill('Username or email', 'ada');
  await firefox.fill('Password', 'not the password');
  await firefox.click('Sign in');
  await firefox.expectText('Wrong username or password.');
  await firefox.fill('Password', PASSWORD);
  await firefox.click('Sign in');
  await firefox.ready();
});

test('Enter sends a message, and Shift with Enter makes a line', async ({ firefox, signIn, admin }) => {
  await signIn(firefox, admin);
  await firefox.openRoom(await admin.lobby());
  await firefox.page.focus('textarea');
  await firefox.page.keyboard.type('one');
  await firefox.page.keyboard.down('Shift');
  await firefox.page.keyboard.press('Enter');
  await firefox.page.keyboard.up('Shift');
  await firefox.page.keyboard.type('two');
  await firefox.page.keyboard.press('Enter');
  await firefox.expectMessages(['one\ntwo']);
  expect((await admin.messages(await admin.lobby())).map((message) => message.body)).toEqual(['one\ntwo']);
});

test('messages, edits and deletions of others arrive as they happen', async ({ firefox, signIn, admin, server }) => {
  const ben = await ApiUser.signUp(server, 'ben', 'Ben');
  const lobby = await admin.lobby();
  await signIn(firefox, admin);
  await firefox.openRoom(lobby);
  const first = await ben.send(lobby, 'Good morning');
  const second = await ben.send(lobby, 'Oops');
  await firefox.expectMessages(['Good morning', 'Oops']);
  await ben.edit(first, 'Good evening');
  await ben.deleteMessage(second);
  await firefox.expectMessages(['Good evening', 'This message was deleted.']);
});

test('editing one\'s own message', async ({ firefox, signIn, admin }) => {
  const lobby = await admin.lobby();
  await admin.send(lobby, 'Helo');
  await signIn(firefox, admin);
  await firefox.openRoom(lobby);
  await firefox.chooseAction('Helo', 'Edit');
  await firefox.page.locator('[role="log"] textarea').fill('Hello');
  await firefox.click('Save');
  await firefox.expectMessages(['Hello']);
});

test('deleting a message asks first', async ({ firefox, signIn, admin }) => {
  const lobby = await admin.lobby();
  await admin.send(lobby, 'Never mind');
  await signIn(firefox, admin);
  await firefox.openRoom(lobby);
  await firefox.chooseAction('Never mind', 'Delete');
  await firefox.page.locator('dialog[open] button[type="submit"]').click();
  await firefox.expectMessages(['This message was deleted.']);
});

test('a new room, and joining it', async ({ firefox, signIn, admin, server }) => {
  const ben = await ApiUser.signUp(server, 'ben', 'Ben');
  await ben.createRoom('Kitchen');
  await signIn(firefox, admin);
  await firefox.open('/rooms/new');
  await firefox.ready();
  await firefox.fill('Name', 'Workshop');
  await firefox.click('Create room');
  await firefox.eventually('h1', (title) => title.textContent ?? '', 'Workshop');
  await firefox.open('/rooms');
  await firefox.ready();
  await firefox.click('Join Kitchen');
  await expect.poll(async () => (await admin.request<{ items: { name: string }[] }>('GET', '/rooms?filter=mine')).items.length).toBe(3);
});

test('a restart of the server loses and repeats nothing', async ({ firefox, signIn, admin, server }) => {
  const lobby = await admin.lobby();
  await signIn(firefox, admin);
  await firefox.openRoom(lobby);
  await admin.send(lobby, 'Before');
  await firefox.expectMessages(['Before']);
  await server.kill();
  await expect.poll(() => firefox.page.$eval('html', (html) => html.dataset.live)).not.toBe('live');
  await firefox.page.locator('textarea').fill('Meanwhile');
  await firefox.click('Send');
  await server.start();
  await firefox.ready();
  await firefox.expectMessages(['Before', 'Meanwhile']);
  expect((await admin.messages(lobby)).map((message) => message.body)).toEqual(['Before', 'Meanwhile']);
});

test('settings are saved and applied', async ({ firefox, signIn, admin }) => {
  await signIn(firefox, admin);
  await firefox.open('/settings/preferences');
  await firefox.page.select('select[name*="theme"]', 'dark');
  await firefox.click('Save preferences');
  await firefox.eventually('html', (html) => html.dataset.theme ?? '', 'dark');
});

test('without JavaScript: signing in and sending', async ({ firefoxWithoutScripts: firefox, server }) => {
  const ada = await ApiUser.signUp(server, 'ada', 'Ada');
  await firefox.open('/sign-in');
  await firefox.page.type('input[name="login"]', 'ada');
  await firefox.page.type('input[name="password"]', PASSWORD);
  await firefox.page.keyboard.press('Enter');
  await expect.poll(() => firefox.path).toMatch(/^\/(rooms\/.*)?$/);
  await firefox.open(`/rooms/${(await ada.lobby()).id}`);
  await firefox.page.type('textarea', 'plain');
  await firefox.page.keyboard.press('Tab');
  await firefox.page.keyboard.press('Enter');
  await expect.poll(async () => (await ada.messages(await ada.lobby())).map((message) => message.body)).toEqual(['plain']);
});
