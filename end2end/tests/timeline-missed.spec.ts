// What a page does that was offline while many messages were sent.
import type { Page } from '@playwright/test';
import { type Chat, ready } from '../support/chat';
import { NETWORK_ERRORS } from '../support/console-guard';
import { expect, test } from '../support/test';
import { drift, expectGapless, firstVisible, scroll, seqs, waitUntilIdle } from '../support/timeline';

/** The WebSockets of a page: their addresses, and the kinds of the frames that they received. */
function recordSockets(page: Page): { url: URL; frames: string[] }[] {
  const sockets: { url: URL; frames: string[] }[] = [];
  page.on('websocket', (socket) => {
    const frames: string[] = [];
    sockets.push({ url: new URL(socket.url()), frames });
    socket.on('framereceived', ({ payload }) => frames.push((JSON.parse(payload.toString()) as { type: string }).type));
  });
  return sockets;
}

async function goOffline(chat: Chat): Promise<void> {
  await chat.page.context().setOffline(true);
  await expect(chat.page.locator('html')).toHaveAttribute('data-live', 'offline');
}

async function goOnline(chat: Chat): Promise<void> {
  await chat.page.context().setOffline(false);
  await ready(chat.page);
}

const latest = (chat: Chat, seq: number) => chat.page.locator(`article[data-seq="${seq}"]`);

test('after 2,000 missed messages a reader at the end sees the newest', async ({ users, consoleGuard }) => {
  test.setTimeout(90_000);
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendMany(lobby, 20);
  const sockets = recordSockets(ada.page);
  await ada.open(lobby);
  await goOffline(ada);
  await bob.sendAtOnce(lobby, 2000, (n) => `Missed ${n}`);
  await goOnline(ada);
  await expect(latest(ada, lobby.head + 2020)).toBeInViewport();
  await waitUntilIdle(ada);
  expect((await expectGapless(ada)).last).toBe(lobby.head + 2020);
  // They were not replayed: the page started again.
  for (const { url } of sockets) expect(Number(url.searchParams.get('max_replay'))).toBeGreaterThan(0);
  expect(sockets.filter(({ frames }) => frames.includes('reset'))).toHaveLength(1);
  const events = sockets.flatMap(({ frames }) => frames).filter((type) => type === 'message.created');
  expect(events.length).toBeLessThan(200);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await bob.send(lobby, 'Live again');
  await expect(ada.message('Live again')).toBeInViewport();
  await expectGapless(ada);
});

test('after 2,000 missed messages a reader further back keeps the place, and jumps to the latest', async ({ users, consoleGuard }) => {
  test.setTimeout(90_000);
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.sendMany(lobby, 120);
  await ada.open(lobby);
  await scroll(ada, -900);
  const position = await firstVisible(ada);
  await goOffline(ada);
  await bob.sendAtOnce(lobby, 2000, (n) => `Missed ${n}`);
  const reloaded = ada.page.waitForResponse('**/do/read/list-messages');
  await goOnline(ada);
  await reloaded;
  await waitUntilIdle(ada);
  expect(await drift(ada, position)).toBeLessThanOrEqual(2);
  await expectGapless(ada);
  await ada.page.getByRole('button', { name: 'Jump to latest' }).click();
  await expect(latest(ada, lobby.head + 2120)).toBeInViewport();
  await waitUntilIdle(ada);
  expect((await expectGapless(ada)).last).toBe(lobby.head + 2120);
});

test('150 missed messages are replayed, and nothing is loaded again', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendMany(lobby, 20);
  const sockets = recordSockets(ada.page);
  await ada.open(lobby);
  await goOffline(ada);
  await bob.sendAtOnce(lobby, 150, (n) => `Missed ${n}`);
  let loads = 0;
  ada.page.on('request', (request) => {
    if (request.url().includes('/do/read/')) loads += 1;
  });
  await goOnline(ada);
  await expect(latest(ada, lobby.head + 170)).toBeInViewport();
  await waitUntilIdle(ada);
  expect(await seqs(ada)).toHaveLength(170);
  await expectGapless(ada);
  expect(loads).toBe(0);
  expect(sockets.flatMap(({ frames }) => frames)).not.toContain('reset');
});

test('a room that was left before 2,000 missed messages opens at the first of them', async ({ users, consoleGuard }) => {
  test.setTimeout(90_000);
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendMany(lobby, 12, (n) => `Seen ${n}`);
  await ada.me.createRoom('Workshop');
  await ada.open(lobby);
  await expect(ada.message(/^Seen 12$/)).toBeInViewport();
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await ada.goTo('Workshop');
  await goOffline(ada);
  await bob.sendAtOnce(lobby, 2000, (n) => `Missed ${n}`);
  await goOnline(ada);
  await expect(ada.link('Lobby', 2000)).toBeVisible();
  await ada.goTo('Lobby');
  await waitUntilIdle(ada);
  await expect(ada.timeline.getByText('New', { exact: true })).toBeInViewport();
  await expect(ada.message(/^Seen 12$/)).toBeInViewport();
  await expect(latest(ada, lobby.head + 13)).toBeInViewport();
  await expectGapless(ada);
});
