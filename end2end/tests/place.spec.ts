import type { Page } from '@playwright/test';
import { Chat, ready } from '../support/chat';
import { expect, test } from '../support/test';

/** The message at the top of what is in view, and where it stands on the screen. */
async function topmost(chat: Chat): Promise<{ id: string; top: number }> {
  return chat.timeline.evaluate((box) => {
    const edge = box.getBoundingClientRect().top;
    const first = [...box.querySelectorAll('article')].find((row) => row.getBoundingClientRect().top >= edge);
    if (!first) throw new Error('No message is in view.');
    return { id: first.dataset.id ?? '', top: first.getBoundingClientRect().top };
  });
}

/** How far a message is from where it stood. */
function drift(chat: Chat, place: { id: string; top: number }): Promise<number> {
  return chat.page
    .locator(`article[data-id="${place.id}"]`)
    .evaluate((row, top) => Math.abs(row.getBoundingClientRect().top - top), place.top);
}

async function wheel(page: Page, chat: Chat, distance: number): Promise<void> {
  await chat.timeline.hover();
  await page.mouse.wheel(0, distance);
}

/** Scrolls up, and waits until everything has come to rest. */
async function scrollUp(chat: Chat, distance: number): Promise<void> {
  const before = await chat.timeline.evaluate((box) => box.scrollTop);
  await wheel(chat.page, chat, -distance);
  await expect.poll(() => chat.timeline.evaluate((box) => box.scrollTop)).not.toBe(before);
  await rest(chat);
}

/** Waits until nothing is loading and nothing moves. */
async function rest(chat: Chat): Promise<void> {
  await expect(chat.timeline).not.toHaveAttribute('aria-busy');
  await still(chat);
}

/** Waits until looks that are some frames apart see the same. */
async function still(chat: Chat): Promise<void> {
  const look = () =>
    chat.timeline.evaluate(async (box) => {
      const [top, height] = [box.scrollTop, box.scrollHeight];
      for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
      return box.scrollTop === top && box.scrollHeight === height;
    });
  await expect.poll(look).toBe(true);
}

test('a reload keeps the place in a long room', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 120);
  await ada.open(lobby);
  await expect(ada.message(/^Line 120$/)).toBeInViewport();
  await scrollUp(ada, 700);
  const place = await topmost(ada);
  await ada.page.reload();
  await ready(ada.page);
  await expect(ada.page.locator(`article[data-id="${place.id}"]`)).toBeInViewport();
  await expect.poll(() => drift(ada, place)).toBeLessThanOrEqual(2);
});

test('a reload keeps a place that is far back', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 160);
  await ada.open(lobby);
  // Back until the beginning of the room is loaded and in view.
  const beginning = ada.page.getByText('This is where Lobby begins');
  await expect(async () => {
    await wheel(ada.page, ada, -2000);
    await expect(beginning).toBeInViewport({ timeout: 200 });
  }).toPass();
  const place = await topmost(ada);
  await ada.page.reload();
  await ready(ada.page);
  await expect.poll(() => drift(ada, place)).toBeLessThanOrEqual(2);
});

test('older messages come while scrolling up, and what is being read does not move', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  // Rows of different heights, so that a jump would show.
  await ada.me.talk(lobby, 130, (n) => (n % 7 ? `Line ${n}` : `Line ${n}\n\n\`\`\`\n${'x\n'.repeat(n % 5)}\`\`\``));
  await ada.open(lobby);
  let release: (() => void) | undefined;
  await ada.page.route('**/do/history', async (route) => {
    await new Promise<void>((go) => {
      release = go;
    });
    await route.continue();
  });
  for (const loaded of [100, 130]) {
    await expect(async () => {
      await wheel(ada.page, ada, -600);
      await expect.poll(() => release, { timeout: 300 }).toBeDefined();
    }).toPass();
    await still(ada);
    const before = await topmost(ada);
    release?.();
    release = undefined;
    await expect(ada.rows).toHaveCount(loaded);
    expect(await drift(ada, before)).toBeLessThanOrEqual(2);
  }
  const seqs = await ada.rows.evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.seq)));
  expect(seqs).toEqual(Array.from({ length: 130 }, (_, n) => n + 1));
});

test('what is said meanwhile does not move what is being read, and a button leads to it', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 60);
  await ada.open(lobby);
  await scrollUp(ada, 600);
  const place = await topmost(ada);
  await bob.say(lobby, 'News from below');
  const pill = ada.page.getByRole('button', { name: '1 new message' });
  await expect(pill).toBeVisible();
  expect(await drift(ada, place)).toBeLessThanOrEqual(2);
  await pill.click();
  await expect(ada.message('News from below')).toBeInViewport();
  await expect(pill).toBeHidden();
});

test('another room and back: the place is kept', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.makeRoom('Workshop');
  await ada.me.talk(lobby, 80);
  await ada.open(lobby);
  await scrollUp(ada, 700);
  const place = await topmost(ada);
  await ada.goTo('Workshop');
  await ada.goTo('Lobby');
  await expect.poll(() => drift(ada, place)).toBeLessThanOrEqual(2);
});

test('the newest message stays in view while people talk', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 60);
  await ada.open(lobby);
  await bob.talk(lobby, 5, (n) => `Fresh ${n}`);
  await expect(ada.message('Fresh 5')).toBeInViewport();
  await ada.say('I am here too');
  await expect(ada.message('I am here too')).toBeInViewport();
});
