import { Chat, ready } from '../support/chat';
import { expect, test } from '../support/test';
import { drift, firstVisible, scroll } from '../support/timeline';

test('messages in other rooms are counted as unread in every window until read', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  const room = await ada.me.createRoom('Workshop');
  await ada.open(room);
  const second = new Chat(await ada.page.context().newPage(), ada.me);
  await second.open(room);
  await bob.sendMany(lobby, 3);
  for (const window of [ada, second]) {
    await expect(window.link('Lobby', 3)).toBeVisible();
    await expect(window.page).toHaveTitle(/^\(3\) Workshop/);
  }
  await ada.goTo('Lobby');
  await ada.expectMessages(['Line 1', 'Line 2', 'Line 3']);
  await expect(ada.page.getByText('New', { exact: true })).toBeVisible();
  for (const window of [ada, second]) {
    await expect(window.link('Lobby', 0)).toBeVisible();
    await expect(window.page).not.toHaveTitle(/\(/);
  }
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await expect(ada.page.getByText('New', { exact: true })).toHaveCount(0);
});

test('messages that arrive in a visible room are read at once', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.open(lobby);
  await bob.send(lobby, 'Hello');
  await ada.expectMessages(['Hello']);
  await expect
    .poll(async () => (await ada.me.request<{ membership: { unread: number } }>('GET', `/rooms/${lobby.id}`)).membership.unread)
    .toBe(0);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await expect(ada.page.getByText('New', { exact: true })).toHaveCount(0);
});

test('own messages from one window are not unread in another', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  const room = await ada.me.createRoom('Workshop');
  await ada.open(room);
  await ada.me.send(lobby, 'From another device');
  await ada.me.send(room, 'Now here');
  await ada.expectMessages(['Now here']);
  await expect(ada.link('Lobby', 0)).toBeVisible();
});

test('a server-rendered page shows the unread counts and the unread line', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  const room = await ada.me.createRoom('Workshop');
  await bob.sendMany(lobby, 70);
  await ada.open(room);
  await expect(ada.link('Lobby', 70)).toBeVisible();
  await bob.sendMany(lobby, 40, (n) => `More ${n}`);
  await expect(ada.link('Lobby', 110)).toContainText('99+');
});

test('a room with many unread messages opens at the unread line', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.sendMany(lobby, 10, (n) => `Old ${n}`);
  await bob.sendMany(lobby, 35, (n) => `New ${n}`);
  await ada.open(lobby);
  await expect(ada.page.getByText('New', { exact: true })).toBeInViewport();
  await expect(ada.message(/^New 1$/)).toBeInViewport();
  await expect(ada.message(/^Old 10$/)).toBeInViewport();
  await expect(ada.message(/^New 35$/)).not.toBeInViewport();
});

test('a room opened from the list is read only as far as it is seen', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  const unread = async () => (await ada.me.request<{ membership: { unread: number } }>('GET', `/rooms/${lobby.id}`)).membership.unread;
  await ada.me.sendMany(lobby, 10, (n) => `Old ${n}`);
  await ada.open(await ada.me.createRoom('Workshop'));
  await bob.sendMany(lobby, 45, (n) => `New ${n}`);
  await ada.goTo('Lobby');
  await expect(ada.message(/^New 1$/)).toBeInViewport();
  await bob.send(lobby, 'One more');
  await expect(ada.page.getByRole('button', { name: '46 new messages' })).toBeVisible();
  expect(await unread()).toBe(46);
});

test('a reader who comes back further up is led to the unread line, and then to the end', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.sendMany(lobby, 45, (n) => `Old ${n}`);
  await ada.open(lobby);
  await scroll(ada, -600);
  const place = await firstVisible(ada);
  await ada.goTo('Browse rooms');
  await bob.sendMany(lobby, 40, (n) => `New ${n}`);
  await ada.goTo('Lobby');
  await expect.poll(() => drift(ada, place)).toBeLessThanOrEqual(2);
  await ada.page.getByRole('button', { name: '40 new messages' }).click();
  await expect(ada.message(/^New 1$/)).toBeInViewport();
  await expect(ada.message(/^Old 45$/)).toBeInViewport();
  await ada.page.locator('.jump-to-latest').getByRole('button').click();
  await expect(ada.message(/^New 40$/)).toBeInViewport();
  await expect(ada.link('Lobby', 0)).toBeVisible();
});
