import { hydrated } from '../support/chat';
import { statusError } from '../support/console-guard';
import { archivesAndDeletes, changesSettings, moderates, setsPermissions, type Open, startsConversations } from '../support/room-flows';
import { test } from '../support/test';

const open: Open = async (page, path) => {
  await page.goto(path);
  await hydrated(page);
};

test('the owner of a room changes its settings', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  await changesSettings(users, open);
});

test('the owner of a room archives, restores and deletes it', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  await archivesAndDeletes(users, open);
});

test('the owner of a room decides who may do what', ({ users }) => setsPermissions(users, open));

test('a moderator mutes and bans a member', ({ users }) => moderates(users, open));

test('users write to each other, and in a group', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  await startsConversations(users, open);
});
