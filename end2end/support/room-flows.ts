// What owners and moderators do on the pages of a room: the same with and without JavaScript.
import type { Page } from '@playwright/test';
import { expect, type Users } from './test';

/** Opens a page and waits until it can be used. */
export type Open = (page: Page, path: string) => Promise<void>;

/** The owner changes what the room is called and how it works; members see it. */
export async function changesSettings(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await open(ada.page, `/rooms/${room.id}/settings`);
  await ada.page.getByLabel('Name').fill('  ');
  await ada.page.getByLabel('Emoji').fill('🔨');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByLabel('Name')).toHaveAttribute('aria-invalid', 'true');
  await expect(ada.page.getByLabel('Emoji')).toHaveValue('🔨');
  await ada.page.getByLabel('Name').fill('Forge');
  await ada.page.getByLabel('Topic').fill('What we are making');
  await ada.page.getByLabel('Description').fill('Wear goggles.');
  await ada.page.getByLabel('Slow mode').selectOption('30');
  await ada.page.getByLabel('Member limit').fill('12');
  await ada.page.getByLabel('Keep messages for').selectOption('90');
  await ada.page.getByLabel('Newcomers see earlier messages').uncheck();
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Room settings saved.')).toBeVisible();

  await open(bob.page, `/rooms/${room.id}/settings`);
  await expect(bob.page.getByRole('button', { name: 'Save' })).toHaveCount(0);
  for (const text of ['Wear goggles.', '30 seconds', '12', '90 days', 'Messages sent after they joined']) {
    await expect(bob.page.getByRole('main').getByText(text, { exact: true })).toBeVisible();
  }
  await open(bob.page, `/rooms/${room.id}`);
  await expect(bob.title).toHaveText('Forge');
}

/** The owner archives a room, which is read-only then, restores it, and deletes it. */
export async function archivesAndDeletes(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.send(room, 'Before');
  await open(ada.page, `/rooms/${room.id}/settings`);
  await ada.page.getByText('Archive room', { exact: true }).first().click();
  await ada.page.getByRole('button', { name: 'Archive room' }).click();
  await expect(ada.page.getByText('Room archived.')).toBeVisible();
  await open(ada.page, `/rooms/${room.id}`);
  await expect(ada.page.getByText('This room is archived')).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Send' })).toHaveCount(0);
  await open(ada.page, `/rooms/${room.id}/settings`);
  await ada.page.getByRole('button', { name: 'Restore room' }).click();
  await expect(ada.page.getByText('Room restored.')).toBeVisible();
  await open(ada.page, `/rooms/${room.id}`);
  await expect(ada.page.getByRole('button', { name: 'Send' })).toBeVisible();
  await open(ada.page, `/rooms/${room.id}/settings`);
  await ada.page.getByText('Delete room', { exact: true }).first().click();
  await ada.page.getByRole('button', { name: 'Delete room' }).click();
  await expect(ada.title).toHaveText('Lobby');
  await expect(ada.link('Workshop')).toHaveCount(0);
  expect((await ada.page.goto(`/rooms/${room.id}`))?.status()).toBe(404);
}

/** The owner decides who may do what, and every member sees it. */
export async function setsPermissions(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await open(bob.page, `/rooms/${room.id}/permissions`);
  const sends = bob.page.getByRole('row', { name: /^Send messages/ });
  await expect(sends.getByText('Yes', { exact: true })).toHaveCount(4);
  await open(ada.page, `/rooms/${room.id}/permissions`);
  await ada.page.getByLabel('Send messages').selectOption('Moderators');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Permissions saved.')).toBeVisible();
  await open(bob.page, `/rooms/${room.id}/permissions`);
  await expect(sends.getByText('Yes', { exact: true })).toHaveCount(2);
  await open(bob.page, `/rooms/${room.id}`);
  await expect(bob.page.getByText('Only some members of this room can send messages.')).toBeVisible();
  await expect(bob.page.getByRole('button', { name: 'Send' })).toHaveCount(0);
  await open(ada.page, `/rooms/${room.id}/permissions`);
  await ada.page.getByText('Restore defaults', { exact: true }).first().click();
  await ada.page.getByRole('button', { name: 'Restore defaults' }).click();
  await expect(ada.page.getByText('Defaults restored.')).toBeVisible();
  await open(bob.page, `/rooms/${room.id}`);
  await expect(bob.page.getByRole('button', { name: 'Send' })).toBeVisible();
}

/** The owner makes a moderator, who mutes and bans a member; both are lifted. */
export async function moderates(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const cleo = await users.newUser('Cleo');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me, cleo.me);
  await open(ada.page, `/rooms/${room.id}/members/${bob.me.id}`);
  await ada.page.getByLabel('Role in this room').selectOption('Moderator');
  await ada.page.getByRole('button', { name: 'Change role' }).click();
  await expect(ada.page.getByText('Role changed.')).toBeVisible();

  await open(bob.page, `/rooms/${room.id}/members/${cleo.me.id}`);
  const mute = bob.page.getByRole('region', { name: 'Mute' });
  await mute.getByLabel('Reason').fill('Too loud');
  await mute.getByRole('button', { name: 'Mute' }).click();
  await expect(bob.page.getByText('Muted.', { exact: true })).toBeVisible();
  await open(cleo.page, `/rooms/${room.id}`);
  await expect(cleo.page.getByText("You're muted in this room")).toBeVisible();
  await expect(cleo.page.getByText('Too loud')).toBeVisible();
  await expect(cleo.page.getByRole('button', { name: 'Send' })).toHaveCount(0);
  await open(bob.page, `/rooms/${room.id}/moderation`);
  await bob.page.getByRole('button', { name: 'Lift for Cleo' }).click();
  await expect(bob.page.getByText('Mute lifted.')).toBeVisible();
  await open(cleo.page, `/rooms/${room.id}`);
  await expect(cleo.page.getByRole('button', { name: 'Send' })).toBeVisible();

  await open(bob.page, `/rooms/${room.id}/members/${cleo.me.id}`);
  await bob.page.getByRole('region', { name: 'Ban' }).getByRole('button', { name: 'Ban' }).click();
  await expect(bob.page.getByText('Banned.', { exact: true })).toBeVisible();
  await expect(bob.page.getByRole('region', { name: 'Banned' }).getByText('Cleo')).toBeVisible();
  await open(cleo.page, '/rooms');
  await expect(cleo.link('Workshop')).toHaveCount(0);
  await bob.page.getByRole('button', { name: 'Lift for Cleo' }).click();
  await expect(bob.page.getByText('Ban lifted.')).toBeVisible();
  await open(cleo.page, '/rooms');
  await cleo.page.getByRole('button', { name: 'Join Workshop' }).click();
  await expect(cleo.title).toHaveText('Workshop');
}

/** Two people write to each other, and three in a group. */
export async function startsConversations(users: Users, open: Open): Promise<void> {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const cleo = await users.newUser('Cleo');
  await open(ada.page, '/people/bob');
  await ada.page.getByRole('main').getByRole('button', { name: 'Message' }).click();
  await expect(ada.title).toHaveText('Bob');
  const direct = ada.page.url();
  await ada.send('Hello Bob');
  await open(bob.page, '/');
  await bob.link('Ada').click();
  await expect(bob.page.getByText('Hello Bob')).toBeVisible();

  await open(ada.page, '/messages/new');
  for (const name of ['Bob', 'Cleo']) {
    await ada.page.getByLabel('Name or username').fill(name);
    await ada.page.getByRole('button', { name: 'Search' }).click();
    await ada.page.getByRole('main').getByRole('link', { name: new RegExp(`^${name} `) }).click();
    await expect(ada.page.getByRole('list', { name: 'To' }).getByText(name)).toBeVisible();
  }
  await ada.page.getByRole('button', { name: 'Start conversation' }).click();
  await expect(ada.title).toHaveText('Bob, Cleo');
  await ada.send('Hello both');
  await open(cleo.page, '/');
  await cleo.link('Ada, Bob').click();
  await expect(cleo.page.getByText('Hello both')).toBeVisible();
  expect((await cleo.page.goto(direct))?.status()).toBe(404);
}
