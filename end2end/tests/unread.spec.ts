import { Chat, ready } from '../support/chat';
import { expect, test } from '../support/test';

test('what is said elsewhere is counted until it is read, in every window', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  const room = await ada.me.makeRoom('Workshop');
  await ada.open(room);
  const second = new Chat(await ada.page.context().newPage(), ada.me);
  await second.open(room);
  await bob.talk(lobby, 3);
  for (const window of [ada, second]) {
    await expect(window.link('Lobby', 3)).toBeVisible();
    await expect(window.page).toHaveTitle(/^\(3\) Workshop/);
  }
  await ada.goTo('Lobby');
  await ada.shows(['Line 1', 'Line 2', 'Line 3']);
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

test('what is said while someone looks is read at once', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.open(lobby);
  await bob.say(lobby, 'Hello');
  await ada.shows(['Hello']);
  await expect
    .poll(async () => (await ada.me.call<{ membership: { unread: number } }>('GET', `/rooms/${lobby.id}`)).membership.unread)
    .toBe(0);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await expect(ada.page.getByText('New', { exact: true })).toHaveCount(0);
});

test('what someone says in one window is not new to them in another', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  const room = await ada.me.makeRoom('Workshop');
  await ada.open(room);
  await ada.me.say(lobby, 'From another device');
  await ada.me.say(room, 'Now here');
  await ada.shows(['Now here']);
  await expect(ada.link('Lobby', 0)).toBeVisible();
});

test('a rendered page already knows what is unread, and where the new begins', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  const room = await ada.me.makeRoom('Workshop');
  await bob.talk(lobby, 70);
  await ada.open(room);
  await expect(ada.link('Lobby', 70)).toBeVisible();
  await bob.talk(lobby, 40, (n) => `More ${n}`);
  await expect(ada.link('Lobby', 110)).toContainText('99+');
});

test('a room with much that is new opens where the new begins', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await ada.me.talk(lobby, 10, (n) => `Old ${n}`);
  await bob.talk(lobby, 35, (n) => `New ${n}`);
  await ada.open(lobby);
  await expect(ada.page.getByText('New', { exact: true })).toBeInViewport();
  await expect(ada.message(/^New 1$/)).toBeInViewport();
  await expect(ada.message(/^Old 10$/)).toBeInViewport();
  await expect(ada.message(/^New 35$/)).not.toBeInViewport();
});
