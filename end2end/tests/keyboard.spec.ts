import type { Page } from '@playwright/test';
import { hydrated, ready } from '../support/chat';
import { expectFocusVisible, focus } from '../support/focus';
import { expect, test } from '../support/test';
import { PASSWORD } from '../support/user';

/** Presses a key until the element with this name has the focus. */
async function pressUntilFocused(page: Page, key: string, to: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press(key);
    const { what } = await focus(page);
    if (to.test(what)) return expectFocusVisible(page, `${key} to ${what}`);
    passed.push(what);
  }
  throw new Error(`${key} never reached ${to}; it passed ${passed.join(', ')}`);
}

test('signing in, sending, editing, deleting and switching rooms work with the keyboard alone', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  await bob.send(lobby, 'Anyone there?');
  await mara.createRoom('Workshop');

  await page.goto('/sign-in');
  await hydrated(page);
  await expectFocusVisible(page, 'opening the sign-in page');
  await page.keyboard.type('mara');
  await pressUntilFocused(page, 'Tab', /^input/);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);

  const composer = page.getByRole('textbox', { name: 'Message Lobby' });
  await expect(composer).toBeFocused();
  await expectFocusVisible(page, 'signing in');
  await page.keyboard.type('I am here');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('and reading');
  await page.keyboard.press('Enter');
  const bodies = page.getByRole('log').getByRole('article').locator('.prose, .message-deleted');
  await expect(bodies).toHaveText(['Anyone there?', /I am here\s+and reading/]);
  await expect(composer).toBeFocused();

  const box = page.getByRole('textbox', { name: 'Edit message' });
  await page.keyboard.press('ArrowUp');
  await expect(box).toBeFocused();
  await expectFocusVisible(page, 'arrow up');
  await page.keyboard.type(' carefully');
  await page.keyboard.press('Escape');
  await expect(box).toHaveCount(0);
  await expect(composer).toBeFocused();
  await expect(bodies).toHaveText(['Anyone there?', /I am here\s+and reading$/]);

  await page.keyboard.press('ArrowUp');
  await expect(box).toBeFocused();
  await page.keyboard.type(' carefully');
  await page.keyboard.press('Enter');
  await expect(bodies).toHaveText(['Anyone there?', /I am here\s+and reading carefully$/]);
  await expect(composer).toBeFocused();

  await pressUntilFocused(page, 'Shift+Tab', /^(a|button) "Delete"/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await expectFocusVisible(page, 'opening the confirmation');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect.poll(async () => (await focus(page)).what).toMatch(/"Delete"/);
  await page.keyboard.press('Enter');
  await pressUntilFocused(page, 'Tab', /"Delete message"/);
  await page.keyboard.press('Enter');
  await expect(bodies).toHaveText(['Anyone there?', 'This message was deleted.']);
  await expectFocusVisible(page, 'deleting a message');

  await pressUntilFocused(page, 'Shift+Tab', /^a "Workshop/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  await expectFocusVisible(page, 'changing rooms');
  await pressUntilFocused(page, 'Tab', /"Message Workshop"/);
  await page.keyboard.type('On to work');
  await page.keyboard.press('Enter');
  await expect(bodies).toHaveText(['On to work']);
});

test('the first Tab stop skips to the content', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await ada.page.keyboard.press('Tab');
  await expectFocusVisible(ada.page, 'the first Tab');
  expect((await focus(ada.page)).what).toContain('Skip to content');
  await ada.page.keyboard.press('Enter');
  await ada.page.keyboard.press('Tab');
  const inside = await ada.page.evaluate(() => document.activeElement?.closest('main') !== null);
  expect(inside).toBe(true);
});

test('Tab reaches everything in a room with a visible focus', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Mine, with [a link](https://example.org/)');
  await ada.page.goto(`/rooms/${lobby.id}/members`);
  await ready(ada.page);
  const passed: string[] = [];
  await ada.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await ada.page.keyboard.press('Tab');
  const first = (await focus(ada.page)).what;
  do {
    await expectFocusVisible(ada.page, `Tab from ${passed.at(-1) ?? 'the start'}`);
    passed.push((await focus(ada.page)).what);
    expect(passed.length).toBeLessThan(60);
    await ada.page.keyboard.press('Tab');
    // After the last element the focus moves to the browser itself, for one Tab.
    if ((await focus(ada.page)).lost) await ada.page.keyboard.press('Tab');
  } while ((await focus(ada.page)).what !== first);
  for (const stop of ['Lobby', 'Browse rooms', 'New room', 'Sign out', '2 members', 'a link', 'Edit', 'Delete', 'Message Lobby', 'Send']) {
    expect(passed.join('\n')).toContain(stop);
  }
});

test('Escape closes the member list and gives the focus back', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await pressUntilFocused(ada.page, 'Shift+Tab', /2 members/);
  await ada.page.keyboard.press('Enter');
  const pane = ada.page.getByRole('complementary', { name: 'Members' });
  await expect(pane).toBeVisible();
  await expectFocusVisible(ada.page, 'opening the member list');
  await pressUntilFocused(ada.page, 'Tab', /"Close"/);
  await ada.page.keyboard.press('Escape');
  await expect(pane).toBeHidden();
  await expectFocusVisible(ada.page, 'closing the member list');
});

test('messages can be scrolled with the keyboard', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 45);
  await ada.open(lobby);
  await ada.timeline.focus();
  // Chromium ignores a key that is pressed just as a smooth scroll begins, so wait for its end.
  const scrollEnd = await ada.timeline.evaluateHandle((box) => ({
    promise: new Promise((done) => box.addEventListener('scrollend', done, { once: true })),
  }));
  await ada.page.keyboard.press('PageUp');
  await scrollEnd.evaluate(({ promise }) => promise.then(() => {}));
  await expect(ada.message(/^Line 45$/)).not.toBeInViewport();
  await ada.page.keyboard.press('End');
  await expect(ada.message(/^Line 45$/)).toBeInViewport();
});
