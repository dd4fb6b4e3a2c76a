import { expect, test } from '../support/test';

test('two people talk, and each hears the other at once', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.say('Good morning, Bob');
  await bob.shows(['Good morning, Bob']);
  await bob.say('Good morning, Ada');
  await ada.shows(['Good morning, Bob', 'Good morning, Ada']);
  await bob.shows(['Good morning, Bob', 'Good morning, Ada']);
  await expect(ada.message('Good morning, Ada')).toContainText('Bob');
});

test('when both talk at the same time, everything is there once and in the same order for both', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  const many = async (chat: typeof ada, name: string) => {
    for (let n = 1; n <= 10; n += 1) await chat.say(`${name} ${n}`);
  };
  await Promise.all([many(ada, 'Ada says'), many(bob, 'Bob says')]);
  await expect.poll(async () => (await ada.me.lobby()).head).toBe(20);
  const said = (await ada.me.messages(lobby)).map((message) => message.body);
  expect([...said].sort()).toEqual(['Ada', 'Bob'].flatMap((name) => Array.from({ length: 10 }, (_, n) => `${name} says ${n + 1}`)).sort());
  await ada.shows(said);
  await bob.shows(said);
});

test('what was said is drawn as written: emphasis, lists, code and links', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.open(await ada.me.lobby());
  await ada.say('It is **done**, see [the notes](https://example.org/notes):\n\n- one\n- two\n\n```sh\nmake run\n```');
  await expect(ada.waiting).toHaveCount(0);
  const row = ada.message('It is done');
  await expect(row.locator('strong', { hasText: 'done' })).toBeVisible();
  await expect(row.getByRole('listitem')).toHaveText(['one', 'two']);
  await expect(row.locator('pre')).toHaveText('make run');
  const link = row.getByRole('link', { name: 'the notes' });
  await expect(link).toHaveAttribute('href', 'https://example.org/notes');
  await expect(link).toHaveAttribute('rel', /noopener/);
});

test('what is said in two rooms stays in its room', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const room = await ada.me.makeRoom('Workshop');
  await ada.me.bring(room, bob.me);
  await ada.open(room);
  await bob.open(await bob.me.lobby());
  await bob.say('In the Lobby');
  await ada.say('In the Workshop');
  await ada.shows(['In the Workshop']);
  await bob.shows(['In the Lobby']);
  await ada.goTo('Lobby');
  await ada.shows(['In the Lobby']);
  await bob.goTo('Workshop');
  await bob.shows(['In the Workshop']);
});

test('what was begun in one room waits there, and is not carried into another', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.me.makeRoom('Workshop');
  await ada.open(await ada.me.lobby());
  await ada.composer.fill('Half a sentence');
  await ada.goTo('Workshop');
  await expect(ada.composer).toHaveValue('');
  await ada.goTo('Lobby');
  await expect(ada.composer).toHaveValue('Half a sentence');
  await ada.page.reload();
  await expect(ada.composer).toHaveValue('Half a sentence');
});
