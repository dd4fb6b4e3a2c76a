import { audit, fits } from '../../support/accessibility';
import { solidPng } from '../../support/png';
import { expect, test } from '../../support/test';

test('without JavaScript a user edits their profile, and invalid input is kept', async ({ users }) => {
  const { page, me } = await users.newUser('Ada');
  await page.goto('/settings');
  await page.getByRole('navigation').getByRole('link', { name: 'Profile' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Profile');
  await page.getByLabel('Display name').fill('Ada Lovelace');
  await page.getByLabel('Pronouns').fill('she/her');
  await page.getByLabel('Bio').fill('Numbers.\nAnd looms.');
  await page.getByLabel('Time zone').selectOption('Europe/London');
  await page.getByLabel('Language').selectOption('English (UK)');
  await page.getByLabel('Pronouns').evaluate((field) => field.removeAttribute('maxlength'));
  await page.getByLabel('Pronouns').fill('x'.repeat(41));
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByLabel('Pronouns')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Pronouns must be at most 40 characters.')).toBeVisible();
  await expect(page.getByLabel('Display name')).toHaveValue('Ada Lovelace');
  await expect(page.getByLabel('Bio')).toHaveValue('Numbers.\nAnd looms.');
  await expect(page.getByLabel('Time zone')).toHaveValue('Europe/London');
  await expect(page.getByLabel('Language')).toHaveValue('en-GB');
  await page.getByLabel('Pronouns').fill('she/her');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByRole('status')).toHaveText('Profile saved.');
  const profile = await me.request<Record<string, string>>('GET', '/users/profile');
  expect(profile).toMatchObject({ display_name: 'Ada Lovelace', bio: 'Numbers.\nAnd looms.', time_zone: 'Europe/London', language: 'en-GB' });
  await expect(page.getByLabel('Bio')).toHaveValue('Numbers.\nAnd looms.');
  await page.goto(`/people/${me.username}`);
  await expect(page.getByRole('definition').filter({ hasText: 'English (UK)' })).toBeVisible();
});

test('time zones are offered once each, with their offset, and another language remains', async ({ users }) => {
  const { page, me } = await users.newUser('Ada');
  await me.request('PUT', '/users/profile', { time_zone: 'Asia/Calcutta', language: 'gsw' });
  await page.goto('/settings/profile');
  const zones = await page.getByLabel('Time zone').locator('option').allTextContents();
  expect(zones).toContain('Asia/Kolkata (UTC+05:30)');
  expect(zones.filter((zone) => zone.includes('Calcutta'))).toEqual(['Asia/Calcutta']);
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByRole('status')).toHaveText('Profile saved.');
  expect(await me.request('GET', '/users/profile')).toMatchObject({ time_zone: 'Asia/Calcutta', language: 'gsw' });
});

test('without JavaScript a user sets a status that expires', async ({ users }) => {
  const { page, me } = await users.newUser('Ada');
  await page.goto('/settings/profile');
  await page.getByLabel('Emoji').fill('hello');
  await page.getByLabel('What are you doing?').fill('By the fire');
  await page.getByRole('button', { name: 'Set status' }).click();
  await expect(page.getByText('Choose a single emoji.')).toBeVisible();
  await page.getByLabel('Emoji').fill('🔥');
  await page.getByLabel('Clear after').selectOption('1 hour');
  await page.getByRole('button', { name: 'Set status' }).click();
  await expect(page.getByRole('status')).toHaveText('Status set.');
  const { status } = await me.request<{ status: { emoji: string; text: string; expires_at: string } }>('GET', '/users/profile');
  expect(status).toMatchObject({ emoji: '🔥', text: 'By the fire' });
  expect(Date.parse(status.expires_at) - Date.now()).toBeGreaterThan(3_500_000);
  await expect(page.getByLabel('Clear after')).toHaveValue(status.expires_at);
  await page.getByRole('button', { name: 'Clear status' }).click();
  await expect(page.getByLabel('What are you doing?')).toHaveValue('');
  expect(await me.request('GET', '/users/profile')).toMatchObject({ status: null });
});

test('without JavaScript a user uploads an avatar and removes it', async ({ users }) => {
  const { page } = await users.newUser('Ada');
  const avatar = page.locator('img.avatar.huge');
  await page.goto('/settings/profile');
  await page.getByLabel('New picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(page.getByLabel('New picture')).toHaveAttribute('aria-invalid', 'true');
  await expect(page.getByText('Choose a PNG, JPEG, WebP or GIF image.')).toBeVisible();
  await expect(avatar).toHaveCount(0);
  await page.getByLabel('New picture').setInputFiles({ name: '../me.exe', mimeType: 'text/html', buffer: solidPng() });
  await page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(page.getByRole('status')).toHaveText('Picture saved.');
  await expect(avatar).toBeVisible();
  expect(await avatar.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(128);
  await page.getByText('Remove this picture').click();
  await page.getByRole('button', { name: 'Remove picture' }).click();
  await expect(avatar).toHaveCount(0);
});

test('without JavaScript a user changes theme and time format and resets them', async ({ users }) => {
  const { page, me } = await users.newUser('Ada', { colorScheme: 'light' });
  const light = () => page.locator('body').evaluate((body) => getComputedStyle(body).backgroundColor);
  await me.send(await me.lobby(), 'Hello');
  await page.goto('/settings/preferences');
  const before = await light();
  await page.getByLabel('Theme').selectOption('Dark');
  await page.getByLabel('Time format').selectOption('2:30 PM');
  await page.getByLabel('Emoji shortcuts').uncheck();
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(page.getByRole('status')).toHaveText('Preferences saved.');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  expect(await light()).not.toBe(before);
  expect(await me.request('GET', '/users/settings')).toMatchObject({ theme: 'dark', chat: { emoji_shortcuts: false, enter_sends: true } });
  await page.goto('/');
  await expect(page.getByRole('article').getByRole('time')).toHaveText(/^\d{1,2}:\d\d [AP]M( UTC)?$/);
  await page.goto('/settings/preferences');
  await page.getByText('Reset all preferences').click();
  await page.getByRole('button', { name: 'Reset preferences' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'system');
  expect(await light()).toBe(before);
});

for (const path of ['/settings/profile', '/settings/preferences']) {
  test(`${path} is accessible, also on a phone`, async ({ users }) => {
    const { page, me } = await users.newUser('Ada', { javaScriptEnabled: true });
    await me.request('PUT', '/users/status', { emoji: '🔥', text: 'By the fire', expires_in: 3600 });
    await page.goto(path);
    await audit(page, path);
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, `${path} on a phone`);
    await audit(page, `${path} on a phone`);
  });
}
