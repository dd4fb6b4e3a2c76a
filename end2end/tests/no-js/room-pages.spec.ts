import { statusError } from '../../support/console-guard';
import { archivesAndDeletes, changesSettings, moderates, setsPermissions, type Open, startsConversations } from '../../support/room-flows';
import { test } from '../../support/test';

const open: Open = async (page, path) => {
  await page.goto(path);
};

test('without JavaScript the owner of a room changes its settings', ({ users }) => changesSettings(users, open));

test('without JavaScript the owner of a room archives, restores and deletes it', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  await archivesAndDeletes(users, open);
});

test('without JavaScript the owner of a room decides who may do what', ({ users }) => setsPermissions(users, open));

test('without JavaScript a moderator mutes and bans a member', ({ users }) => moderates(users, open));

test('without JavaScript users write to each other, and in a group', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  await startsConversations(users, open);
});
