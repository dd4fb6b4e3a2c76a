import { expect, test } from '../../support/test';

test('without JavaScript two people talk', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  await ada.say('Good **morning**');
  await expect(ada.words).toHaveText(['Good morning']);
  await bob.page.goto('/');
  await expect(bob.words).toHaveText(['Good morning']);
  await bob.say('Good morning, Ada');
  await expect(bob.words).toHaveText(['Good morning', 'Good morning, Ada']);
  await ada.page.reload();
  await expect(ada.words).toHaveText(['Good morning', 'Good morning, Ada']);
});

test('without JavaScript someone edits and deletes what they said', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.page.goto('/');
  await ada.say('Lunch at twelve');
  await ada.say('Said too soon');
  await ada.message('Lunch').hover();
  await ada.message('Lunch').getByRole('link', { name: 'Edit' }).click();
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await expect(box).toHaveValue('Lunch at twelve');
  await box.fill('Lunch at one');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.words).toHaveText(['Lunch at one', 'Said too soon']);
  await expect(ada.message('Lunch')).toContainText('edited');
  const remove = async () => {
    await ada.message('Said too soon').hover();
    await ada.message('Said too soon').getByRole('link', { name: 'Delete' }).click();
  };
  await remove();
  await ada.page.getByRole('link', { name: 'Keep it' }).or(ada.page.getByRole('button', { name: 'Keep it' })).click();
  await expect(ada.words).toHaveText(['Lunch at one', 'Said too soon']);
  await remove();
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  await expect(ada.words).toHaveText(['Lunch at one', 'This message was deleted.']);
});

test('without JavaScript an empty message says what is missing, and changes nothing', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto('/');
  await ada.composer.fill('   ');
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.page.getByText('Write something first.')).toBeVisible();
  const message = await ada.me.say(lobby, 'Keep me');
  await ada.page.goto(`/rooms/${lobby.id}/messages/${message.id}/edit`);
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('  ');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Write something first.')).toBeVisible();
  expect(await ada.me.messages(lobby)).toMatchObject([{ body: 'Keep me' }]);
});

test('without JavaScript a message that is sent twice by going back is said once', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const id = await ada.page.locator('.composer input[name=client_id]').inputValue();
  await ada.say('Once');
  await expect(ada.words).toHaveText(['Once']);
  // The browser sends the very same form again, as it does when someone reloads the answer to it.
  const again = await ada.page.request.post('/do/send-message', {
    form: { room_id: lobby.id, client_id: id, body: 'Once' },
    headers: { origin: new URL(ada.page.url()).origin, accept: 'text/html' },
  });
  expect(again.ok()).toBe(true);
  await ada.page.reload();
  await expect(ada.words).toHaveText(['Once']);
});

test('without JavaScript other words in a form that was sent before are not swallowed', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.page.goto(`/rooms/${lobby.id}`);
  const id = await ada.page.locator('.composer input[name=client_id]').inputValue();
  await ada.say('Once');
  await expect(ada.words).toHaveText(['Once']);
  // The browser draws a page anew when someone goes back to it; whatever keeps an old one sends its form like this.
  const other = await ada.page.request.post('/do/send-message', {
    form: { room_id: lobby.id, client_id: id, body: 'Something else' },
    headers: { origin: new URL(ada.page.url()).origin, accept: 'text/html' },
  });
  expect(await other.text()).toContain('your text was not sent');
  await ada.page.reload();
  await expect(ada.words).toHaveText(['Once']);
});

test('without JavaScript a long room is read page by page, back and forth', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 120);
  await ada.page.goto('/');
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `Line ${from + n}`);
  await expect(ada.words).toHaveText(lines(71, 120));
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.words).toHaveText(lines(21, 70));
  await ada.page.getByRole('link', { name: 'Older messages' }).click();
  await expect(ada.words).toHaveText(lines(1, 20));
  await expect(ada.page.getByText('This is where Lobby begins')).toBeVisible();
  await ada.page.getByRole('link', { name: 'Newer messages' }).click();
  await expect(ada.words).toHaveText(lines(21, 70));
  await ada.page.getByRole('link', { name: 'Jump to latest' }).click();
  await expect(ada.words).toHaveText(lines(71, 120));
});

test('without JavaScript what is unread is counted, marked, and marked as read', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.talk(lobby, 3);
  await ada.me.makeRoom('Workshop');
  await ada.page.goto('/rooms');
  await expect(ada.link('Lobby', 3)).toBeVisible();
  await ada.link('Lobby', 3).click();
  await expect(ada.page.getByText('New', { exact: true })).toBeVisible();
  await ada.page.getByRole('button', { name: 'Mark as read' }).click();
  await expect(ada.words).toHaveText(['Line 1', 'Line 2', 'Line 3']);
  await expect(ada.link('Lobby', 0)).toBeVisible();
  await expect(ada.page.getByRole('button', { name: 'Mark as read' })).toHaveCount(0);
});
