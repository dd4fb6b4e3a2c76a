import { hydrated } from '../support/chat';
import type { Open } from '../support/room-flows';
import { arrangesRooms, marksEverythingRead, sections, undoesRemovals } from '../support/sidebar-flows';
import { expect, test } from '../support/test';

const open: Open = async (page, path) => {
  await page.goto(path);
  await hydrated(page);
};

test('the list has favorites, unread rooms, other rooms and direct messages', ({ users }) => arrangesRooms(users, open));

test('everything is marked read, and unread again', ({ users }) => marksEverythingRead(users, open));

test('removing a member and leaving are undone', ({ users }) => undoesRemovals(users, open));

test('a room that is marked unread stays unread until it is opened again', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await bob.send(room, 'One');
  await bob.send(room, 'Two');
  await ada.open(room);
  await expect(ada.link('Workshop', 0)).toBeVisible();
  await ada.chooseAction('Two', 'Mark unread');
  await expect(ada.link('Workshop', 1)).toBeVisible();
  await expect(ada.rooms.getByRole('heading', { name: 'Unread' })).toBeVisible();
  await expect(ada.page.getByText('New', { exact: true })).toBeVisible();
  await expect(ada.page).toHaveTitle(/^\(1\) /);
  // What arrives meanwhile does not mark it read.
  await bob.send(room, 'Three');
  await expect(ada.link('Workshop', 2)).toBeVisible();
  await ada.goTo('Lobby');
  await ada.goTo('Workshop');
  await expect(ada.link('Workshop', 0)).toBeVisible();
  await expect(ada.page).toHaveTitle(/^Workshop/);
});

test('the icon of the tab says whether something is unread, and whether it is for the user', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const icon = ada.page.locator('link[rel="icon"]');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await open(ada.page, '/');
  await expect(icon).toHaveAttribute('href', '/favicon.svg');
  await bob.send(room, 'Hello');
  await expect(icon).toHaveAttribute('href', '/favicon-unread.svg');
  const direct = await bob.request<{ id: string }>('POST', '/rooms/direct', { user_ids: [ada.me.id] });
  await bob.request('POST', `/rooms/${direct.id}/messages`, { body: 'Psst', client_id: 'a' });
  await expect(icon).toHaveAttribute('href', '/favicon-for-me.svg');
  for (const path of ['/favicon.svg', '/favicon-unread.svg', '/favicon-for-me.svg']) {
    expect((await ada.page.request.get(path)).status(), path).toBe(200);
  }
});

test('the room that is open stays where it was found', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await bob.send(room, 'Hello');
  await open(ada.page, '/');
  await expect.poll(() => sections(ada)).toEqual(['Unread', 'Workshop', 'Rooms', 'Lobby']);
  const link = await ada.link('Workshop', 1).elementHandle();
  await ada.goTo('Workshop');
  await expect(ada.link('Workshop', 0)).toBeVisible();
  expect(await sections(ada)).toEqual(['Unread', 'Workshop', 'Rooms', 'Lobby']);
  // It is not made again either: a keyboard user would lose the focus.
  expect(await link?.evaluate((element) => element.isConnected)).toBe(true);
  await ada.goTo('Lobby');
  await expect.poll(() => sections(ada)).toEqual(['Rooms', 'Lobby', 'Workshop']);
});
