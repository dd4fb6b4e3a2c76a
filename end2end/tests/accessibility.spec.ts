import { audit, fits } from '../support/audit';
import { hydrated, ready } from '../support/chat';
import { expect, test } from '../support/test';
import { GONE, answered } from '../support/watch';

const EVERYTHING = [
  'Plain words, a [link](https://example.org/) and `code`.',
  '## A heading\n\n- one\n- two\n\n1. first\n2. second\n\n> quoted',
  '```rust\nfn main() { println!("a line that is much longer than any phone is wide, and then some more"); }\n```',
  '| a | b |\n|---|---|\n| 1 | 2 |\n\n~~gone~~ **strong** *soft*',
  'averyverylongwordwithoutanybreak'.repeat(12),
  `https://example.org/${'path/'.repeat(40)}`,
];

test('everyone can use the door', async ({ page, people, watch }) => {
  watch.allow(answered(401), answered(422));
  await people.signUp('Mara');
  for (const door of ['/sign-in', '/sign-up']) {
    await page.goto(door);
    await hydrated(page);
    await fits(page, door);
    await audit(page, door);
  }
  await page.getByLabel('Username').fill('a');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('The username needs at least 2 characters.')).toBeVisible();
  await fits(page, 'a sign-up gone wrong');
  await audit(page, 'a sign-up gone wrong');
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByLabel('Username or e-mail').fill('mara');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).not.toBeEmpty();
  await audit(page, 'a sign-in gone wrong');
});

test('everyone can use a room, whatever is said in it', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await ada.me.lobby();
  const room = await ada.me.makeRoom('Workshop', { topic: 'A topic that is rather long, so that it has to be cut off somewhere on the way' });
  await ada.me.bring(room, bob);
  await ada.open(room);
  await fits(ada.page, 'an empty room');
  await audit(ada.page, 'an empty room');
  for (const text of EVERYTHING) await bob.say(room, text);
  const taken = await ada.me.say(room, 'Taken back');
  await ada.me.takeBack(taken);
  await ada.me.edit(await ada.me.say(room, 'Firts'), 'First');
  await bob.say(lobby, 'Unread in the Lobby');
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.message(/^First$/)).toBeVisible();
  await fits(ada.page, 'a full room');
  await audit(ada.page, 'a full room');
  await ada.act(/^First$/, 'Edit');
  await expect(ada.page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
  await fits(ada.page, 'an edit');
  await audit(ada.page, 'an edit');
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.act(/^First$/, 'Delete');
  await expect(ada.page.getByRole('dialog')).toBeVisible();
  await fits(ada.page, 'the question before deleting');
  await audit(ada.page, 'the question before deleting');
});

test('everyone can use the pages around the rooms', async ({ people, watch }) => {
  watch.allow(answered(404));
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const mine = await ada.me.makeRoom('Workshop');
  const message = await ada.me.say(mine, 'Something to change');
  const open = await bob.makeRoom('Kitchen', { topic: 'Cake' });
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

test('everyone can tell that they are offline, or no longer in a room', async ({ people, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const room = await bob.makeRoom('Workshop');
  await bob.bring(room, ada.me);
  await ada.open(room);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await ada.say('Not sent yet');
  await expect(ada.waiting).toHaveCount(1);
  await fits(ada.page, 'offline');
  await audit(ada.page, 'offline');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.shows(['Not sent yet']);
  await bob.remove(room, ada.me);
  await expect(ada.page.getByRole('heading', { name: 'You are no longer in this room' })).toBeVisible();
  await fits(ada.page, 'removed');
  await audit(ada.page, 'removed');
});
