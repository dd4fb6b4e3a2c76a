import { statusError } from '../../support/console-guard';
import { expect, test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript two users send messages', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  await ada.send('Good **morning**');
  await expect(ada.bodies).toHaveText(['Good morning']);
  await bob.page.goto('/');
  await expect(bob.bodies).toHaveText(['Good morning']);
  await bob.send('Good morning, Ada');
  await expect(bob.bodies).toHaveText(['Good morning', 'Good morning, Ada']);
  await ada.page.reload();
  await expect(ada.bodies).toHaveText(['Good morning', 'Good morning, Ada']);
});

test('without JavaScript a user edits and deletes a message', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.page.goto('/');
  await ada.send('Lunch at twelve');
  await ada.send('Said too soon');
  await ada.message('Lunch').hover();
  await ada.message('Lunch').getByRole('link', { name: 'Edit' }).click();
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await expect(box).toHaveValue('Lunch at twelve');
  await box.fill('Lunch at one');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.bodies).toHaveText(['Lunch at one', 'Said too soon']);
  await expect(ada.message('Lunch')).toContainText('edited');
  const remove = async () => {
    await ada.message('Said too soon').hover();
    await ada.message('Said too soon').getByRole('link', { name: 'Delete' }).click();
  };
  await remove();
  await ada.page.getByRole('link', { name: 'Cancel' }).or(ada.page.getByRole('button', { name: 'Cancel' })).click();
  await expect(ada.bodies).toHaveText(['Lunch at one', 'Said too soon']);
  await remove();
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  await expect(ada.bodies).toHaveText(['Lunch at one', 'This message was deleted.']);
});

test('without JavaScript an empty message shows an error and changes nothing', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto('/');
  await ada.composer.fill('   ');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.page.getByText('Enter a message.')).toBeVisible();
  const message = await ada.me.send(lobby, 'Keep me');
  await ada.page.goto(`/rooms/${lobby.id}/messages/${message.id}/edit`);
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('  ');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Enter a message.')).toBeVisible();
  expect(await ada.me.messages(lobby)).toMatchObject([{ body: 'Keep me' }]);
});

test('without JavaScript a message that is too long is still in the composer, and can be sent shortened', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Before');
  await ada.page.goto(`/rooms/${lobby.id}`);
  // A browser submits two characters for a line break that the field counts as one.
  const longest = `\n</textarea> ${'line &amp;\n'.repeat(1_000)}${'x'.repeat(16_000 - 11_013)}`;
  expect(longest).toHaveLength(16_000);
  await ada.page.locator('.composer textarea').evaluate((area: HTMLTextAreaElement) => area.removeAttribute('maxlength'));
  await ada.composer.fill(`${longest}!`);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.page.getByText('Message must be at most 16000 characters. This has 16001.')).toBeVisible();
  await expect(ada.bodies).toHaveText(['Before']);
  await expect(ada.composer).toHaveValue(`${longest}!`);
  await ada.composer.fill(longest);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.bodies).toHaveCount(2);
  await expect(ada.composer).toHaveValue('');
  expect((await ada.me.messages(lobby)).map(({ body }) => body)).toEqual(['Before', longest]);
});

test('without JavaScript an edit that is too long is still in its form', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  const message = await ada.me.send(lobby, 'As it was');
  await ada.page.goto(`/rooms/${lobby.id}/messages/${message.id}/edit`);
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await box.evaluate((area: HTMLTextAreaElement) => area.removeAttribute('maxlength'));
  const long = `Twice\n${'x'.repeat(16_000)}`;
  await box.fill(long);
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Message must be at most 16000 characters. This has 16006.')).toBeVisible();
  await expect(box).toHaveValue(long);
  await box.fill('Twice\nas long');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.bodies).toHaveText([/Twice\s+as long/]);
  expect(await ada.me.messages(lobby)).toMatchObject([{ body: 'Twice\nas long' }]);
});

test('without JavaScript a message that is sent after the session ended is given back', async ({ server, users, consoleGuard }) => {
  consoleGuard.allow(statusError(401));
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  await ada.composer.fill('A long thought');
  await (await ApiUser.signIn(server, 'ada')).request('POST', '/sessions/terminate-all');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.title).toHaveText('Not sent');
  await expect(ada.page.getByLabel('Unsent text (copy it to keep it)')).toHaveValue('A long thought');
  await expect(ada.page.getByText('Sign in to continue.')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Sign in' }).click();
  await expect(ada.title).toHaveText('Sign in');
});

test('without JavaScript a form sent twice by going back stores one message', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const id = await ada.page.locator('.composer input[name=client_id]').inputValue();
  await ada.send('Once');
  await expect(ada.bodies).toHaveText(['Once']);
  // The same form is sent again, as on a reload of the page after it.
  const again = await ada.page.request.post('/do/send-message', {
    form: { room_id: lobby.id, client_id: id, body: 'Once' },
    headers: { origin: new URL(ada.page.url()).origin, accept: 'text/html' },
  });
  expect(again.ok()).toBe(true);
  await ada.page.reload();
  await expect(ada.bodies).toHaveText(['Once']);
});

test('without JavaScript a reused form with another body shows an error', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const id = await ada.page.locator('.composer input[name=client_id]').inputValue();
  await ada.send('Once');
  await expect(ada.bodies).toHaveText(['Once']);
  // Going back loads the page anew, with a new client_id; a page that was cached before sends its old one, like this.
  const other = await ada.page.request.post('/do/send-message', {
    form: { room_id: lobby.id, client_id: id, body: 'Something else' },
    headers: { origin: new URL(ada.page.url()).origin, accept: 'text/html' },
  });
  expect(other.status()).toBe(409);
  expect(await other.text()).toContain('That page already sent a message');
  expect(await other.text()).toContain('Something else</textarea>');
  await ada.page.reload();
  await expect(ada.bodies).toHaveText(['Once']);
});

test('without JavaScript a long room is paginated in both directions', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 120);
  await ada.page.goto('/');
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `Line ${from + n}`);
  await expect(ada.bodies).toHaveText(lines(71, 120));
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.bodies).toHaveText(lines(21, 70));
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.bodies).toHaveText(lines(1, 20));
  await expect(ada.page.getByText('This is the start of Lobby.')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Newer messages' }).click();
  await expect(ada.bodies).toHaveText(lines(21, 70));
  await expect(ada.message(/^Line 21$/)).toBeInViewport();
  await ada.page.getByRole('link', { name: 'Jump to latest' }).click();
  await expect(ada.bodies).toHaveText(lines(71, 120));
});

test('without JavaScript unread messages are counted, separated by a line, and can be marked as read', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.sendMany(lobby, 3);
  await ada.me.createRoom('Workshop');
  await ada.page.goto('/rooms');
  await expect(ada.link('Lobby', 3)).toBeVisible();
  await ada.link('Lobby', 3).click();
  await expect(ada.page.getByText('New', { exact: true })).toBeVisible();
  await ada.page.getByRole('button', { name: 'Mark as read' }).click();
  await expect(ada.bodies).toHaveText(['Line 1', 'Line 2', 'Line 3']);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Mark as read' })).toHaveCount(0);
});
