import { expect, test } from '../../support/test';

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

test('without JavaScript an empty message shows an error and changes nothing', async ({ users }) => {
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
  expect(await other.text()).toContain('your text was not sent');
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
