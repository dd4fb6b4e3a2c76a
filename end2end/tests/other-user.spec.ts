// A page belongs to one person. These are about what becomes of it once somebody else is signed in in the same browser.
import type { CDPSession, Page } from '@playwright/test';
import { audit, fits } from '../support/audit';
import { Chat, hydrated, ready } from '../support/chat';
import { PASSWORD, Person } from '../support/person';
import { enterPassword } from '../support/signins';
import { expect, test } from '../support/test';
import { GONE, answered } from '../support/watch';

/** What was taken away is given back over the same line to the browser. */
const lines = new WeakMap<Page, CDPSession>();

/** Takes the network away from this tab alone, or gives it back. */
async function cutOff(page: Page, offline = true): Promise<void> {
  const browser = lines.get(page) ?? (await page.context().newCDPSession(page));
  lines.set(page, browser);
  await browser.send('Network.enable');
  await browser.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
  if (offline) await expect(page.locator('html')).toHaveAttribute('data-live', 'offline');
}

/** The page is no more, and says why. */
async function ended(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Somebody else is signed in');
  await expect(page.getByText('This page belongs to Ada; you are signed in as Bob.')).toBeVisible();
}

/** Who said what in a room, as anyone in it is told. */
async function said(person: Person, room: { id: string }): Promise<string[]> {
  const { items } = await person.call<{ items: { body: string; author: { display_name: string } }[] }>('GET', `/rooms/${room.id}/messages`);
  return items.map(({ author, body }) => `${author.display_name}: ${body}`);
}

async function waits(chat: Chat): Promise<number> {
  return chat.page.evaluate((id) => Object.keys(localStorage).filter((key) => key.startsWith(`lair.outbox.${id}.`)).length, chat.me.id);
}

test('what someone wrote while cut off is not said by who signs in after them, and is sent as theirs when they are back', async ({ people, server, watch }) => {
  watch.allow(GONE, answered(401), answered(409));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.makeRoom('Den', { visibility: 'private' });
  await ada.open(lobby);
  await cutOff(ada.page);
  await ada.say('Only mine');
  await expect(ada.waiting).toHaveText([/Only mine/]);
  await (await Person.signIn(server, 'ada')).call('POST', '/sessions/terminate-all');
  const tab = await ada.page.context().newPage();
  await enterPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(tab);

  await cutOff(ada.page, false);
  await ended(ada.page);
  await fits(ada.page, 'the page that says that somebody else is signed in');
  await audit(ada.page, 'the page that says that somebody else is signed in');
  await expect(ada.page.getByText('Den')).toHaveCount(0);
  expect(await waits(ada)).toBe(1);
  // Bob speaks, so that whatever else was on its way has come before.
  await new Chat(tab, bob).say('I am Bob');
  await expect(tab.getByRole('article')).toHaveCount(1);
  expect(await said(bob, lobby)).toEqual(['Bob: I am Bob']);

  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  await ada.page.getByLabel('Username or e-mail').fill('ada');
  await ada.page.getByLabel('Password').fill(PASSWORD);
  await ada.page.getByRole('button', { name: 'Sign in' }).click();
  await ready(ada.page);
  await ada.shows(['I am Bob', 'Only mine']);
  expect(await said(bob, lobby)).toEqual(['Bob: I am Bob', 'Ada: Only mine']);
  expect(await waits(ada)).toBe(0);
});

test('a page that was away while its person signed out and somebody else signed in ends when it is back', async ({ people, watch }) => {
  watch.allow(GONE, answered(401), answered(409));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.open(lobby);
  const settings = await ada.page.context().newPage();
  await settings.goto('/settings/profile');
  await ready(settings);
  await cutOff(ada.page);
  await cutOff(settings);
  const tab = await ada.page.context().newPage();
  await tab.goto('/');
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await enterPassword(tab, 'bob');
  await expect(tab.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await cutOff(ada.page, false);
  await ended(ada.page);
  await cutOff(settings, false);
  await ended(settings);
  await ada.page.getByRole('link', { name: 'Go on as Bob' }).click();
  await expect(ada.title).toHaveText('Lobby');
  await ready(ada.page);
  expect(await said(bob, lobby)).toEqual([]);
});

/** Things that a page does without its socket, which here never says anything. */
const asks: [string, (chat: Chat) => Promise<void>][] = [
  ['opens a card', (ada) => ada.message('Hello').getByRole('link', { name: 'Ada' }).first().click()],
  ['opens a room', (ada) => ada.link('Den').click()],
];

for (const [what, ask] of asks) {
  test(`a page of somebody else that ${what} ends`, async ({ people, watch }) => {
    watch.allow(answered(409));
    const ada = await people.arrive('Ada');
    const bob = await people.signUp('Bob');
    const lobby = await bob.lobby();
    await ada.me.makeRoom('Den');
    await ada.me.say(lobby, 'Hello');
    await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
    await ada.page.goto(`/rooms/${lobby.id}`);
    await hydrated(ada.page);
    await ada.page.context().addCookies(bob.cookies());
    await ask(ada);
    await ended(ada.page);
  });
}

test('a form of somebody else saves nothing and gives back what was written', async ({ people, watch }) => {
  watch.allow(answered(409));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.say(lobby, 'Firts');
  await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
  await ada.page.goto(`/rooms/${lobby.id}`);
  await hydrated(ada.page);
  const settings = await ada.page.context().newPage();
  await settings.routeWebSocket('**/api/v1/ws*', () => undefined);
  await settings.goto('/settings/profile');
  await hydrated(settings);
  await ada.act('Firts', 'Edit');
  await ada.page.context().addCookies(bob.cookies());
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('First of all');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await ended(ada.page);
  await expect(ada.page.getByLabel('What was written, to copy')).toHaveValue('First of all');
  await audit(ada.page, 'what was written in vain');
  expect(await said(bob, lobby)).toEqual(['Ada: Firts']);
  await settings.getByLabel('Bio').fill('Ada, and nobody else');
  await settings.getByRole('button', { name: 'Save profile' }).click();
  await ended(settings);
  await expect(settings.getByLabel('What was written, to copy')).toHaveValue('Ada, and nobody else');
  expect(await bob.call('GET', '/users/profile')).toMatchObject({ display_name: 'Bob', bio: '' });
});

test('a page of somebody else signs nobody out', async ({ people, watch }) => {
  watch.allow(answered(409));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  await ada.page.routeWebSocket('**/api/v1/ws*', () => undefined);
  await ada.page.goto('/');
  await hydrated(ada.page);
  await ada.page.context().addCookies(bob.cookies());
  await ada.page.getByRole('button', { name: 'Sign out' }).click();
  await ended(ada.page);
  // The session of Bob is as it was.
  await ada.page.goto('/');
  await hydrated(ada.page);
  await expect(ada.page.getByText('@bob')).toBeVisible();
});
