// A page belongs to one user. These tests check what it does once another user has signed in in the same browser.
import type { CDPSession, Page } from '@playwright/test';
import { audit, fits } from '../support/accessibility';
import { Chat, hydrated, ready } from '../support/chat';
import { NETWORK_ERRORS, statusError } from '../support/console-guard';
import { signInWithPassword } from '../support/security-flows';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD, type Room } from '../support/user';

/** The CDP session of each page: the network conditions must be reset in the session that set them. */
const cdpSessions = new WeakMap<Page, CDPSession>();

/** Sets this tab alone offline, or back online. */
async function setTabOffline(page: Page, offline = true): Promise<void> {
  const session = cdpSessions.get(page) ?? (await page.context().newCDPSession(page));
  cdpSessions.set(page, session);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  if (offline) await expect(page.locator('html')).toHaveAttribute('data-live', 'offline');
}

/** Checks that the page has closed because another user is signed in. */
async function expectOtherUserPage(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Someone else is signed in');
  await expect(page.getByText("This page belongs to Ada, but you're signed in as Bob.")).toBeVisible();
}

/** The messages of a room with their authors, over the API. */
async function messagesOf(user: ApiUser, room: Room): Promise<string[]> {
  return (await user.messages(room)).map(({ author, body }) => `${author.display_name}: ${body}`);
}

/** The number of unsent messages of this user in the browser. */
async function outboxSize(chat: Chat): Promise<number> {
  return chat.page.evaluate((id) => Object.keys(localStorage).filter((key) => key.startsWith(`lair.outbox.${id}.`)).length, chat.me.id);
}

test('messages written offline are not sent by the next user, and are sent when their author is back', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS, statusError(401), statusError(409));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.createRoom('Den', { visibility: 'private' });
  await ada.open(lobby);
  await setTabOffline(ada.page);
  await ada.send('Only mine');
  await expect(ada.pending).toHaveText([/Only mine/]);
  await (await ApiUser.signIn(server, 'ada')).request('POST', '/sessions/terminate-all');
  const tab = await ada.page.context().newPage();
  await signInWithPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(tab);

  await setTabOffline(ada.page, false);
  await expectOtherUserPage(ada.page);
  await fits(ada.page, 'the page about another signed-in user');
  await audit(ada.page, 'the page about another signed-in user');
  await expect(ada.page.getByText('Den')).toHaveCount(0);
  expect(await outboxSize(ada)).toBe(1);
  // A message of Bob, so that anything sent before it has arrived.
  await new Chat(tab, bob).send('I am Bob');
  await expect(tab.getByRole('article')).toHaveCount(1);
  expect(await messagesOf(bob, lobby)).toEqual(['Bob: I am Bob']);

  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  await ada.page.getByLabel('Username or email').fill('ada');
  await ada.page.getByLabel('Password').fill(PASSWORD);
  await ada.page.getByRole('button', { name: 'Sign in' }).click();
  await ready(ada.page);
  await ada.expectMessages(['I am Bob', 'Only mine']);
  expect(await messagesOf(bob, lobby)).toEqual(['Bob: I am Bob', 'Ada: Only mine']);
  expect(await outboxSize(ada)).toBe(0);
});

test('an offline page closes on reconnect when another user has signed in', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS, statusError(401), statusError(409));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.open(lobby);
  const settings = await ada.page.context().newPage();
  await settings.goto('/settings/profile');
  await ready(settings);
  await setTabOffline(ada.page);
  await setTabOffline(settings);
  const tab = await ada.page.context().newPage();
  await tab.goto('/');
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await signInWithPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await setTabOffline(ada.page, false);
  await expectOtherUserPage(ada.page);
  await setTabOffline(settings, false);
  await expectOtherUserPage(settings);
  await ada.page.getByRole('link', { name: 'Continue as Bob' }).click();
  await expect(ada.title).toHaveText('Lobby');
  await ready(ada.page);
  expect(await messagesOf(bob, lobby)).toEqual([]);
});

/** Actions that make an HTTP request; the WebSocket is replaced by one that sends nothing. */
const backgroundRequests: [string, (chat: Chat) => Promise<void>][] = [
  ['opens a card', (ada) => ada.message('Hello').getByRole('link', { name: 'Ada' }).first().click()],
  ['opens a room', (ada) => ada.link('Den').click()],
];

for (const [what, act] of backgroundRequests) {
  test(`a page of another user that ${what} closes`, async ({ users, consoleGuard }) => {
    consoleGuard.allow(statusError(409));
    const ada = await users.newUser('Ada');
    const bob = await users.signUp('Bob');
    const lobby = await bob.lobby();
    await ada.me.createRoom('Den');
    await ada.me.send(lobby, 'Hello');
    await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
    await ada.page.goto(`/rooms/${lobby.id}`);
    await hydrated(ada.page);
    await ada.page.context().addCookies(bob.cookies());
    await act(ada);
    await expectOtherUserPage(ada.page);
  });
}

test('a form of another user saves nothing and returns the text', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(409));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.send(lobby, 'Firts');
  await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
  await ada.page.goto(`/rooms/${lobby.id}`);
  await hydrated(ada.page);
  const settings = await ada.page.context().newPage();
  await settings.routeWebSocket('**/api/v1/ws*', () => undefined);
  await settings.goto('/settings/profile');
  await hydrated(settings);
  await ada.chooseAction('Firts', 'Edit');
  await ada.page.context().addCookies(bob.cookies());
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('First of all');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expectOtherUserPage(ada.page);
  await expect(ada.page.getByLabel('Unsent text (copy it to keep it)')).toHaveValue('First of all');
  await audit(ada.page, 'the text that was not saved');
  expect(await messagesOf(bob, lobby)).toEqual(['Ada: Firts']);
  await settings.getByLabel('Bio').fill('Ada, and nobody else');
  await settings.getByRole('button', { name: 'Save profile' }).click();
  await expectOtherUserPage(settings);
  await expect(settings.getByLabel('Unsent text (copy it to keep it)')).toHaveValue('Ada, and nobody else');
  expect(await bob.request('GET', '/users/profile')).toMatchObject({ display_name: 'Bob', bio: '' });
});

test('a page of another user cannot sign anyone out', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(409));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
  await ada.page.goto('/');
  await hydrated(ada.page);
  await ada.page.context().addCookies(bob.cookies());
  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await expectOtherUserPage(ada.page);
  // The session of Bob is still valid.
  await ada.page.goto('/');
  await hydrated(ada.page);
  await expect(ada.page.getByText('@bob')).toBeVisible();
});
