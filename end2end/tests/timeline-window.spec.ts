// Of a long room only some messages are in the document; the reader notices nothing of that.
import type { Chat } from '../support/chat';
import { type Users, expect, test } from '../support/test';
import { MAX_ROWS, drift, expectGapless, firstVisible, scroll, seqs, waitUntilIdle, waitUntilStill, wheel } from '../support/timeline';
import type { ApiUser, Room } from '../support/user';

/** So many messages are loaded at once. */
const PAGE = 50;

interface LongRoom {
  ada: Chat;
  bob: ApiUser;
  /** The room before these messages: they follow its head. */
  lobby: Room;
}

/** A room with messages of different heights, so that a jump is detected, of which Ada has read all. */
async function createLongRoom(users: Users, count: number): Promise<LongRoom> {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendAtOnce(lobby, count - 1, (n) => (n % 7 ? `Line ${n}` : `Line ${n}\n\n\`\`\`\n${'x\n'.repeat(n % 5)}\`\`\``));
  await ada.me.send(lobby, 'The last for now');
  return { ada, bob, lobby };
}

/** Holds what is loaded until `release`: meanwhile a test can read where the messages are. */
async function holdPages(chat: Chat): Promise<{ isHeld: () => boolean; release: () => void }> {
  let release: (() => void) | undefined;
  await chat.page.route('**/do/read/list-messages', async (route) => {
    await new Promise<void>((go) => {
      release = go;
    });
    await route.continue();
  });
  return {
    isHeld: () => release !== undefined,
    release: () => {
      release?.();
      release = undefined;
    },
  };
}

/** Scrolls until the next page loads, and checks that nothing on the screen moves; false at the end of the room. */
async function loadNextPage(chat: Chat, pages: Awaited<ReturnType<typeof holdPages>>, distance: number): Promise<boolean> {
  // At the end of the loaded messages the next page may be on its way, and not held yet.
  const atEnd = () =>
    chat.timeline.evaluate((box, up) => {
      const isEnd = up ? box.scrollTop <= box.clientHeight - box.scrollHeight + 1 : box.scrollTop >= 0;
      return isEnd && !box.hasAttribute('aria-busy');
    }, distance < 0);
  while (!pages.isHeld()) {
    if (await atEnd()) return false;
    await wheel(chat, distance);
    await waitUntilStill(chat);
  }
  await waitUntilStill(chat);
  const position = await firstVisible(chat);
  pages.release();
  await waitUntilIdle(chat);
  expect(await drift(chat, position), `how far message ${position.seq} moved`).toBeLessThanOrEqual(2);
  await expectGapless(chat);
  return true;
}

test('a thousand messages are read up to the first and down again, without gaps, and none moves', async ({ users }) => {
  test.setTimeout(120_000);
  const { ada, bob, lobby } = await createLongRoom(users, 1000);
  await ada.open(lobby);
  const pages = await holdPages(ada);
  let loaded = 0;
  while (await loadNextPage(ada, pages, -3000)) loaded += 1;
  expect(loaded).toBe(Math.ceil((lobby.head + 1000) / PAGE) - 1);
  await expect(ada.page.getByText('This is the start of Lobby.')).toBeInViewport();
  expect((await expectGapless(ada)).first).toBe(lobby.head + 1);
  // The newest ones have left the document.
  expect(await seqs(ada)).not.toContain(lobby.head + 1000);
  while (await loadNextPage(ada, pages, 3000));
  await expect(ada.message('The last for now')).toBeInViewport();
  expect((await expectGapless(ada)).last).toBe(lobby.head + 1000);
  await expect(ada.page.locator('.jump-to-latest')).toBeHidden();
  // What arrives now is shown again.
  await bob.send(lobby, 'Live again');
  await expect(ada.message('Live again')).toBeInViewport();
  await expectGapless(ada);
});

test('a reader far back keeps the place while many messages arrive, and comes back to the latest', async ({ users }) => {
  const { ada, bob, lobby } = await createLongRoom(users, 120);
  await ada.open(lobby);
  await scroll(ada, -900);
  const position = await firstVisible(ada);
  await bob.sendAtOnce(lobby, 400, (n) => `News ${n}`);
  await expect.poll(async () => (await seqs(ada)).length).toBeGreaterThan(200);
  const jump = ada.page.locator('.jump-to-latest').getByRole('button');
  await expect(jump).toBeVisible();
  await expect.poll(async () => (await ada.me.lobby()).head).toBe(lobby.head + 520);
  await waitUntilIdle(ada);
  expect(await drift(ada, position)).toBeLessThanOrEqual(2);
  await expectGapless(ada);
  await jump.click();
  await expect(ada.page.locator(`article[data-seq="${lobby.head + 520}"]`)).toBeInViewport();
  await waitUntilIdle(ada);
  expect((await expectGapless(ada)).last).toBe(lobby.head + 520);
});

test('at the end of a room the oldest messages leave the document while others arrive', async ({ users }) => {
  const { ada, bob, lobby } = await createLongRoom(users, 60);
  await ada.open(lobby);
  for (let burst = 1; burst <= 2; burst += 1) {
    await bob.sendAtOnce(lobby, 300, (n) => `News ${burst}.${n}`);
    const newest = lobby.head + 60 + burst * 300;
    await expect(ada.page.locator(`article[data-seq="${newest}"]`)).toBeInViewport();
    await waitUntilIdle(ada);
    expect((await expectGapless(ada)).last).toBe(newest);
  }
  expect((await seqs(ada)).length).toBeLessThanOrEqual(MAX_ROWS);
  // They are loaded again for those who scroll back.
  const { first } = await expectGapless(ada);
  await expect(async () => {
    await wheel(ada, -4000);
    expect((await seqs(ada))[0]).toBeLessThan(first);
  }).toPass();
  await waitUntilIdle(ada);
  await expectGapless(ada);
});
