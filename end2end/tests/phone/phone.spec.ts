import { fits } from '../../support/accessibility';
import { ready } from '../../support/chat';
import { expect, test } from '../../support/test';

test('room list, room and member list are separate views', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.sendMany(room, 30);
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await expect(ada.rooms).toBeVisible();
  await expect(ada.composer).toBeHidden();
  await ada.link('Workshop').tap();
  await expect(ada.title).toHaveText('Workshop');
  await expect(ada.rooms).toBeHidden();
  await expect(ada.message(/^Line 30$/)).toBeInViewport();
  await fits(ada.page, 'a room');
  await ada.page.getByRole('link', { name: '1 member' }).tap();
  await expect(ada.page.getByRole('complementary', { name: 'Members' })).toBeVisible();
  await expect(ada.composer).toBeHidden();
  await fits(ada.page, 'the members');
  await ada.page.getByRole('link', { name: 'Close' }).tap();
  await expect(ada.composer).toBeInViewport({ ratio: 1 });
  await ada.page.getByRole('link', { name: 'All rooms' }).tap();
  await expect(ada.rooms).toBeVisible();
  await fits(ada.page, 'the rooms');
  // The back button of the browser works as well.
  await ada.page.goBack();
  await expect(ada.title).toHaveText('Workshop');
  await expect(ada.composer).toBeInViewport({ ratio: 1 });
});

test('the composer stays in view with long rooms and messages', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.sendMany(room, 60);
  await ada.open(room);
  const send = ada.page.getByRole('button', { name: 'Send' });
  await expect(ada.composer).toBeInViewport({ ratio: 1 });
  await expect(send).toBeInViewport({ ratio: 1 });
  await ada.composer.fill(Array.from({ length: 40 }, (_, n) => `A long thought, part ${n}`).join('\n'));
  await expect(send).toBeInViewport({ ratio: 1 });
  await fits(ada.page, 'a long message');
  await expect(ada.title).toBeInViewport({ ratio: 1 });
  await send.tap();
  await expect(ada.message('A long thought, part 39')).toBeVisible();
  await fits(ada.page, 'a long message, sent');
});

test('Enter of a virtual keyboard starts a new line, and that of a physical one sends', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.composer.tap();
  await ada.page.keyboard.type('One');
  const session = await ada.page.context().newCDPSession(ada.page);
  // The keys of a virtual keyboard have no code.
  for (const type of ['keyDown', 'keyUp'] as const) {
    await session.send('Input.dispatchKeyEvent', { type, key: 'Enter', code: '', windowsVirtualKeyCode: 13, text: type === 'keyDown' ? '\r' : undefined });
  }
  await ada.page.keyboard.type('Two');
  await expect(ada.composer).toHaveValue('One\nTwo');
  await ada.page.getByRole('button', { name: 'Send' }).tap();
  await expect(ada.bodies).toHaveText([/One\s+Two/]);
  await ada.composer.tap();
  await ada.page.keyboard.type('Three');
  await ada.page.keyboard.press('Enter');
  await expect(ada.bodies).toHaveText([/One\s+Two/, 'Three']);
});

test('back leads from a setting to the settings, and from there to the rooms', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.page.goto('/settings/sessions');
  for (const title of ['Settings', 'Browse rooms']) {
    await ada.page.getByRole('link', { name: 'Back' }).tap();
    await expect(ada.title).toHaveText(title);
  }
  await expect(ada.rooms).toBeVisible();
});

test('a form that opens at the end of a page is scrolled into view', async ({ users }) => {
  const { page } = await users.newUser('Ada', { viewport: { width: 390, height: 600 } });
  await page.goto('/settings/data');
  await ready(page);
  await page.getByText('Deactivate your account').tap();
  await expect(page.getByRole('button', { name: 'Deactivate account' })).toBeInViewport({ ratio: 1 });
});

test('touch targets are large enough', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await bob.createRoom('Kitchen');
  for (const path of ['/rooms', '/rooms/new', `/rooms/${room.id}`, `/rooms/${room.id}/members`]) {
    await ada.page.goto(path);
    await ready(ada.page);
    const small = await ada.page.evaluate(() => {
      const all = [...document.querySelectorAll<HTMLElement>('a, button, input:not([type=hidden]), textarea')];
      const visible = all.filter((element) => element.checkVisibility() && !element.closest('.skip-link, .prose'));
      return visible
        .map((element) => ({ element: element.closest('label') ?? element, name: element.getAttribute('aria-label') ?? element.textContent }))
        .map(({ element, name }) => ({ name, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.height < 40 || box.width < 40)
        .map(({ name, box }) => `${name}: ${Math.round(box.width)}x${Math.round(box.height)}`);
    });
    expect(small, path).toEqual([]);
  }
});

test('a name wider than the phone does not hide the time', async ({ users }) => {
  const bob = await users.newUser('Bob von und zu Hohenzollern-Sigmaringen-Wittelsbach the Younger');
  await bob.open(await bob.me.lobby());
  await bob.send('Hello');
  await expect(bob.message('Hello').getByRole('time')).toBeInViewport({ ratio: 1 });
});
