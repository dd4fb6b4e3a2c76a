import type { Locator, Page } from '@playwright/test';
import { Chat, hydrated, ready } from '../support/chat';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD, type Room } from '../support/user';

/** Presses a key by a made event, as another browser or an input method sends it; returns whether the page left it alone. */
function press(box: Locator, key: string, more: { keyCode: number; isComposing?: boolean }): Promise<boolean> {
  const init = { key, code: key, bubbles: true, cancelable: true, ...more };
  return box.evaluate((element, init) => element.dispatchEvent(new KeyboardEvent('keydown', init)), init);
}

/** Drops or pastes a file; returns whether the page kept the browser from handling it. */
function giveFile(at: Locator, kind: 'dragover' | 'drop' | 'paste', text = ''): Promise<boolean> {
  return at.evaluate(
    (element, { kind, text }) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'], 'picture.png', { type: 'image/png' }));
      if (text) data.setData('text/plain', text);
      const init = { bubbles: true, cancelable: true };
      const event = kind === 'paste' ? new ClipboardEvent(kind, { clipboardData: data, ...init }) : new DragEvent(kind, { dataTransfer: data, ...init });
      element.dispatchEvent(event);
      return event.defaultPrevented;
    },
    { kind, text },
  );
}

const FILES = "Files can't be sent yet.";

test('an Enter that ends a composition neither sends nor saves', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.composer.fill('にほんご');
  // Safari: after the end of the composition, no longer a part of it, and told only by its code.
  await ada.composer.dispatchEvent('compositionend', { data: 'にほんご' });
  expect(await press(ada.composer, 'Enter', { keyCode: 229 })).toBe(true);
  // Other browsers.
  expect(await press(ada.composer, 'Enter', { keyCode: 13, isComposing: true })).toBe(true);
  await expect(ada.composer).toHaveValue('にほんご');
  expect(await press(ada.composer, 'Enter', { keyCode: 13 })).toBe(false);
  await ada.expectMessages(['にほんご']);

  await ada.chooseAction('にほんご', 'Edit');
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await box.fill('日本語');
  expect(await press(box, 'Enter', { keyCode: 229 })).toBe(true);
  // An Escape that cancels a composition does not close the form.
  expect(await press(box, 'Escape', { keyCode: 229 })).toBe(true);
  await expect(box).toHaveValue('日本語');
  expect(await press(box, 'Enter', { keyCode: 13 })).toBe(false);
  await ada.expectMessages(['日本語']);
});

test('a virtual keyboard that covers the page makes lines, and a physical one sends', async ({ users }) => {
  const ada = await users.newUser('Ada', { hasTouch: true, isMobile: true });
  await ada.open(await ada.me.lobby());
  expect(await ada.page.evaluate(() => matchMedia('(hover: hover) and (pointer: fine)').matches), 'there is no mouse').toBe(false);
  await ada.composer.fill('One');
  const cover = (height?: number) =>
    ada.page.evaluate((height) => {
      const viewport = window.visualViewport!;
      if (height === undefined) delete (viewport as { height?: number }).height;
      else Object.defineProperty(viewport, 'height', { value: height, configurable: true });
    }, height);
  await cover(400);
  await ada.composer.press('Enter');
  await expect(ada.composer).toHaveValue('One\n');
  await cover();
  await ada.composer.press('Enter');
  await ada.expectMessages(['One']);
  await ada.composer.press('ArrowUp');
  await expect(ada.page.getByRole('textbox', { name: 'Edit message' })).toBeFocused();
});

test('Alt+Enter makes a line', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.composer.pressSequentially('One');
  await ada.composer.press('Alt+Enter');
  await ada.composer.pressSequentially('two');
  await expect(ada.composer).toHaveValue('One\ntwo');
  await ada.composer.press('Enter');
  await ada.expectMessages(['One\ntwo']);
  await ada.composer.press('ArrowUp');
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await box.press('Alt+Enter');
  await expect(box).toHaveValue('One\ntwo\n');
});

test('shortcodes in code stay', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  const type = async (text: string) => {
    for (const [index, line] of text.split('\n').entries()) {
      if (index) await ada.composer.press('Shift+Enter');
      await ada.composer.pressSequentially(line);
    }
  };
  // The list of shortcodes is loaded by now.
  await type(':fire:');
  await expect(ada.composer).toHaveValue('🔥');
  for (const text of ['~~~\n:fire:', '```sh\n:fire:', '    :fire:', '> ~~~\n> :fire:', '``a ` :fire:']) {
    await ada.composer.fill('');
    await type(`${text} and`);
    await expect(ada.composer).toHaveValue(`${text} and`);
  }
  await ada.composer.fill('');
  await type('~~~\ncode\n~~~\n:fire:');
  await expect(ada.composer).toHaveValue('~~~\ncode\n~~~\n🔥');
});

test('a replaced shortcode can be undone and redone', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  const undoAndRedo = async (box: Locator, before: string) => {
    await box.pressSequentially('good morning :fire:');
    await expect(box).toHaveValue(`${before}good morning 🔥`);
    await box.press('ControlOrMeta+z');
    await expect(box).toHaveValue(`${before}good morning :fire:`);
    await box.press('ControlOrMeta+Shift+z');
    await expect(box).toHaveValue(`${before}good morning 🔥`);
  };
  await undoAndRedo(ada.composer, '');
  await ada.composer.press('Enter');
  await ada.expectMessages(['good morning 🔥']);
  await ada.composer.press('ArrowUp');
  await undoAndRedo(ada.page.getByRole('textbox', { name: 'Edit message' }), 'good morning 🔥');
});

test('an edit that is not saved waits in its room, also over a reload', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.me.createRoom('Workshop');
  await ada.open(await ada.me.lobby());
  await ada.send('Lunch at twelve');
  await ada.send('Dinner at seven');
  await ada.expectMessages(['Lunch at twelve', 'Dinner at seven']);
  await ada.chooseAction('Lunch', 'Edit');
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  await box.fill('Lunch at one, because');
  await ada.goTo('Workshop');
  await expect(box).toHaveCount(0);
  await ada.goTo('Lobby');
  await expect(box).toHaveValue('Lunch at one, because');
  // Its message may be out of view, so what is typed does not go there unasked.
  await expect(box).not.toBeFocused();
  await ada.page.reload();
  await ready(ada.page);
  await expect(box).toHaveValue('Lunch at one, because');
  // Another edit, meanwhile, loses nothing either.
  await ada.chooseAction('Dinner', 'Edit');
  await expect(box).toHaveValue('Dinner at seven');
  await box.press('Escape');
  await ada.page.reload();
  await ready(ada.page);
  await expect(box).toHaveValue('Lunch at one, because');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await ada.expectMessages(['Lunch at one, because', 'Dinner at seven']);
  await ada.page.reload();
  await ready(ada.page);
  await ada.expectMessages(['Lunch at one, because', 'Dinner at seven']);
  await expect(box).toHaveCount(0);
});

test('a cancelled edit, and one of a message deleted meanwhile, do not come back', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  const message = await ada.me.send(lobby, 'As it was');
  await ada.open(lobby);
  const box = ada.page.getByRole('textbox', { name: 'Edit message' });
  const type = async () => {
    await ada.chooseAction('As it was', 'Edit');
    await expect(box).toHaveValue('As it was');
    await box.fill('As it never was');
  };
  await type();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await type();
  await ada.page.goto('/rooms');
  await ada.me.deleteMessage(message);
  await ada.open(lobby);
  await expect(ada.bodies).toHaveText(['This message was deleted.']);
  await expect.poll(() => ada.page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('lair.edit.')))).toEqual([]);
  await expect(box).toHaveCount(0);
});

test('signing out deletes what was not sent, and a session that ends by itself keeps it', async ({ server, users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.send(room, 'Mine');
  const { page } = ada;
  const stored = () => page.evaluate(() => Object.entries(localStorage).filter(([key]) => /draft|edit/.test(key)).map(([, text]) => text as string).sort());
  const signIn = async () => {
    await hydrated(page);
    await page.getByLabel('Username or email').fill('ada');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await ready(page);
  };
  await ada.open(room);
  await ada.chooseAction('Mine', 'Edit');
  await page.getByRole('textbox', { name: 'Edit message' }).fill('Mine, too');
  await ada.composer.fill('Between us');
  expect(await stored()).toEqual(['Between us', 'Mine, too']);

  await (await ApiUser.signIn(server, 'ada')).request('POST', '/sessions/terminate-all');
  await expect(ada.title).toHaveText('Sign in');
  expect(await stored()).toEqual(['Between us', 'Mine, too']);
  await signIn();
  await expect(ada.composer).toHaveValue('Between us');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  expect(await stored()).toEqual([]);
  await signIn();
  // The same from a page of the settings.
  await ada.open(room);
  await ada.composer.fill('Between us');
  await page.goto('/settings/profile');
  await hydrated(page);
  expect(await stored()).toEqual(['Between us']);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(ada.title).toHaveText('Sign in');
  expect(await stored()).toEqual([]);
});

test('a text near the limit is counted, and one over it stays in the box', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  const count = ada.page.getByText(/^\d+ \/ 16000$/);
  await ada.composer.fill('x'.repeat(14_399));
  await expect(count).toHaveCount(0);
  await ada.composer.press('End');
  await ada.composer.pressSequentially('x');
  await expect(count).toHaveText('14400 / 16000');
  // Counted as the server counts: an emoji is one character.
  await ada.composer.fill('🔥'.repeat(16_001));
  await expect(count).toHaveText('16001 / 16000');
  await ada.composer.press('Enter');
  const notice = ada.page.getByText('Message must be at most 16000 characters. This has 16001.');
  await expect(notice).toBeVisible();
  await expect(ada.composer).toHaveValue('🔥'.repeat(16_001));
  await expect(ada.pending).toHaveCount(0);
  await ada.composer.press('Backspace');
  await expect(count).toHaveText('16000 / 16000');
  await expect(notice).toHaveCount(0);
  await ada.composer.press('Enter');
  await expect(ada.rows).toHaveCount(1);
  await expect(count).toHaveCount(0);
});

/** Leaves a message in the outbox that the server rejects. */
async function leaveInOutbox(page: Page, me: ApiUser, room: Room, body: string): Promise<void> {
  const item = { client_id: 'left', room_id: room.id, body, at: '2026-01-01T00:00:00.000Z' };
  await page.evaluate(({ key, item }) => localStorage.setItem(key, JSON.stringify(item)), { key: `lair.outbox.${me.id}.left`, item });
}

test('a rejected message can be put back into the composer', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  const body = `Too long ${'x'.repeat(16_000)}`;
  await leaveInOutbox(ada.page, ada.me, lobby, body);
  await ada.page.reload();
  await expect(ada.pending).toContainText('Not sent. ');
  await ada.composer.fill('Typed since');
  await ada.pending.getByRole('button', { name: 'Edit' }).click();
  await expect(ada.pending).toHaveCount(0);
  await expect(ada.composer).toHaveValue(`${body}\n\nTyped since`);
  await expect(ada.composer).toBeFocused();
  await expect(ada.page.getByText('16022 / 16000')).toBeVisible();
  // It is a draft now, and no longer in the outbox.
  await ada.page.reload();
  await expect(ada.composer).toHaveValue(`${body}\n\nTyped since`);
  await ready(ada.page);
  await expect(ada.pending).toHaveCount(0);
});

test('a dropped or pasted file leaves the page as it is, and says why', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  const notice = ada.page.getByText(FILES);
  await ada.composer.fill('Look at this');
  for (const [at, kind] of [[ada.timeline, 'drop'], [ada.composer, 'drop'], [ada.composer, 'paste']] as const) {
    expect(await giveFile(at, 'dragover')).toBe(true);
    expect(await giveFile(at, kind)).toBe(true);
    await expect(notice).toBeVisible();
    await ada.composer.pressSequentially('!');
    await expect(notice).toHaveCount(0);
  }
  // A spreadsheet copies its cells as text and as a picture.
  expect(await giveFile(ada.composer, 'paste', 'cells')).toBe(false);
  await expect(ada.composer).toHaveValue('Look at this!!!');
  await expect(notice).toHaveCount(0);
});

test('pages without a composer stay when a file is dropped, and fields for files take it', async ({ users }) => {
  const ada = await users.newUser('Ada');
  for (const path of ['/rooms', '/settings/profile']) {
    await ada.page.goto(path);
    await hydrated(ada.page);
    const body = ada.page.locator('body');
    expect(await giveFile(body, 'dragover'), path).toBe(true);
    expect(await giveFile(body, 'drop'), path).toBe(true);
  }
  const field = ada.page.getByLabel('New picture');
  expect(await giveFile(field, 'dragover')).toBe(false);
  expect(await giveFile(field, 'drop')).toBe(false);
});

test('a draft that is sent in one tab is not offered in another', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await ada.composer.fill('To be sent once');
  const other = new Chat(await ada.page.context().newPage(), ada.me);
  await other.open(lobby);
  await expect(other.composer).toHaveValue('To be sent once');
  await ada.composer.press('Enter');
  await expect(other.message('To be sent once')).toBeVisible();
  await expect(other.composer).toHaveValue('');
});
