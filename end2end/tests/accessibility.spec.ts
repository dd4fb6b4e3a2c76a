import { audit, fits } from '../support/accessibility';
import { hydrated, ready } from '../support/chat';
import { NETWORK_ERRORS, statusError } from '../support/console-guard';
import { expect, test } from '../support/test';

const SAMPLE_MESSAGES = [
  'Plain words, a [link](https://example.org/) and `code`.',
  '## A heading\n\n- one\n- two\n\n1. first\n2. second\n\n> quoted',
  '```rust\nfn main() { println!("a line that is much longer than any phone is wide, and then some more"); }\n```',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n~~gone~~ **strong** *soft*',
  'averyverylongwordwithoutanybreak'.repeat(12),
  `https://example.org/${'path/'.repeat(40)}`,
];

test('the auth pages are accessible', async ({ page, users, consoleGuard }) => {
  consoleGuard.allow(statusError(401), statusError(422));
  await users.signUp('Mara');
  for (const path of ['/sign-in', '/sign-up']) {
    await page.goto(path);
    await hydrated(page);
    await fits(page, path);
    await audit(page, path);
  }
  await page.getByLabel('Username').fill('a');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Username must be at least 2 characters.')).toBeVisible();
  await fits(page, 'a failed sign-up');
  await audit(page, 'a failed sign-up');
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await audit(page, 'a failed sign-in');
});

test('a room is accessible with any message content', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await ada.me.lobby();
  const room = await ada.me.createRoom('Workshop', { topic: 'A topic that is rather long, so that it has to be cut off somewhere on the way' });
  await ada.me.addMembers(room, bob);
  await ada.open(room);
  await fits(ada.page, 'an empty room');
  await audit(ada.page, 'an empty room');
  for (const text of SAMPLE_MESSAGES) await bob.send(room, text);
  const deleted = await ada.me.send(room, 'To be deleted');
  await ada.me.deleteMessage(deleted);
  await ada.me.edit(await ada.me.send(room, 'Firts'), 'First');
  await bob.send(lobby, 'Unread in the Lobby');
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.message(/^First$/)).toBeVisible();
  await fits(ada.page, 'a full room');
  await audit(ada.page, 'a full room');
  await ada.chooseAction(/^First$/, 'Edit');
  await expect(ada.page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
  await fits(ada.page, 'an edit');
  await audit(ada.page, 'an edit');
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.chooseAction(/^First$/, 'Delete');
  await expect(ada.page.getByRole('dialog')).toBeVisible();
  await fits(ada.page, 'the delete confirmation');
  await audit(ada.page, 'the delete confirmation');
});

test('the pages around the rooms are accessible', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const mine = await ada.me.createRoom('Workshop');
  const message = await ada.me.send(mine, 'Something to change');
  const open = await bob.createRoom('Kitchen', { topic: 'Cake' });
  for (const path of [
    '/rooms',
    '/rooms/new',
    `/rooms/${open.id}`,
    `/rooms/${mine.id}/members`,
    `/rooms/${mine.id}/messages/${message.id}/edit`,
    `/rooms/${mine.id}/messages/${message.id}/delete`,
    '/rooms/nowhere',
    '/nowhere',
  ]) {
    await ada.page.goto(path);
    await hydrated(ada.page);
    await fits(ada.page, path);
    await audit(ada.page, path);
  }
});

test('the offline and removed states are accessible', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await bob.createRoom('Workshop');
  await bob.addMembers(room, ada.me);
  await ada.open(room);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await ada.send('Not sent yet');
  await expect(ada.pending).toHaveCount(1);
  await fits(ada.page, 'offline');
  await audit(ada.page, 'offline');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.expectMessages(['Not sent yet']);
  await bob.removeMember(room, ada.me);
  await expect(ada.page.getByRole('heading', { name: "You're no longer in this room" })).toBeVisible();
  await fits(ada.page, 'removed');
  await audit(ada.page, 'removed');
});
