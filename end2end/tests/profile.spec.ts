import { ready } from '../support/chat';
import { face } from '../support/face';
import { expect, test } from '../support/test';

test('a new name and a new picture show at once, on old messages too', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await bob.me.say(lobby, 'Hello');
  await ada.open(lobby);
  await bob.page.goto('/settings/profile');
  const row = ada.message('Hello');
  await expect(row.getByText('Bob')).toBeVisible();
  await bob.page.getByLabel('Display name').fill('Robert');
  await bob.page.getByRole('button', { name: 'Save profile' }).click();
  await expect(bob.page.getByRole('status')).toHaveText('Saved.');
  await expect(row.getByText('Robert')).toBeVisible();
  await bob.page.getByLabel('New picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: face() });
  await bob.page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(bob.page.locator('img.avatar.huge')).toBeVisible();
  await expect(row.locator('img.avatar')).toBeVisible();
});

test('a change of preferences applies at once in the other tabs', async ({ people }) => {
  const room = await people.arrive('Ada', { colorScheme: 'light' });
  const { page } = await people.sit(room.me, { colorScheme: 'light' });
  const lobby = await room.me.lobby();
  await room.me.say(lobby, 'Hello');
  await room.open(lobby);
  const light = await room.page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  await page.goto('/settings/preferences');
  await page.getByLabel('Theme').selectOption('Dark');
  await page.getByLabel('Density').selectOption('Compact');
  await page.getByLabel('Time of day').selectOption('2:30 pm');
  await page.getByLabel('Enter sends the message').uncheck();
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await expect(room.page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(room.page.locator('body')).not.toHaveCSS('background-color', light);
  await expect(room.rows.getByRole('time')).toHaveText(/^\d{1,2}:\d\d\s?[ap]m$/i);
  await room.composer.fill('One line');
  await room.composer.press('Enter');
  await room.composer.pressSequentially('and another');
  await expect(room.composer).toHaveValue('One line\nand another');
  await room.composer.press('Control+Enter');
  await expect(room.message('One line')).toBeVisible();
  await expect(room.composer).toHaveValue('');
  await room.page.reload();
  await ready(room.page);
  await expect(room.page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('a named emoji takes the place of its name as it is typed, unless its writer likes it otherwise', async ({ people }) => {
  const room = await people.arrive('Ada');
  const { page } = await people.sit(room.me);
  const lobby = await room.me.lobby();
  await room.open(lobby);
  await room.composer.pressSequentially('So :fire:');
  await expect(room.composer).toHaveValue('So 🔥');
  await room.composer.pressSequentially(' at 10:30: :nothing-of-that-name: :+1:');
  await expect(room.composer).toHaveValue('So 🔥 at 10:30: :nothing-of-that-name: 👍');
  await room.composer.press('Home');
  await room.composer.pressSequentially(':tada:!');
  await expect(room.composer).toHaveValue('🎉!So 🔥 at 10:30: :nothing-of-that-name: 👍');
  await room.composer.press('Enter');
  const said = room.message('🎉!So');
  await expect(said).toBeVisible();
  await said.hover();
  await said.getByRole('link', { name: 'Edit' }).click();
  await room.page.getByLabel('Edit message').pressSequentially(' :wave:');
  await expect(room.page.getByLabel('Edit message')).toHaveValue(/👋$/);
  await room.page.getByLabel('Edit message').press('Enter');
  await expect(room.message('👋')).toBeVisible();

  await page.goto('/settings/preferences');
  await page.getByLabel('Emoji shortcuts').uncheck();
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(room.page.locator('html')).toHaveAttribute('data-emoji', 'off');
  await room.composer.pressSequentially(':fire: :fire:!');
  await expect(room.composer).toHaveValue(':fire: :fire:!');
  await room.page.reload();
  await ready(room.page);
  await room.composer.fill('');
  await room.composer.pressSequentially(':fire: :fire:!');
  await expect(room.composer).toHaveValue(':fire: :fire:!');
});

test('times on a page of settings are the reader\'s own', async ({ people }) => {
  const { page } = await people.arrive('Ada', { timezoneId: 'Asia/Kolkata', locale: 'en-US' });
  await page.goto('/settings/sessions');
  await ready(page);
  const time = page.getByRole('main').getByRole('time').first();
  const at = await time.getAttribute('datetime');
  const own = new Intl.DateTimeFormat('en-US', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'Asia/Kolkata' });
  await expect(time).toHaveText(own.format(new Date(at!)));
  await expect(time).toHaveAttribute('title', /UTC$/);
});
