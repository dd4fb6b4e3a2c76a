import { ready } from '../support/chat';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

test('someone makes a room, and is in it', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.open(await ada.me.lobby());
  await ada.showRooms();
  await ada.rooms.getByRole('link', { name: 'New room' }).click();
  await expect(ada.title).toHaveText('New room');
  await ada.page.getByLabel('Name').fill('Workshop');
  await ada.page.getByLabel('Topic').fill('What we are making');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.title).toHaveText('Workshop');
  await expect(ada.page.getByText('Nothing has been said here yet')).toBeVisible();
  await ada.say('The first word');
  await ada.shows(['The first word']);
  await ada.showRooms();
  await expect(ada.link('Workshop')).toBeVisible();
});

test('someone finds a public room, joins it, and reads what was said before', async ({ people }) => {
  const ada = await people.signUp('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.makeRoom('Workshop', { topic: 'What we are making' });
  await ada.say(room, 'Said before Bob came');
  await bob.open(await bob.me.lobby());
  await bob.browse();
  await bob.page.getByRole('button', { name: 'Join Workshop' }).click();
  await expect(bob.title).toHaveText('Workshop');
  await bob.shows(['Said before Bob came']);
  await bob.say('Here I am');
  await bob.shows(['Said before Bob came', 'Here I am']);
  await bob.showRooms();
  await expect(bob.link('Workshop')).toBeVisible();
});

test('a link to a public room shows the way in', async ({ people }) => {
  const ada = await people.signUp('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.makeRoom('Workshop');
  await ada.say(room, 'Said before Bob came');
  await bob.open(room);
  await expect(bob.page.getByText('Said before Bob came')).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Join Workshop' }).click();
  await bob.shows(['Said before Bob came']);
});

test('a private room is not found by a stranger, and not listed', async ({ people, watch }) => {
  watch.allow(answered(404));
  const ada = await people.signUp('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.makeRoom('Surprise for Bob', { visibility: 'private', topic: 'He must not know' });
  await ada.say(room, 'Saturday at six');
  const answer = await bob.page.goto(`/rooms/${room.id}`);
  await ready(bob.page);
  expect(answer?.status()).toBe(404);
  await expect(bob.page.getByRole('heading', { name: 'Nothing lives here' })).toBeVisible();
  expect(await bob.page.content()).not.toContain('Surprise');
  const nowhere = await bob.page.goto('/rooms/01890000-0000-7000-8000-000000000001');
  expect(nowhere?.status()).toBe(404);
  await expect(bob.page.getByRole('heading', { name: 'Nothing lives here' })).toBeVisible();
  await ready(bob.page);
  await bob.page.goto('/rooms');
  await ready(bob.page);
  await expect(bob.page.getByText('You are in every open room')).toBeVisible();
  expect(await bob.page.content()).not.toContain('Surprise');
});

test('someone who is brought into a private room sees it at once, and can speak', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.me.makeRoom('Den', { visibility: 'private' });
  await ada.me.say(room, 'Quiet here');
  await bob.page.goto('/rooms');
  await ready(bob.page);
  await expect(bob.link('Den')).toHaveCount(0);
  await ada.open(room);
  await ada.page.getByRole('link', { name: '1 person' }).click();
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByRole('button', { name: 'Remove Bob' })).toBeVisible();
  await expect(bob.link('Den')).toBeVisible();
  await bob.goTo('Den');
  await bob.shows(['Quiet here']);
  await bob.say('Not any more');
  await bob.shows(['Quiet here', 'Not any more']);
});

test('someone who left is invited, and who adds them is told so', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const room = await ada.me.makeRoom('Den', { visibility: 'private' });
  await ada.me.bring(room, bob);
  await bob.call('POST', `/rooms/${room.id}/leave`);
  await ada.open(room);
  await ada.page.getByRole('link', { name: '1 person' }).click();
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByText('Invited; they decide.')).toBeVisible();
  await expect(ada.page.getByLabel('Username')).toHaveValue('');
});

test('someone leaves a room, and those who stay see it', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.me.makeRoom('Workshop');
  await ada.me.bring(room, bob.me);
  await ada.open(room);
  await bob.open(room);
  await expect(ada.page.getByRole('link', { name: '2 people' })).toBeVisible();
  await bob.page.getByRole('link', { name: '2 people' }).click();
  await bob.page.getByRole('button', { name: 'Leave room' }).click();
  await expect(bob.title).toHaveText('Browse rooms');
  await expect(bob.link('Workshop')).toHaveCount(0);
  await expect(ada.page.getByRole('link', { name: '1 person' })).toBeVisible();
  await expect(bob.page.getByRole('button', { name: 'Join Workshop' })).toBeVisible();
});

test('someone who is removed while looking is told so, and hears nothing more', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.me.makeRoom('Workshop');
  await ada.me.bring(room, bob.me);
  const frames: string[] = [];
  bob.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(payload.toString())));
  await ada.open(room);
  await bob.open(room);
  await ada.say('Bob hears this');
  await bob.shows(['Bob hears this']);
  await ada.page.getByRole('link', { name: '2 people' }).click();
  await ada.page.getByRole('button', { name: 'Remove Bob' }).click();
  await expect(bob.page.getByRole('heading', { name: 'You are no longer in this room' })).toBeVisible();
  await expect(bob.page.getByText('Bob hears this')).toHaveCount(0);
  await ada.me.say(room, 'Bob does not hear this');
  // The Lobby is heard after the room: by then anything said in the room would have come.
  await ada.me.say(await ada.me.lobby(), 'Hello Lobby');
  await expect.poll(() => frames.some((frame) => frame.includes('Hello Lobby'))).toBe(true);
  expect(frames.filter((frame) => frame.includes('Bob does not hear this'))).toEqual([]);
  await bob.page.getByRole('link', { name: 'Browse rooms' }).first().click();
  await expect(bob.link('Workshop')).toHaveCount(0);
});
