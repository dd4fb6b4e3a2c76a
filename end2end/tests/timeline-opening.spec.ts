// Where a room opens: at what is unread, where one left it, or at its end.
import { PHONE } from '../support/browser';
import { type Chat, ready } from '../support/chat';
import { type Users, expect, test } from '../support/test';
import { drift, expectGapless, firstVisible, scroll, waitUntilIdle, waitUntilStill } from '../support/timeline';
import type { ApiUser, Room } from '../support/user';

const screens = {
  'on a desktop': {},
  'on a phone': { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
};

const unreadLine = (chat: Chat) => chat.timeline.getByText('New', { exact: true });
const jumpButton = (chat: Chat) => chat.page.getByRole('button', { name: /^(Jump to latest|\d+ new messages?)$/ });

/** A room where Ada has read up to "Old 30", and then has this many unread messages. */
async function createUnread(users: Users, unread: number, screen = {}): Promise<{ ada: Chat; bob: ApiUser; lobby: Room }> {
  const ada = await users.newUser('Ada', screen);
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.sendMany(lobby, 30, (n) => `Old ${n}`);
  await bob.sendMany(lobby, unread, (n) => `New ${n}`);
  return { ada, bob, lobby };
}

/** Checks that the line is in view, between the last read and the first unread message. */
async function expectAtUnreadLine(chat: Chat): Promise<void> {
  await waitUntilIdle(chat);
  await expect(unreadLine(chat)).toBeInViewport();
  await expect(chat.message(/^Old 30$/)).toBeInViewport();
  await expect(chat.message(/^New 1$/)).toBeInViewport();
  const top = async (row: ReturnType<Chat['message']>) => (await row.boundingBox())?.y ?? Infinity;
  expect(await top(chat.message(/^Old 30$/))).toBeLessThan(await top(unreadLine(chat)));
  expect(await top(unreadLine(chat))).toBeLessThan(await top(chat.message(/^New 1$/)));
}

for (const [where, screen] of Object.entries(screens)) {
  test(`${where} a room with more unread messages than a page opens at the first of them`, async ({ users }) => {
    const { ada, lobby } = await createUnread(users, 120, screen);
    await ada.page.goto(`/rooms/${lobby.id}`);
    await expectAtUnreadLine(ada);
    await ready(ada.page);
    await expectAtUnreadLine(ada);
    await expect(ada.message(/^New 120$/)).toHaveCount(0);
    await expectGapless(ada);
    // What is below is not read yet.
    await expect(jumpButton(ada)).toBeVisible();
    const { membership } = await ada.me.request<{ membership: { unread: number } }>('GET', `/rooms/${lobby.id}`);
    // More than 99.
    expect(membership.unread).toBe(100);
  });

  test(`${where} a room opened from the list starts at the first unread message`, async ({ users }) => {
    const { ada } = await createUnread(users, 120, screen);
    await ada.open(await ada.me.createRoom('Workshop'));
    await ada.goTo('Lobby');
    await expectAtUnreadLine(ada);
  });

  test(`${where} "Jump to latest" leads to the end, which is read then`, async ({ users }) => {
    const { ada, lobby } = await createUnread(users, 120, screen);
    await ada.open(lobby);
    await expectAtUnreadLine(ada);
    await jumpButton(ada).click();
    await expect(ada.message(/^New 120$/)).toBeInViewport();
    await expect(jumpButton(ada)).toBeHidden();
    await expectGapless(ada);
    await expect
      .poll(async () => (await ada.me.request<{ membership: { unread: number } }>('GET', `/rooms/${lobby.id}`)).membership.unread)
      .toBe(0);
    // What comes next is shown as it comes.
    await ada.me.send(lobby, 'Next');
    await expect(ada.message('Next')).toBeInViewport();
    await expectGapless(ada);
  });
}

test('the address of the latest messages opens the end of a room', async ({ users }) => {
  const { ada, lobby } = await createUnread(users, 120);
  await ada.page.goto(`/rooms/${lobby.id}?latest=1`);
  await ready(ada.page);
  await waitUntilIdle(ada);
  await expect(ada.message(/^New 120$/)).toBeInViewport();
  await expect(jumpButton(ada)).toBeHidden();
  expect(await expectGapless(ada)).toMatchObject({ last: lobby.head + 150 });
});

test('a room without unread messages opens at its end', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 70);
  await ada.open(lobby);
  await waitUntilIdle(ada);
  await expect(ada.message(/^Line 70$/)).toBeInViewport();
  await expect(unreadLine(ada)).toHaveCount(0);
  await expect(jumpButton(ada)).toBeHidden();
});

const returns: [string, (chat: Chat, room: Room) => Promise<unknown>][] = [
  ['a reload', (chat) => chat.page.reload()],
  [
    'a visit to another room',
    async (chat) => {
      await chat.goTo('Workshop');
      await chat.goTo('Lobby');
    },
  ],
  [
    'a visit to the settings and the back button',
    async (chat) => {
      await chat.page.goto('/settings/profile');
      await chat.page.goBack();
    },
  ],
  [
    'another room and the back button',
    async (chat) => {
      await chat.goTo('Workshop');
      await chat.page.goBack();
    },
  ],
];

for (const [how, leave] of returns) {
  test(`after ${how} the messages are where they were, in the middle of what is unread`, async ({ users }) => {
    const { ada, lobby } = await createUnread(users, 120);
    await ada.me.createRoom('Workshop');
    await ada.open(lobby);
    await expectAtUnreadLine(ada);
    for (let turn = 0; turn < 2; turn += 1) await scroll(ada, 700);
    const position = await firstVisible(ada);
    expect(position.seq).toBeGreaterThan(lobby.head + 40);
    await leave(ada, lobby);
    await expect(ada.title).toHaveText('Lobby');
    await ready(ada.page);
    await expect.poll(() => drift(ada, position)).toBeLessThanOrEqual(2);
    await waitUntilIdle(ada);
    expect(await drift(ada, position)).toBeLessThanOrEqual(2);
    await expectGapless(ada);
  });
}

test('a reader who leaves at the end finds the end again, with what came meanwhile', async ({ users }) => {
  const { ada, bob, lobby } = await createUnread(users, 60);
  await ada.open(lobby);
  await jumpButton(ada).click();
  await expect(ada.message(/^New 60$/)).toBeInViewport();
  await waitUntilStill(ada);
  await ada.page.goto('about:blank');
  await bob.sendMany(lobby, 3, (n) => `Meanwhile ${n}`);
  await ada.open(lobby);
  await waitUntilIdle(ada);
  await expect(ada.message('Meanwhile 3')).toBeInViewport();
  await expect(unreadLine(ada)).toBeInViewport();
  expect((await expectGapless(ada)).last).toBe(lobby.head + 93);
});
