import { expect, test } from '../support/test';

test('an edit is visible to others and labelled as edited', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.send('Lunch at twelve');
  await bob.expectMessages(['Lunch at twelve']);
  await expect(bob.message('Lunch').getByRole('link', { name: 'Edit' })).toHaveCount(0);
  await ada.chooseAction('Lunch at twelve', 'Edit');
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await expect(box).toHaveValue('Lunch at twelve');
  await box.fill('Lunch at **one**');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  for (const chat of [ada, bob]) {
    await chat.expectMessages(['Lunch at one']);
    await expect(chat.message('Lunch')).toContainText('edited');
    await expect(chat.message('Lunch').locator('strong', { hasText: 'one' })).toBeVisible();
  }
});

test('a cancelled edit changes nothing', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.send('As it was');
  await ada.expectMessages(['As it was']);
  await ada.chooseAction('As it was', 'Edit');
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('As it never was');
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.expectMessages(['As it was']);
  await expect(ada.message('As it was')).not.toContainText('edited');
});

test('a deleted message and its body disappear for others', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.send('Said too soon');
  await ada.send('Said in time');
  await bob.expectMessages(['Said too soon', 'Said in time']);
  await ada.chooseAction('Said too soon', 'Delete');
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  for (const chat of [ada, bob]) {
    await chat.expectMessages(['This message was deleted.', 'Said in time']);
    expect(await chat.page.content()).not.toContain('Said too soon');
  }
  await expect(ada.rows.first().getByRole('link', { name: /Edit|Delete/ })).toHaveCount(0);
  expect((await bob.me.messages(lobby))[0]).toMatchObject({ deleted: true, body: '', html: '' });
});

test('deleting a message asks for confirmation', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.send('Worth keeping');
  await ada.expectMessages(['Worth keeping']);
  await ada.chooseAction('Worth keeping', 'Delete');
  await expect(ada.page.getByRole('dialog')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await expect(ada.page.getByRole('dialog')).toBeHidden();
  await ada.expectMessages(['Worth keeping']);
});

test('a room owner can delete messages of others but not edit them', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await ada.open(room);
  await bob.open(room);
  await ada.send('From Ada');
  await bob.send('From Bob');
  await ada.expectMessages(['From Ada', 'From Bob']);
  await expect(bob.message('From Ada').getByRole('link', { name: /Edit|Delete/ })).toHaveCount(0);
  await expect(ada.message('From Bob').getByRole('link', { name: /Edit|Delete/ })).toHaveText(['Delete']);
  await ada.chooseAction('From Bob', 'Delete');
  await ada.page.getByRole('button', { name: 'Delete message' }).click();
  await bob.expectMessages(['From Ada', 'This message was deleted.']);
});

test('a confirmation that is opened again while it is still closing stays open', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.send('Worth keeping');
  await ada.expectMessages(['Worth keeping']);
  await ada.chooseAction('Worth keeping', 'Delete');
  const confirmation = ada.page.getByRole('dialog');
  await expect(confirmation).toBeVisible();
  const link = await ada.message('Worth keeping').getByRole('link', { name: 'Delete', includeHidden: true }).elementHandle();
  // The browser fires the close event in a later task: a quick second key press comes before it.
  await confirmation.evaluate(async (dialog: HTMLDialogElement, link) => {
    const closed = new Promise((done) => dialog.addEventListener('close', done, { once: true }));
    dialog.close();
    (link as HTMLElement).click();
    await closed;
    await new Promise((done) => requestAnimationFrame(done));
  }, link);
  await expect(confirmation).toBeVisible();
});
