import { ready } from '../support/chat';
import { expect, test } from '../support/test';
import { drift, firstVisible, scroll, waitUntilIdle, waitUntilStill, wheel } from '../support/timeline';

test('a reload keeps the scroll position in a long room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 120);
  await ada.open(lobby);
  await expect(ada.message(/^Line 120$/)).toBeInViewport();
  await scroll(ada, -700);
  const position = await firstVisible(ada);
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.page.locator(`article[data-seq="${position.seq}"]`)).toBeInViewport();
  await expect.poll(() => drift(ada, position)).toBeLessThanOrEqual(2);
});

test('a reload keeps a scroll position that is far back', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 160);
  await ada.open(lobby);
  // Scroll up until the beginning of the room is loaded and in view.
  const beginning = ada.page.getByText('This is the start of Lobby.');
  await expect(async () => {
    await wheel(ada, -2000);
    await expect(beginning).toBeInViewport({ timeout: 200 });
  }).toPass();
  // It comes into view while the wheel is still scrolling.
  await waitUntilIdle(ada);
  const position = await firstVisible(ada);
  await ada.page.reload();
  await ready(ada.page);
  await expect.poll(() => drift(ada, position)).toBeLessThanOrEqual(2);
});

test('older messages load while scrolling up, and the visible ones do not move', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  // Rows of different heights, so that a jump is detected.
  await ada.me.sendMany(lobby, 130, (n) => (n % 7 ? `Line ${n}` : `Line ${n}\n\n\`\`\`\n${'x\n'.repeat(n % 5)}\`\`\``));
  await ada.open(lobby);
  let release: (() => void) | undefined;
  await ada.page.route('**/do/read/list-messages', async (route) => {
    await new Promise<void>((go) => {
      release = go;
    });
    await route.continue();
  });
  for (const loaded of [100, 130]) {
    await expect(async () => {
      await wheel(ada, -600);
      await expect.poll(() => release, { timeout: 300 }).toBeDefined();
    }).toPass();
    await waitUntilStill(ada);
    const before = await firstVisible(ada);
    release?.();
    release = undefined;
    await expect(ada.rows).toHaveCount(loaded);
    expect(await drift(ada, before)).toBeLessThanOrEqual(2);
  }
  const seqs = await ada.rows.evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.seq)));
  expect(seqs).toEqual(Array.from({ length: 130 }, (_, n) => lobby.head + n + 1));
});

test('new messages do not move the visible ones, and a button jumps to them', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 60);
  await ada.open(lobby);
  await scroll(ada, -600);
  const position = await firstVisible(ada);
  await bob.send(lobby, 'News from below');
  const jumpButton = ada.page.getByRole('button', { name: '1 new message' });
  await expect(jumpButton).toBeVisible();
  expect(await drift(ada, position)).toBeLessThanOrEqual(2);
  await jumpButton.click();
  await expect(ada.message('News from below')).toBeInViewport();
  await expect(jumpButton).toBeHidden();
});

test('switching rooms and back keeps the scroll position', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.createRoom('Workshop');
  await ada.me.sendMany(lobby, 80);
  await ada.open(lobby);
  await scroll(ada, -700);
  const position = await firstVisible(ada);
  await ada.goTo('Workshop');
  await ada.goTo('Lobby');
  await expect.poll(() => drift(ada, position)).toBeLessThanOrEqual(2);
});

test('the newest message stays in view while others send', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 60);
  await ada.open(lobby);
  await bob.sendMany(lobby, 5, (n) => `Fresh ${n}`);
  await expect(ada.message('Fresh 5')).toBeInViewport();
  await ada.send('I am here too');
  await expect(ada.message('I am here too')).toBeInViewport();
});
