import { ready } from '../support/chat';
import { statusError } from '../support/console-guard';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

test('a user creates a room and is its member', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.showRooms();
  await ada.rooms.getByRole('link', { name: 'New room' }).click();
  await expect(ada.title).toHaveText('New room');
  await ada.page.getByLabel('Name').fill('Workshop');
  await ada.page.getByLabel('Topic').fill('What we are making');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.title).toHaveText('Workshop');
  await expect(ada.page.getByText('No messages yet')).toBeVisible();
  await ada.send('The first word');
  await ada.expectMessages(['The first word']);
  await ada.showRooms();
  await expect(ada.link('Workshop')).toBeVisible();
});

test('a user finds a public room, joins it and reads its history', async ({ users }) => {
  const ada = await users.signUp('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.createRoom('Workshop', { topic: 'What we are making' });
  await ada.send(room, 'Said before Bob came');
  await bob.open(await bob.me.lobby());
  await bob.browse();
  await bob.page.getByRole('button', { name: 'Join Workshop' }).click();
  await expect(bob.title).toHaveText('Workshop');
  await bob.expectMessages(['Said before Bob came']);
  await bob.send('Here I am');
  await bob.expectMessages(['Said before Bob came', 'Here I am']);
  await bob.showRooms();
  await expect(bob.link('Workshop')).toBeVisible();
});

test('a link to a public room offers to join it', async ({ users }) => {
  const ada = await users.signUp('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.createRoom('Workshop');
  await ada.send(room, 'Said before Bob came');
  await bob.open(room);
  await expect(bob.page.getByText('Said before Bob came')).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Join Workshop' }).click();
  await bob.expectMessages(['Said before Bob came']);
});

test('a private room is neither found nor listed for non-members', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  const ada = await users.signUp('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.createRoom('Surprise for Bob', { visibility: 'private', topic: 'He must not know' });
  await ada.send(room, 'Saturday at six');
  const response = await bob.page.goto(`/rooms/${room.id}`);
  await ready(bob.page);
  expect(response?.status()).toBe(404);
  await expect(bob.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  expect(await bob.page.content()).not.toContain('Surprise');
  const nowhere = await bob.page.goto('/rooms/01890000-0000-7000-8000-000000000001');
  expect(nowhere?.status()).toBe(404);
  await expect(bob.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  await ready(bob.page);
  await bob.page.goto('/rooms');
  await ready(bob.page);
  await expect(bob.page.getByRole('main').getByRole('listitem')).toHaveText([/Lobby/]);
  expect(await bob.page.content()).not.toContain('Surprise');
});

test('a user added to a private room sees it at once and can send', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Den', { visibility: 'private' });
  await ada.me.send(room, 'Quiet here');
  await bob.page.goto('/rooms');
  await ready(bob.page);
  await expect(bob.link('Den')).toHaveCount(0);
  await ada.open(room);
  await ada.page.getByRole('link', { name: '1 member' }).click();
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.removeButton('Bob')).toBeVisible();
  await expect(bob.link('Den')).toBeVisible();
  await bob.goTo('Den');
  await bob.expectMessages(['Quiet here']);
  await bob.send('Not any more');
  await bob.expectMessages(['Quiet here', 'Not any more']);
});

test('adding a user who left invites them and reports it', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Den', { visibility: 'private' });
  await ada.me.addMembers(room, bob);
  await bob.request('POST', `/rooms/${room.id}/leave`);
  await ada.open(room);
  await ada.page.getByRole('link', { name: '1 member' }).click();
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByText('Invitation sent.')).toBeVisible();
  await expect(ada.page.getByLabel('Username')).toHaveValue('');
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.page.getByRole('button', { name: 'Add', exact: true })).toBeVisible();
  await expect(ada.page.getByText('Invitation sent.')).toHaveCount(0);
});

test('removing a member asks first', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Den');
  await ada.me.addMembers(room, await users.signUp('Bob'), await users.signUp('Cleo'));
  await ada.open(room);
  await ada.page.getByRole('link', { name: '3 members' }).click();
  await ada.removeButton('Bob').dblclick();
  await ada.removeButton('Bob').click();
  await expect(ada.page.getByText('Remove Bob from this room?')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ada.page.getByRole('link', { name: '2 members' })).toBeVisible();
  await expect(ada.removeButton('Bob')).toHaveCount(0);
  await expect(ada.removeButton('Cleo')).toBeVisible();
});

test('the members of the Lobby are fixed, so nothing offers to change them', async ({ users, server }) => {
  const admin = await users.open(await ApiUser.signIn(server, 'admin'));
  await users.signUp('Bob');
  await admin.page.goto(`/rooms/${(await admin.me.lobby()).id}/members`);
  await ready(admin.page);
  await expect(admin.page.getByRole('complementary').getByText('@bob')).toBeVisible();
  await expect(admin.page.locator('summary')).toHaveCount(0);
  await expect(admin.page.getByRole('button', { name: 'Add', exact: true })).toHaveCount(0);
});

test('a pending invitation is shown to who may add members, and can be revoked', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Den');
  await ada.me.addMembers(room, bob);
  await bob.request('POST', `/rooms/${room.id}/leave`);
  await ada.me.addMembers(room, bob);
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ready(ada.page);
  const pending = ada.page.getByRole('region', { name: 'Invited' });
  await expect(pending.getByText('@bob')).toBeVisible();
  await pending.locator('summary').click();
  await pending.getByRole('button', { name: 'Revoke invitation' }).click();
  await expect(pending).toHaveCount(0);
  expect((await bob.request<{ items: unknown[] }>('GET', '/invitations')).items).toEqual([]);
});

test('leaving a room is shown to the other members', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await ada.open(room);
  await bob.open(room);
  await expect(ada.page.getByRole('link', { name: '2 members' })).toBeVisible();
  await bob.page.getByRole('link', { name: '2 members' }).click();
  await bob.leaveRoom();
  await expect(bob.title).toHaveText('Browse rooms');
  await expect(bob.link('Workshop')).toHaveCount(0);
  await expect(ada.page.getByRole('link', { name: '1 member' })).toBeVisible();
  await expect(bob.page.getByRole('button', { name: 'Join Workshop' })).toBeVisible();
});

test('a member removed while viewing a room sees a message and receives no further events', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  const frames: string[] = [];
  bob.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(payload.toString())));
  await ada.open(room);
  await bob.open(room);
  await ada.send('Bob hears this');
  await bob.expectMessages(['Bob hears this']);
  await ada.page.getByRole('link', { name: '2 members' }).click();
  await ada.removeButton('Bob').click();
  await ada.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(bob.page.getByRole('heading', { name: "You're no longer in this room" })).toBeVisible();
  await expect(bob.page.getByText('Bob hears this')).toHaveCount(0);
  await ada.me.send(room, 'Bob does not hear this');
  // The message in the Lobby comes after the one in the room: once it is received, the other would have been too.
  await ada.me.send(await ada.me.lobby(), 'Hello Lobby');
  await expect.poll(() => frames.some((frame) => frame.includes('Hello Lobby'))).toBe(true);
  expect(frames.filter((frame) => frame.includes('Bob does not hear this'))).toEqual([]);
  await bob.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(bob.link('Workshop')).toHaveCount(0);
});

test('a member who is removed and added again goes on in the room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await bob.open(room);
  await ada.me.send(room, 'Before');
  await bob.expectMessages(['Before']);
  await ada.me.request('DELETE', `/rooms/${room.id}/members/${bob.me.id}`);
  await expect(bob.page.getByRole('heading', { name: "You're no longer in this room" })).toBeVisible();
  await ada.me.send(room, 'Meanwhile');
  await ada.me.addMembers(room, bob.me);
  await expect(bob.message('Before')).toBeVisible();
  await ada.me.send(room, 'After');
  await expect(bob.message('After')).toBeVisible();
  await bob.send('Here again');
  await expect(bob.pending).toHaveCount(0);
  await expect(bob.message('Here again')).toBeVisible();
});

test('a guest without rooms who is added to one sees it', async ({ users, server }) => {
  const ingrid = await users.signUp('Ingrid');
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  const guest = await users.open(ingrid);
  await guest.page.goto('/');
  await ready(guest.page);
  await expect(guest.title).toHaveText('No rooms yet');
  const room = await admin.createRoom('Workshop');
  await admin.addMembers(room, ingrid);
  await expect(guest.title).toHaveText('Workshop');
  await admin.request('DELETE', `/rooms/${room.id}/members/${ingrid.id}`);
  await guest.page.getByRole('link', { name: 'Back to your rooms' }).click();
  await expect(guest.title).toHaveText('No rooms yet');
});
