import type { Locator, Page } from '@playwright/test';
import { audit, fits } from '../support/accessibility';
import { DESKTOP, PHONE } from '../support/browser';
import { type Chat, ready } from '../support/chat';
import { NETWORK_ERRORS } from '../support/console-guard';
import { solidPng } from '../support/png';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

const profileCard = (page: Page, name: string): Locator => page.getByRole('dialog', { name, exact: true });

/** The link to the author of this message. */
const authorLink = (chat: Chat, text: string): Locator => chat.message(text).getByRole('link').first();

async function fillProfile(user: ApiUser): Promise<void> {
  await user.request('PUT', '/users/profile', {
    bio: 'Likes fires.\n<img src=x onerror=alert(1)> & long evenings.',
    pronouns: 'he/him',
    time_zone: 'Asia/Kolkata',
    status: { emoji: '🔥', text: 'By the fire' },
  });
}

test('a name in a room opens a profile card, by mouse and by keyboard, and closing it returns the focus', async ({ users }) => {
  const tomas = await users.newUser('Tomás Núñez');
  await fillProfile(tomas.me);
  const lobby = await tomas.me.lobby();
  await tomas.me.send(lobby, 'Good morning');
  await tomas.open(lobby);
  const ada = await users.newUser('Ada');
  await ada.open(lobby);
  const link = authorLink(ada, 'Good morning');
  await expect(ada.message('Good morning').locator(':not(.message-actions) > a')).toHaveCount(1);
  await link.click();
  const card = profileCard(ada.page, 'Tomás Núñez');
  await expect(card).toBeVisible();
  for (const text of ['@tomás.núñez', 'Online', '🔥 By the fire', 'he/him', '<img src=x onerror=alert(1)> & long evenings.']) {
    await expect(card).toContainText(text);
  }
  await expect(card).toContainText(/Local time\s*\d{1,2}:\d\d/);
  await expect(card.getByRole('link', { name: 'Block this person…' })).toHaveAttribute('href', /#block$/);
  await expect(ada.page).toHaveURL(new RegExp(`/rooms/${lobby.id}$`));
  await ada.page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await expect(link).toBeFocused();

  await ada.page.keyboard.press('Enter');
  await expect(card).toBeVisible();
  await expect(card.getByRole('button', { name: 'Close' })).toBeFocused();
  await ada.page.keyboard.press('Enter');
  await expect(card).toBeHidden();
  await expect(link).toBeFocused();

  // The avatar is part of the same link.
  await ada.message('Good morning').locator('.avatar').click();
  await expect(card).toBeVisible();
  await ada.page.mouse.click(5, 5);
  await expect(card).toBeHidden();

  await link.click();
  await card.getByRole('link', { name: 'View profile' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Tomás Núñez' })).toBeVisible();
  await expect.poll(() => decodeURIComponent(ada.page.url())).toContain('/people/tomás.núñez');
});

test('Ctrl or the middle button opens the profile page in a new tab', async ({ users }) => {
  const bob = await users.signUp('Bob');
  await bob.send(await bob.lobby(), 'Hello');
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  for (const how of [{ modifiers: ['Control'] }, { button: 'middle' }] as const) {
    const coming = ada.page.context().waitForEvent('page');
    await authorLink(ada, 'Hello').click(how as Parameters<Locator['click']>[0]);
    const tab = await coming;
    await tab.waitForURL('**/people/bob');
    await tab.close();
  }
  await expect(ada.page.getByRole('dialog')).toHaveCount(0);
});

test('the member list opens profile cards too: oneself, blocked and deactivated users', async ({ users, server }) => {
  const bob = await users.signUp('Bob');
  const carla = await users.signUp('Carla');
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob, carla);
  await ada.me.request('PUT', `/users/${bob.id}/block`);
  await carla.send(room, 'Goodbye');
  await ada.page.goto(`/rooms/${room.id}/members`);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'live');
  const pane = ada.page.getByRole('complementary', { name: 'Members' });
  await pane.getByRole('link', { name: /@ada/ }).click();
  await expect(profileCard(ada.page, 'Ada').getByRole('link', { name: 'Edit your profile' })).toBeVisible();
  await ada.page.keyboard.press('Escape');
  await expect(pane).toBeVisible();
  await pane.getByRole('link', { name: /@bob/ }).click();
  await expect(profileCard(ada.page, 'Bob')).toContainText('You blocked this person.');
  await ada.page.keyboard.press('Escape');

  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${carla.id}/status`, { status: 'deactivated' });
  await authorLink(ada, 'Goodbye').click();
  await expect(profileCard(ada.page, 'Carla')).toContainText('Account deactivated');
  await expect(profileCard(ada.page, 'Carla').getByRole('link', { name: /lock/ })).toHaveCount(0);
});

test('a loading profile card shows a loading state, and without a network an error', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS, /card\?username/);
  const bob = await users.signUp('Bob');
  await bob.send(await bob.lobby(), 'Hello');
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  let release = () => {};
  const held = new Promise<void>((go) => {
    release = go;
  });
  await ada.page.route('**/do/read/profile-card*', async (route) => {
    await held;
    await route.continue();
  });
  await authorLink(ada, 'Hello').click();
  await expect(profileCard(ada.page, 'Loading…')).toBeVisible();
  release();
  await expect(profileCard(ada.page, 'Bob')).toBeVisible();
  await ada.page.keyboard.press('Escape');
  await ada.page.unroute('**/do/read/profile-card*');
  await ada.page.route('**/do/read/profile-card*', (route) => route.abort('internetdisconnected'));
  await authorLink(ada, 'Hello').click();
  await expect(ada.page.getByRole('dialog')).toContainText("This profile can't be loaded. Check your connection and try again");
  await expect(ada.page.getByRole('dialog').getByRole('link', { name: 'View profile' })).toHaveAttribute('href', '/people/bob');
  await ada.page.unroute('**/do/read/profile-card*');
  await ada.page.keyboard.press('Escape');
  await authorLink(ada, 'Hello').click();
  await expect(profileCard(ada.page, 'Bob')).toBeVisible();
  await expect(ada.page.getByRole('dialog').locator('.notice')).toHaveCount(0);
});

test('a guest can open profile cards only of users in their rooms', async ({ users, server }) => {
  const bob = await users.signUp('Bob');
  const ingrid = await users.signUp('Ingrid');
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  const room = await bob.createRoom('Workshop');
  await bob.addMembers(room, ingrid);
  await bob.send(room, 'Hello');
  const guest = await users.open(ingrid);
  await guest.open(room);
  await authorLink(guest, 'Hello').click();
  await expect(profileCard(guest.page, 'Bob')).toContainText('@bob');
  await guest.page.keyboard.press('Escape');
  for (const name of ['admin', 'nobody']) {
    expect((await guest.page.request.get(`/do/read/profile-card?username=${name}`)).status(), name).toBe(404);
  }
});

for (const [where, device] of [
  ['on a desktop', { viewport: DESKTOP }],
  ['on a phone', { viewport: PHONE, hasTouch: true, isMobile: true }],
] as const) {
  test(`the profile card is accessible ${where}`, async ({ users }) => {
    const tomas = await users.newUser('Tomás Núñez de la Peña y Castellanos');
    await fillProfile(tomas.me);
    await tomas.page.goto('/settings/profile');
    await tomas.page.setInputFiles('input[type=file]', { name: 'me.png', mimeType: 'image/png', buffer: solidPng() });
    const lobby = await tomas.me.lobby();
    await tomas.me.send(lobby, 'Good morning');
    const ada = await users.newUser('Ada', device);
    await ada.open(lobby);
    await fits(ada.page, 'a room with names that are links');
    await authorLink(ada, 'Good morning').click();
    const card = ada.page.getByRole('dialog');
    await expect(card).toContainText('By the fire');
    await fits(ada.page, 'a profile card');
    await audit(ada.page, 'a profile card');
    for (const control of [card.getByRole('button', { name: 'Close' }), card.getByRole('link', { name: 'View profile' })]) {
      await expect(control).toBeInViewport({ ratio: 1 });
    }
    if (where === 'on a phone') {
      const [box, screen] = [await card.boundingBox(), ada.page.viewportSize()];
      expect(Math.round((box?.y ?? 0) + (box?.height ?? 0))).toBe(screen?.height);
      await ada.page.touchscreen.tap(200, 40);
    } else {
      await ada.page.keyboard.press('Escape');
    }
    await expect(card).toBeHidden();
  });
}

test('going back closes the profile card', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Good morning');
  await ada.page.goto('/rooms');
  await ready(ada.page);
  await ada.link('Lobby').click();
  await authorLink(ada, 'Good morning').click();
  await expect(profileCard(ada.page, 'Ada')).toBeVisible();
  await ada.page.goBack();
  await expect(ada.page).toHaveURL('/rooms');
  await expect(profileCard(ada.page, 'Ada')).toBeHidden();
});

test('the local time on a profile card is written like the times of the messages', async ({ users }) => {
  const tomas = await users.signUp('Tomás Núñez');
  await fillProfile(tomas);
  const lobby = await tomas.lobby();
  await tomas.send(lobby, 'Good morning');
  for (const [locale, clock] of [
    ['en-US', '\\d{1,2}:\\d\\d\\s[AP]M'],
    ['en-GB', '\\d\\d:\\d\\d'],
  ] as const) {
    const ada = await users.newUser(`Ada ${locale}`, { locale });
    await ada.open(lobby);
    await expect(ada.message('Good morning').getByRole('time')).toHaveText(new RegExp(`^${clock}$`));
    await authorLink(ada, 'Good morning').click();
    await expect(profileCard(ada.page, 'Tomás Núñez').getByRole('time')).toHaveText(new RegExp(`^${clock}$`));
  }
});
