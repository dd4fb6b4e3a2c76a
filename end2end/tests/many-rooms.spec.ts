import { ready } from '../support/chat';
import { expect, test } from '../support/test';
import type { ApiUser, Room } from '../support/user';

/** Rooms `Project 001` and so on; more than the server draws beside a page. */
async function createRooms(user: ApiUser, count: number): Promise<Room[]> {
  const rooms: Room[] = [];
  for (let n = 1; n <= count; n += 1) rooms.push(await user.createRoom(`Project ${String(n).padStart(3, '0')}`));
  return rooms;
}

test('of many rooms all are in the list, in order, and their unread messages are counted', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const rooms = await createRooms(ada.me, 70);
  await ada.me.addMembers(rooms[9], bob);
  await bob.send(rooms[9], 'Said before');
  await ada.open(rooms[29]);
  // On a phone the list is another page.
  const isBeside = await ada.rooms.isVisible();
  await ada.showRooms();
  const names = ada.rooms.locator('.sidebar-link-name');
  await expect(names).toHaveText([await ada.me.lobby(), ...rooms].map((room) => room.name));
  await expect(ada.link('Project 010', 1)).toBeVisible();
  // The room that is open is where it was drawn at first, in view.
  if (isBeside) await expect(ada.rooms.locator('[aria-current="page"]')).toBeInViewport({ ratio: 1 });

  await ada.me.addMembers(rooms[19], bob);
  await bob.send(rooms[19], 'Said now');
  await expect(ada.link('Project 020', 1)).toBeVisible();
  await ada.goTo('Project 010');
  await expect(ada.page).toHaveTitle(/^\(1\) Project 010/);
  await ada.showRooms();
  await expect(ada.link('Project 010', 0)).toBeVisible();
});

test('the page of all rooms has each of them, and finds one by its name', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const rooms = await createRooms(ada.me, 45);
  await ada.open(rooms[0]);
  await ada.showRooms();
  await ada.rooms.getByRole('link', { name: 'All 46 rooms' }).click();
  await expect(ada.title).toHaveText('Your rooms');
  await ready(ada.page);
  await expect(ada.page.getByRole('main').getByRole('listitem')).toHaveCount(46);
  await ada.page.getByRole('searchbox', { name: 'Name of a room' }).fill('project 04');
  await ada.page.keyboard.press('Enter');
  const found = ada.page.getByRole('main').getByRole('listitem');
  await expect(found).toHaveCount(6);
  await found.getByRole('link', { name: 'Project 042' }).click();
  await expect(ada.title).toHaveText('Project 042');
});
