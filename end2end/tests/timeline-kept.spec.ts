// What a reader holds survives whatever arrives: a selection, the focus, a caret, what is open.
import type { Locator } from '@playwright/test';
import { type Chat, ready } from '../support/chat';
import { NETWORK_ERRORS } from '../support/console-guard';
import { type Users, expect, test } from '../support/test';
import { waitUntilIdle } from '../support/timeline';
import type { ApiUser, Message, Room } from '../support/user';

interface Scene {
  ada: Chat;
  bob: ApiUser;
  carla: ApiUser;
  room: Room;
  said: { author: ApiUser; message: Message }[];
}

/** A room with groups of several authors; Ada has blocked Carla. */
async function openRoom(users: Users): Promise<Scene> {
  const ada = await users.newUser('Ada');
  const [bob, carla] = [await users.signUp('Bob'), await users.signUp('Carla')];
  const room = await bob.createRoom('Den');
  await bob.addMembers(room, ada.me, carla);
  await ada.me.block(carla);
  const said = [];
  for (const author of [bob, bob, ada.me, ada.me, ada.me, carla, carla, carla, bob, bob, bob, ada.me, bob]) {
    said.push({ author, message: await author.send(room, `${author.name} says number ${said.length + 1}`) });
  }
  await ada.open(room);
  await expect(ada.message('Bob says number 13')).toBeInViewport();
  return { ada, bob, carla, room, said };
}

interface Held {
  /** The message whose neighbours change. */
  text: string;
  hold: (chat: Chat) => Promise<void>;
  expectHeld: (chat: Chat) => Promise<void>;
}

const editor = (chat: Chat): Locator => chat.page.getByRole('textbox', { name: 'Edit message' });
const caret = (box: Locator) => box.evaluate((area: HTMLTextAreaElement) => [area.selectionStart, area.selectionEnd]);

/** Types a text, and puts the caret into the middle of it. */
async function typeHalf(chat: Chat, box: Locator): Promise<void> {
  // A form that has just opened puts the caret to the end.
  await expect(box).toBeFocused();
  await box.fill('Half of a sentence');
  await chat.page.keyboard.press('Control+Home');
  for (let step = 0; step < 4; step += 1) await chat.page.keyboard.press('ArrowRight');
}

async function expectHalfTyped(box: Locator): Promise<void> {
  await expect(box).toHaveValue('Half of a sentence');
  await expect(box).toBeFocused();
  expect(await caret(box)).toEqual([4, 4]);
}

/** Remembers an element, to tell it from one that takes its place. */
async function focusAndRemember(element: Locator): Promise<void> {
  await element.evaluate((element: HTMLElement) => {
    element.focus();
    Object.assign(window, { remembered: element });
  });
}

async function expectRememberedFocused(chat: Chat): Promise<void> {
  expect(await chat.page.evaluate(() => document.activeElement === (window as { remembered?: Element }).remembered)).toBe(true);
}

const held: Record<string, Held> = {
  'selected text': {
    text: 'Bob says number 10',
    hold: async (chat) => {
      await chat.message('Bob says number 10').locator('.prose p').evaluate((paragraph) => {
        getSelection()?.setBaseAndExtent(paragraph.firstChild!, 4, paragraph.firstChild!, 15);
      });
    },
    expectHeld: async (chat) => {
      expect(await chat.page.evaluate(() => getSelection()?.toString())).toBe('says number');
      const row = await chat.page.evaluate(() => getSelection()?.anchorNode?.parentElement?.closest('article')?.textContent);
      expect(row).toContain('Bob says number 10');
    },
  },
  'a half-typed edit and its caret': {
    text: 'Ada says number 4',
    hold: async (chat) => {
      await chat.chooseAction('Ada says number 4', 'Edit');
      await typeHalf(chat, editor(chat));
    },
    expectHeld: (chat) => expectHalfTyped(editor(chat)),
  },
  'a half-typed message and its caret': {
    text: 'Bob says number 13',
    hold: (chat) => typeHalf(chat, chat.composer),
    expectHeld: (chat) => expectHalfTyped(chat.composer),
  },
  'the focus on a message': {
    text: 'Bob says number 10',
    hold: (chat) => focusAndRemember(chat.message('Bob says number 10')),
    expectHeld: expectRememberedFocused,
  },
  'the focus on an action of a message': {
    text: 'Ada says number 4',
    hold: (chat) => focusAndRemember(chat.message('Ada says number 4').getByRole('link', { name: 'Edit', includeHidden: true })),
    expectHeld: expectRememberedFocused,
  },
  'an opened message of a blocked user': {
    text: 'Carla says number 7',
    hold: async (chat) => {
      const row = chat.message('Carla says number 7');
      await row.locator('summary').click();
      await expect(row.locator('.prose')).toBeVisible();
    },
    expectHeld: async (chat) => {
      await expect(chat.message('Carla says number 7').locator('.prose')).toBeVisible();
      await expect(chat.timeline.locator('details[open]')).toHaveCount(1);
    },
  },
  'an open profile card': {
    text: 'Bob says number 9',
    hold: async (chat) => {
      await chat.message('Bob says number 9').getByRole('link', { name: 'Bob' }).click();
      await expect(chat.page.getByRole('dialog', { name: 'Bob' }).getByRole('link', { name: 'Block this person…' })).toBeVisible();
    },
    expectHeld: async (chat) => {
      await expect(chat.page.getByRole('dialog', { name: 'Bob' }).getByRole('link', { name: 'Block this person…' })).toBeVisible();
    },
  },
  'a question before something is deleted': {
    text: 'Ada says number 4',
    hold: async (chat) => {
      await chat.chooseAction('Ada says number 4', 'Delete');
      await focusAndRemember(chat.page.getByRole('button', { name: 'Delete message' }));
    },
    expectHeld: async (chat) => {
      await expect(chat.page.getByRole('dialog')).toContainText('Ada says number 4');
      await expectRememberedFocused(chat);
    },
  },
  'an open menu of the room': {
    text: 'Bob says number 10',
    hold: async (chat) => {
      await chat.page.getByRole('link', { name: /members$/ }).click();
      await chat.page.locator('summary', { hasText: 'Leave room' }).click();
      await focusAndRemember(chat.page.getByRole('button', { name: 'Leave room' }));
    },
    expectHeld: async (chat) => {
      await expect(chat.page.getByRole('button', { name: 'Leave room' })).toBeVisible();
      await expectRememberedFocused(chat);
    },
  },
};

const row = (chat: Chat, { seq }: Message): Locator => chat.timeline.locator(`article[data-seq="${seq}"]`);

for (const [what, { text, hold, expectHeld }] of Object.entries(held)) {
  test(`${what}: kept whatever arrives in the room`, async ({ users }) => {
    const { ada, bob, room, said } = await openRoom(users);
    await hold(ada);
    await expectHeld(ada);
    const index = said.findIndex(({ message }) => message.body === text);
    const others = said.filter((_, n) => n !== index);
    for (const { author, message } of others) await author.edit(message, `${message.body}, edited`);
    for (const { message } of others) await expect(row(ada, message).locator('.message-edited')).toHaveCount(1);
    await expectHeld(ada);
    const neighbours = [said[index - 1], said[index + 1]].filter((neighbour) => neighbour !== undefined);
    for (const { author, message } of neighbours) await author.deleteMessage(message);
    for (const { message } of neighbours) await expect(row(ada, message).locator('.message-deleted')).toHaveCount(1);
    await expectHeld(ada);
    const one = await bob.send(room, 'One more');
    await expect(row(ada, one)).toBeAttached();
    await expectHeld(ada);
    await Promise.all([bob.sendAtOnce(room, 100, (n) => `Burst ${n}`), ada.me.sendAtOnce(room, 100, (n) => `From my phone ${n}`)]);
    await expect(ada.rows).toHaveCount(said.length + 201);
    await expectHeld(ada);
  });

  test(`${what}: kept when one is added to another room`, async ({ users }) => {
    const { ada, bob } = await openRoom(users);
    await hold(ada);
    await bob.addMembers(await bob.createRoom('Workshop', { visibility: 'private' }), ada.me);
    await expect(ada.rooms.locator('a', { hasText: 'Workshop' })).toBeAttached();
    await waitUntilIdle(ada);
    await expectHeld(ada);
  });

  test(`${what}: kept when too much was missed to be replayed`, async ({ users, consoleGuard }) => {
    consoleGuard.allow(NETWORK_ERRORS);
    const { ada, bob } = await openRoom(users);
    const lobby = await bob.lobby();
    await hold(ada);
    await ada.page.context().setOffline(true);
    await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
    await bob.sendAtOnce(lobby, 300);
    const reloaded = ada.page.waitForResponse('**/do/read/list-messages');
    await ada.page.context().setOffline(false);
    await ready(ada.page);
    await reloaded;
    await expect(ada.rooms.locator('a', { hasText: 'Lobby' })).toContainText('99+');
    await waitUntilIdle(ada);
    await expectHeld(ada);
  });
}

test('an edit takes the place of the text, in the column of the messages', async ({ users }) => {
  const { ada } = await openRoom(users);
  const text = ada.message('Ada says number 4').locator('.prose');
  const before = await text.boundingBox();
  await ada.chooseAction('Ada says number 4', 'Edit');
  await expect(editor(ada)).toBeFocused();
  const form = await editor(ada).boundingBox();
  expect(form?.x).toBeCloseTo(before?.x ?? 0, 0);
  expect(form?.width).toBeGreaterThanOrEqual(before?.width ?? Infinity);
  await expect(text).toBeHidden();
});

test('a half-typed edit is kept while the message itself is edited elsewhere', async ({ users }) => {
  const { ada, said } = await openRoom(users);
  const message = said[3]!.message;
  await ada.chooseAction('Ada says number 4', 'Edit');
  await typeHalf(ada, editor(ada));
  await ada.me.edit(message, 'Said on another device');
  await expect(row(ada, message).locator('.prose')).toHaveText('Said on another device');
  await expectHalfTyped(editor(ada));
});

test('a half-typed edit is kept while more messages arrive than the page keeps', async ({ users }) => {
  const { ada, bob, room, said } = await openRoom(users);
  await ada.chooseAction('Ada says number 4', 'Edit');
  await typeHalf(ada, editor(ada));
  await bob.sendAtOnce(room, 400, (n) => `Burst ${n}`);
  await expect(ada.page.locator('.jump-to-latest').getByRole('button')).toBeVisible();
  await expect.poll(async () => (await ada.me.request<Room>('GET', `/rooms/${room.id}`)).head).toBe(said.at(-1)!.message.seq + 400);
  await waitUntilIdle(ada);
  await expectHalfTyped(editor(ada));
});

test('an opened message of a blocked user stays open when it is edited', async ({ users }) => {
  const { ada, carla, said } = await openRoom(users);
  const message = said[6]!.message;
  await row(ada, message).locator('summary').click();
  await carla.edit(message, 'Said better');
  await expect(row(ada, message).locator('.prose')).toHaveText('Said better');
  await expect(row(ada, message).locator('.prose')).toBeVisible();
});
