// The room list and what is unread in it: the same with and without JavaScript.
import type { Locator } from '@playwright/test';
import type { Open } from './room-flows';
import { expect, type Users } from './test';

/** The sections of the list with their rooms, from top to bottom. */
export async function sections(chat: { rooms: Locator }): Promise<string[]> {
  const lines = await chat.rooms.locator('h2:visible, ul:not(.sidebar-more):visible .sidebar-link-name').allTextContents();
  return lines.map((line) => line.trim());
}

/** Favorites come first, then what is unread, then the other rooms, and direct messages last. */
export async function arrangesRooms(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const cleo = await users.signUp('Cleo');
  const attic = await ada.me.createRoom('Attic');
  const cellar = await ada.me.createRoom('Cellar');
  await ada.me.createRoom('Den');
  await ada.me.addMembers(cellar, bob);
  for (const other of [bob, cleo]) await ada.me.request('POST', '/rooms/direct', { user_ids: [other.id] });
  await open(ada.page, `/rooms/${attic.id}/details`);
  await ada.page.getByRole('button', { name: 'Add to favorites' }).click();
  await expect(ada.page.getByRole('button', { name: 'Remove from favorites' })).toBeVisible();
  await bob.send(cellar, 'Hello');
  const direct = await bob.request<{ id: string }>('POST', '/rooms/direct', { user_ids: [ada.me.id] });
  await bob.request('POST', `/rooms/${direct.id}/messages`, { body: 'Psst', client_id: 'a' });
  await open(ada.page, '/people');
  await expect
    .poll(() => sections(ada))
    .toEqual(['Favorites', 'Attic', 'Unread', 'Bob', 'Cellar', 'Rooms', 'Den', 'Lobby', 'Direct messages', 'Cleo']);
  await expect(ada.link('Cellar', 1)).toBeVisible();
  await expect(ada.rooms.getByRole('link', { name: 'Bob 1 unread for you' })).toBeVisible();
  // A muted room is not among the unread ones, and has no count.
  await open(ada.page, `/rooms/${cellar.id}/details`);
  await ada.page.getByLabel('Mute').selectOption('Mute for 1 hour');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Muted until')).toBeVisible();
  await bob.send(cellar, 'Hello again');
  await open(ada.page, '/people');
  await expect.poll(() => sections(ada)).toContain('Direct messages');
  expect((await sections(ada)).indexOf('Cellar')).toBeGreaterThan((await sections(ada)).indexOf('Rooms'));
  await expect(ada.link('Cellar', 0)).toBeVisible();
}

/** Everything is marked read, and that is undone. */
export async function marksEverythingRead(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const attic = await ada.me.createRoom('Attic');
  await ada.me.addMembers(attic, bob);
  await bob.sendMany(attic, 3);
  await bob.send(await bob.lobby(), 'Hello');
  await open(ada.page, '/rooms/mine');
  await expect(ada.link('Attic', 3)).toBeVisible();
  await ada.page.getByRole('button', { name: 'Mark everything as read' }).click();
  await expect(ada.page.getByText('Marked everything as read.')).toBeVisible();
  for (const room of ['Attic', 'Lobby']) await expect(ada.link(room, 0)).toBeVisible();
  await ada.page.getByRole('button', { name: 'Undo' }).click();
  await expect(ada.link('Attic', 3)).toBeVisible();
  await expect(ada.link('Lobby', 1)).toBeVisible();
}

/** A member who was removed, and one who left, are back as they were. */
export async function undoesRemovals(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const cellar = await ada.me.createRoom('Cellar', { visibility: 'private' });
  await ada.me.addMembers(cellar, bob.me);
  await ada.me.request('PUT', `/rooms/${cellar.id}/members/${bob.me.id}`, { role: 'moderator' });
  await open(ada.page, `/rooms/${cellar.id}/members`);
  await ada.removeButton('Bob').click();
  await ada.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ada.page.getByText('Member removed.')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Undo' }).click();
  await expect(ada.page.getByRole('listitem').filter({ hasText: '@bob' })).toContainText('moderator');
  await open(bob.page, `/rooms/${cellar.id}/members`);
  await bob.leaveRoom();
  await expect(bob.page.getByText('You left the room.')).toBeVisible();
  await expect(bob.link('Cellar')).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Undo' }).click();
  await expect(bob.title).toHaveText('Cellar');
}
