import { expect, test } from '../support/test';

test('messages of two users appear for both at once', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.send('Good morning, Bob');
  await bob.expectMessages(['Good morning, Bob']);
  await bob.send('Good morning, Ada');
  await ada.expectMessages(['Good morning, Bob', 'Good morning, Ada']);
  await bob.expectMessages(['Good morning, Bob', 'Good morning, Ada']);
  await expect(ada.message('Good morning, Ada')).toContainText('Bob');
});

test('messages sent at the same time appear once and in the same order for both users', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  const many = async (chat: typeof ada, name: string) => {
    for (let n = 1; n <= 10; n += 1) await chat.send(`${name} ${n}`);
  };
  await Promise.all([many(ada, 'Ada says'), many(bob, 'Bob says')]);
  await expect.poll(async () => (await ada.me.lobby()).head).toBe(lobby.head + 20);
  const bodies = (await ada.me.messages(lobby)).map((message) => message.body);
  expect([...bodies].sort()).toEqual(['Ada', 'Bob'].flatMap((name) => Array.from({ length: 10 }, (_, n) => `${name} says ${n + 1}`)).sort());
  await ada.expectMessages(bodies);
  await bob.expectMessages(bodies);
});

test('Markdown is rendered: emphasis, lists, code and links', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.send('It is **done**, see [the notes](https://example.org/notes):\n\n- one\n- two\n\n```sh\nmake run\n```');
  await expect(ada.pending).toHaveCount(0);
  const row = ada.message('It is done');
  await expect(row.locator('strong', { hasText: 'done' })).toBeVisible();
  await expect(row.getByRole('listitem')).toHaveText(['one', 'two']);
  await expect(row.locator('pre')).toHaveText('make run');
  const link = row.getByRole('link', { name: 'the notes' });
  await expect(link).toHaveAttribute('href', 'https://example.org/notes');
  await expect(link).toHaveAttribute('rel', /noopener/);
});

test('messages of two rooms stay in their rooms', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob.me);
  await ada.open(room);
  await bob.open(await bob.me.lobby());
  await bob.send('In the Lobby');
  await ada.send('In the Workshop');
  await ada.expectMessages(['In the Workshop']);
  await bob.expectMessages(['In the Lobby']);
  await ada.goTo('Lobby');
  await ada.expectMessages(['In the Lobby']);
  await bob.goTo('Workshop');
  await bob.expectMessages(['In the Workshop']);
});

test('a draft stays in its room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.me.createRoom('Workshop');
  await ada.open(await ada.me.lobby());
  await ada.composer.fill('Half a sentence');
  await ada.goTo('Workshop');
  await expect(ada.composer).toHaveValue('');
  await ada.goTo('Lobby');
  await expect(ada.composer).toHaveValue('Half a sentence');
  await ada.page.reload();
  await expect(ada.composer).toHaveValue('Half a sentence');
});
