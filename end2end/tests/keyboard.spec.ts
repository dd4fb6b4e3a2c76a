import type { Page } from '@playwright/test';
import { hydrated, ready } from '../support/chat';
import { focus, focusShows } from '../support/focus';
import { PASSWORD } from '../support/person';
import { expect, test } from '../support/test';

/** Presses a key until the focus is on what has this name. */
async function travel(page: Page, key: string, to: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press(key);
    const { what } = await focus(page);
    if (to.test(what)) return focusShows(page, `${key} to ${what}`);
    passed.push(what);
  }
  throw new Error(`${key} never came to ${to}; it passed ${passed.join(', ')}`);
}

test('someone signs in, talks, changes their mind and changes rooms without touching a mouse', async ({ page, people }) => {
  const mara = await people.signUp('Mara');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.say(lobby, 'Anyone there?');
  await mara.makeRoom('Workshop');

  await page.goto('/sign-in');
  await hydrated(page);
  await focusShows(page, 'opening the door');
  await page.keyboard.type('mara');
  await travel(page, 'Tab', /^input/);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);

  const composer = page.getByRole('textbox', { name: 'Message Lobby' });
  await expect(composer).toBeFocused();
  await focusShows(page, 'coming in');
  await page.keyboard.type('I am here');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and reading');
  await page.keyboard.press('Enter');
  const words = page.getByRole('log').getByRole('article').locator('.prose, .gone');
  await expect(words).toHaveText(['Anyone there?', /I am here\s+and reading/]);
  await expect(composer).toBeFocused();

  const box = page.getByRole('textbox', { name: 'Edit message' });
  await page.keyboard.press('ArrowUp');
  await expect(box).toBeFocused();
  await focusShows(page, 'arrow up');
  await page.keyboard.type(' carefully');
  await page.keyboard.press('Escape');
  await expect(box).toHaveCount(0);
  await expect(composer).toBeFocused();
  await expect(words).toHaveText(['Anyone there?', /I am here\s+and reading$/]);

  await page.keyboard.press('ArrowUp');
  await expect(box).toBeFocused();
  await page.keyboard.type(' carefully');
  await page.keyboard.press('Enter');
  await expect(words).toHaveText(['Anyone there?', /I am here\s+and reading carefully$/]);
  await expect(composer).toBeFocused();

  await travel(page, 'Shift+Tab', /^(a|button) "Delete"/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await focusShows(page, 'opening the question');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(async () => (await focus(page)).what).toMatch(/"Delete"/);
  await page.keyboard.press('Enter');
  await travel(page, 'Tab', /"Delete message"/);
  await page.keyboard.press('Enter');
  await expect(words).toHaveText(['Anyone there?', 'This message was deleted.']);
  await focusShows(page, 'deleting a message');

  await travel(page, 'Shift+Tab', /^a "Workshop/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  await focusShows(page, 'changing rooms');
  await travel(page, 'Tab', /"Message Workshop"/);
  await page.keyboard.type('On to work');
  await page.keyboard.press('Enter');
  await expect(words).toHaveText(['On to work']);
});

test('the first key leads past the rooms to the conversation', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await ada.page.keyboard.press('Tab');
  await focusShows(ada.page, 'the first Tab');
  expect((await focus(ada.page)).what).toContain('Skip to content');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.press('Tab');
  const inside = await ada.page.evaluate(() => document.activeElement?.closest('main') !== null);
  expect(inside).toBe(true);
});

test('Tab reaches everything in a room, shows where it is, and never gets lost', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.say(lobby, 'Mine, with [a link](https://example.org/)');
  await ada.page.goto(`/rooms/${lobby.id}/members`);
  await ready(ada.page);
  const passed: string[] = [];
  await ada.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await ada.page.keyboard.press('Tab');
  const first = (await focus(ada.page)).what;
  do {
    await focusShows(ada.page, `Tab from ${passed.at(-1) ?? 'the start'}`);
    passed.push((await focus(ada.page)).what);
    expect(passed.length).toBeLessThan(60);
    await ada.page.keyboard.press('Tab');
    // At the end of the page the browser itself takes the focus, once.
    if ((await focus(ada.page)).lost) await ada.page.keyboard.press('Tab');
  } while ((await focus(ada.page)).what !== first);
  for (const stop of ['Lobby', 'Browse rooms', 'New room', 'Sign out', '2 people', 'a link', 'Edit', 'Delete', 'Message Lobby', 'Send', 'Add', 'Leave room']) {
    expect(passed.join('\n')).toContain(stop);
  }
});

test('Escape closes the people pane and gives the focus back', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.open(await ada.me.lobby());
  await travel(ada.page, 'Shift+Tab', /2 people/);
  await ada.page.keyboard.press('Enter');
  const pane = ada.page.getByRole('complementary', { name: 'People' });
  await expect(pane).toBeVisible();
  await focusShows(ada.page, 'opening the people pane');
  await travel(ada.page, 'Tab', /"Close"/);
  await ada.page.keyboard.press('Escape');
  await expect(pane).toBeHidden();
  await focusShows(ada.page, 'closing the people pane');
});

test('messages can be scrolled with the keyboard', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.talk(lobby, 45);
  await ada.open(lobby);
  await ada.timeline.focus();
  // Chromium drops a key that would end a smooth scroll just as it begins.
  const still = await ada.timeline.evaluateHandle((box) => ({
    promise: new Promise((done) => box.addEventListener('scrollend', done, { once: true })),
  }));
  await ada.page.keyboard.press('PageUp');
  await still.evaluate(({ promise }) => promise.then(() => {}));
  await expect(ada.message(/^Line 45$/)).not.toBeInViewport();
  await ada.page.keyboard.press('End');
  await expect(ada.message(/^Line 45$/)).toBeInViewport();
});
