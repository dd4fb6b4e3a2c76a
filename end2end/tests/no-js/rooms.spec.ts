import { statusError } from '../../support/console-guard';
import { createRooms } from '../../support/many-rooms';
import { expect, test } from '../../support/test';

test('without JavaScript a user creates a room, and another joins it and leaves it', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  await ada.page.goto('/');
  await ada.page.getByRole('link', { name: 'New room' }).click();
  await ada.page.getByLabel('Name').fill('Workshop');
  await ada.page.getByLabel('Topic').fill('What we are making');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.title).toHaveText('Workshop');
  await expect(ada.link('Workshop')).toBeVisible();
  await expect(ada.page.getByText('What we are making')).toBeVisible();

  await bob.page.goto('/');
  await bob.page.getByRole('link', { name: 'Browse rooms' }).click();
  await bob.page.getByRole('button', { name: 'Join Workshop' }).click();
  await expect(bob.title).toHaveText('Workshop');
  await bob.page.getByRole('link', { name: '2 members' }).click();
  await bob.leaveRoom();
  await expect(bob.title).toHaveText('Browse rooms');
  await expect(bob.link('Workshop')).toHaveCount(0);
});

test('without JavaScript a private room is not found by a non-member until they are added', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  await ada.page.goto('/rooms/new');
  await ada.page.getByLabel('Name').fill('Den');
  await ada.page.getByLabel('Private').check();
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.title).toHaveText('Den');
  const address = ada.page.url();

  const refused = await bob.page.goto(address);
  expect(refused?.status()).toBe(404);
  await expect(bob.page.getByRole('heading', { name: 'Page not found' })).toBeVisible();
  expect(await bob.page.content()).not.toContain('Den');

  await ada.page.getByRole('link', { name: '1 member' }).click();
  await ada.page.getByLabel('Username').fill('nobody');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByLabel('Username')).toHaveValue('nobody');
  await expect(ada.page.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.removeButton('Bob')).toBeVisible();

  await bob.page.goto(address);
  await expect(bob.title).toHaveText('Den');
  await ada.removeButton('Bob').click();
  await ada.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(ada.removeButton('Bob')).toHaveCount(0);
  expect((await bob.page.goto(address))?.status()).toBe(404);
});

test('without JavaScript a user who left a room is invited instead of added', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Den', { visibility: 'private' });
  await ada.me.addMembers(room, bob.me);
  await bob.me.request('POST', `/rooms/${room.id}/leave`);
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ada.page.getByLabel('Username').fill('bob');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByText('Invitation sent.')).toBeVisible();
  await expect(ada.removeButton('Bob')).toHaveCount(0);

  await bob.page.goto('/notifications');
  await expect(bob.page.getByText('Ada invited you to the private room "Den".')).toBeVisible();
  await bob.page.getByRole('button', { name: 'Accept Den' }).click();
  await expect(bob.title).toHaveText('Den');
  await bob.page.goto('/notifications');
  await expect(bob.page.getByRole('button', { name: 'Accept Den' })).toHaveCount(0);
});

test('without JavaScript a taken room name shows an error and keeps the input', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.me.createRoom('Workshop');
  await ada.page.goto('/rooms/new');
  await ada.page.getByLabel('Name').fill('workshop');
  await ada.page.getByLabel('Topic').fill('Another one');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.page.getByText('There is already a public room with that name. Choose another name, or join that room.')).toBeVisible();
  await expect(ada.page.getByLabel('Name')).toHaveValue('workshop');
  await expect(ada.page.getByLabel('Topic')).toHaveValue('Another one');
});

test('without JavaScript a form sent twice creates one room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.page.goto('/rooms/new');
  const key = await ada.page.locator('input[name=key]').inputValue();
  await ada.page.getByLabel('Name').fill('Secret plans');
  await ada.page.getByLabel('Private').check();
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.title).toHaveText('Secret plans');
  const address = ada.page.url();
  // The same form is sent again, as on a double click.
  const again = await ada.page.request.post('/do/create-room', {
    form: { key, name: 'Secret plans', topic: '', private: 'true' },
    headers: { origin: new URL(address).origin, accept: 'text/html' },
  });
  expect(again.url()).toBe(address);
  await ada.page.reload();
  await expect(ada.link('Secret plans')).toHaveCount(1);
});

test('without JavaScript a user of many rooms reaches all of them', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const { project } = await createRooms(ada.me, 50);
  await ada.me.addMembers(project(2), bob);
  await bob.send(project(2), 'Said before');
  await ada.page.goto(`/rooms/${project(5).id}`);
  // What is open or unread is beside the page, and so is what was joined last.
  for (const name of ['Project 002', 'Project 005', 'Project 050']) await expect(ada.link(name)).toBeVisible();
  await expect(ada.link('Project 001')).toHaveCount(0);
  await ada.rooms.getByRole('link', { name: 'All 51 rooms' }).click();
  await expect(ada.title).toHaveText('Your rooms');
  await ada.page.getByRole('main').getByRole('link', { name: 'Project 001' }).click();
  await expect(ada.title).toHaveText('Project 001');
});
