import { ready } from '../support/chat';
import { createRooms } from '../support/many-rooms';
import { expect, test } from '../support/test';

test('of many rooms all are in the list, in order, and their unread messages are counted', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  // More than the server draws beside a page.
  const { rooms, project } = await createRooms(ada.me, 70);
  await ada.me.addMembers(project(10), bob);
  await bob.send(project(10), 'Said before');
  await ada.open(project(30));
  // On a phone the list is another page.
  const isBeside = await ada.rooms.isVisible();
  await ada.showRooms();
  const names = ada.rooms.locator('.sidebar-link-name');
  // Above the others is the one with an unread message.
  const others = rooms.filter((room) => room !== project(10));
  await expect(names).toHaveText([project(10), await ada.me.lobby(), ...others].map((room) => room.name));
  await expect(ada.link('Project 010', 1)).toBeVisible();
  // The room that is open is where it was drawn at first, in view.
  if (isBeside) await expect(ada.rooms.locator('[aria-current="page"]')).toBeInViewport({ ratio: 1 });

  await ada.me.addMembers(project(20), bob);
  await bob.send(project(20), 'Said now');
  await expect(ada.link('Project 020', 1)).toBeVisible();
  await ada.goTo('Project 010');
  await expect(ada.page).toHaveTitle(/^\(1\) Project 010/);
  await ada.showRooms();
  await expect(ada.link('Project 010', 0)).toBeVisible();
});

test('the page of all rooms has each of them, and finds one by its name', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const { project } = await createRooms(ada.me, 45);
  await ada.open(project(1));
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
