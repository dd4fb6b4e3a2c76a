// A row is made by the same function on the server and in the browser: their markup is equal.
import type { Chat } from '../support/chat';
import { solidPng } from '../support/png';
import type { Server } from '../support/server';
import { type Users, expect, test } from '../support/test';
import { seqs, servedRows, shownRows, waitUntilIdle, wheel } from '../support/timeline';
import { ApiUser, type Room } from '../support/user';

const MARKDOWN = [
  'Some *words*, **some** `code`, ~~gone~~, <b>no markup</b> & "quotes" \'too\': https://example.org/?a=1&b=2',
  '> A quote\n>> in a quote\n\nAnd a paragraph',
  '- One\n- Two\n  - Three\n\n1. First\n2. Second\n\n- [ ] To do\n- [x] Done',
  '```rust\nlet a = "<&>";\n```\n\n| A | B |\n|:--|--:|\n| 1 | 2 |',
  '# Title\n\nÄ ß 日本語 🦊 &nbsp; &amp; \u00a0 \u202e end\u202c',
];

interface Scene {
  room: Room;
  owner: ApiUser;
  bob: ApiUser;
  carla: ApiUser;
}

/** A public room of several users; one has a picture, and one a name with all that has to be escaped. */
async function createRoom(users: Users, server: Server): Promise<Scene> {
  const owner = await users.signUp('Olga');
  const bob = await ApiUser.signUp(server, 'bob', `Bob "<b>" & 'Söhne'`);
  const carla = await users.signUp('Carla');
  const room = await owner.createRoom('Den');
  await owner.addMembers(room, bob, carla);
  const form = new FormData();
  form.append('file', new Blob([Uint8Array.from(solidPng())], { type: 'image/png' }), 'me.png');
  const headers = { authorization: `Bearer ${owner.tokens.access_token}` };
  expect((await fetch(`${server.url}/api/v1/users/avatar`, { method: 'POST', headers, body: form })).status).toBeLessThan(300);
  return { room, owner, bob, carla };
}

/** Everything that can be read: groups, room activity, edited and deleted messages, and those of a blocked user; the last is returned. */
async function talk({ room, owner, bob, carla }: Scene, reader: ApiUser, part: string) {
  await owner.sendMany(room, 3, (n) => `${part}: from the owner ${n}`);
  for (const body of MARKDOWN) await bob.send(room, body);
  // Two lines of room activity, each folded of two that come one after the other.
  for (const member of [carla, bob]) await owner.removeMember(room, member);
  for (const member of [carla, bob]) await owner.addMembers(room, member);
  await reader.sendMany(room, 3, (n) => `${part}: from the reader ${n}`);
  await carla.sendMany(room, 2, (n) => `${part}: from somebody blocked ${n}`);
  for (const author of [bob, carla, reader]) {
    const [edited, deleted] = [await author.send(room, 'To be edited'), await author.send(room, 'To be deleted')];
    await author.edit(edited, `${part}: **edited**`);
    await author.deleteMessage(deleted);
  }
  return bob.send(room, `${part}: from Bob, not deleted`);
}

/** Checks that these rows show everything that a row can show. */
async function expectAllKinds(chat: Chat, unread: boolean): Promise<void> {
  const count = (selector: string) => chat.timeline.locator('.rows').locator(selector).count();
  const kinds = ['.day-divider', '.activity', '.first-in-group', '.message:not(.first-in-group)', '.message-edited', '.message-deleted'];
  for (const kind of [...kinds, '.message-blocked .prose', '.message-blocked .message-deleted', 'img.avatar', 'span.avatar', 'pre', 'table']) {
    expect(await count(kind), kind).toBeGreaterThan(0);
  }
  expect(await count('.unread-divider'), 'the unread line').toBe(unread ? 1 : 0);
}

const roles = ['a member', 'the owner', 'a moderator', 'an administrator'] as const;

/** A browser of a user in this role, who has blocked Carla. */
async function openAs(role: (typeof roles)[number], scene: Scene, users: Users, server: Server): Promise<Chat> {
  const admin = await ApiUser.signIn(server, 'admin');
  const rita = await users.signUp('Rita');
  if (role === 'a moderator') await admin.request('PUT', `/admin/users/${rita.id}/role`, { role: 'moderator' });
  const reader = { 'a member': rita, 'the owner': scene.owner, 'a moderator': rita, 'an administrator': admin }[role];
  if (reader !== scene.owner) await scene.owner.addMembers(scene.room, reader);
  await reader.block(scene.carla);
  return users.open(reader);
}

for (const role of roles) {
  test(`the rows that the browser makes for ${role} are those of the server`, async ({ users, server }) => {
    const scene = await createRoom(users, server);
    const reader = await openAs(role, scene, users, server);
    const path = `/rooms/${scene.room.id}`;
    const read = await talk(scene, reader.me, 'Read');
    await reader.me.request('PUT', `${path}/read`, { message_id: read.id });
    await talk(scene, reader.me, 'New');
    await reader.open(await reader.me.lobby());
    const served = await servedRows(reader.page, path);
    expect(served.length).toBeGreaterThan(40);
    // These rows are made in the browser, at once.
    await reader.goTo('Den');
    await expect.poll(() => shownRows(reader)).toEqual(served);
    await expectAllKinds(reader, true);
    const mayDelete = role !== 'a member';
    await expect(reader.rows.filter({ hasText: 'New: from Bob' }).getByRole('link', { name: 'Delete', includeHidden: true })).toHaveCount(mayDelete ? 1 : 0);
  });

  test(`the rows that change before the eyes of ${role} are those of the server`, async ({ users, server }) => {
    const scene = await createRoom(users, server);
    const reader = await openAs(role, scene, users, server);
    const path = `/rooms/${scene.room.id}`;
    await reader.open(scene.room);
    const last = await talk(scene, reader.me, 'Now');
    const expectSame = async () => {
      const written = await reader.me.messages(scene.room);
      expect(written.at(-1)?.seq).toBe(last.seq);
      await expect.poll(() => seqs(reader)).toEqual(written.map(({ seq }) => seq));
      // The server is asked again too: the read marker reaches it a little later.
      await expect(async () => expect(await shownRows(reader)).toEqual(await servedRows(reader.page, path))).toPass({ timeout: 10_000 });
    };
    await expectSame();
    await expectAllKinds(reader, false);
    // Whom the reader blocks, and what the authors are called.
    await reader.me.block(scene.carla, false);
    await expect(reader.timeline.locator('.message-blocked')).toHaveCount(0);
    await expectSame();
    await reader.me.block(scene.bob);
    await scene.bob.request('PUT', '/users/profile', { display_name: 'Robert & Co' });
    await expect(reader.timeline.getByText('Robert & Co').first()).toBeAttached();
    await expect(reader.timeline.locator('.message-blocked').first()).toBeAttached();
    await expectSame();
    // All of them are made anew.
    const shown = await shownRows(reader);
    await reader.goTo('Lobby');
    await reader.goTo('Den');
    await expect.poll(() => shownRows(reader)).toEqual(shown);
  });
}

test('the browser goes on with the rows of the server as they are', async ({ users, server }) => {
  const scene = await createRoom(users, server);
  const reader = await openAs('a moderator', scene, users, server);
  const path = `/rooms/${scene.room.id}`;
  const read = await talk(scene, reader.me, 'Read');
  await reader.me.request('PUT', `${path}/read`, { message_id: read.id });
  await talk(scene, reader.me, 'New');
  // The first page tells the server the clock of the browser.
  await reader.open(await reader.me.lobby());
  const served = await servedRows(reader.page, path);
  await reader.open(scene.room);
  expect(await shownRows(reader)).toEqual(served);
  await expectAllKinds(reader, true);
});

test('rows of loaded pages are joined as if they had been made at once', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendMany(lobby, 80);
  await ada.me.sendMany(lobby, 50);
  await ada.open(lobby);
  await expect(async () => {
    await wheel(ada, -2000);
    await expect.poll(() => seqs(ada), { timeout: 500 }).toHaveLength(130);
  }).toPass();
  await waitUntilIdle(ada);
  const shown = await shownRows(ada);
  expect(shown.filter((row) => row.includes('first-in-group'))).toHaveLength(2);
  await ada.me.createRoom('Workshop');
  await ada.goTo('Workshop');
  await ada.goTo('Lobby');
  await expect.poll(() => shownRows(ada)).toEqual(shown);
});
