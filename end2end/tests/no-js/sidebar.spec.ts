import type { Open } from '../../support/room-flows';
import { arrangesRooms, marksEverythingRead, undoesRemovals } from '../../support/sidebar-flows';
import { expect, test } from '../../support/test';

const open: Open = async (page, path) => {
  await page.goto(path);
};

test('without JavaScript the list has favorites, unread rooms, other rooms and direct messages', ({ users }) => arrangesRooms(users, open));

test('without JavaScript everything is marked read, and unread again', ({ users }) => marksEverythingRead(users, open));

test('without JavaScript removing a member and leaving are undone', ({ users }) => undoesRemovals(users, open));

test('without JavaScript a message is marked unread', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await bob.send(room, 'One');
  await bob.send(room, 'Two');
  await ada.page.goto(`/rooms/${room.id}`);
  await ada.page.getByRole('button', { name: 'Mark as read' }).click();
  await expect(ada.link('Workshop', 0)).toBeVisible();
  await ada.chooseAction('Two', 'Mark unread');
  await ada.page.getByRole('button', { name: 'Mark unread' }).click();
  await expect(ada.link('Workshop', 1)).toBeVisible();
  await expect(ada.page.getByText('New', { exact: true })).toBeVisible();
});
