// Flows of sessions, access tokens and the second factor, which are the same with and without JavaScript.
import { type Page, expect } from '@playwright/test';
import { notificationsLink } from './notifications';
import { totp } from './totp';
import { type ApiUser, PASSWORD } from './user';

/** An accessibility check of a page; it needs JavaScript, so the flows without JavaScript skip it. */
type Check = (page: Page, what: string) => Promise<void>;
const skipCheck: Check = async () => {};

const heading = (page: Page) => page.getByRole('heading', { level: 1 });

/** Enters username and password; the next page depends on the account (Lobby or second factor). */
export async function signInWithPassword(page: Page, login: string): Promise<void> {
  await page.goto('/sign-in');
  await page.getByLabel('Username or email').fill(login);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function secondFactorFlow(page: Page, login: string, check = skipCheck): Promise<void> {
  await signInWithPassword(page, login);
  await expect(heading(page)).toHaveText('Lobby');
  await page.goto('/settings/security');
  await check(page, 'two-factor authentication, off');
  await page.getByRole('button', { name: 'Set up' }).click();
  await expect(heading(page)).toHaveText('Set up two-factor authentication');
  await expect(page.getByRole('img', { name: 'QR code' })).toBeVisible();
  await check(page, 'setting up two-factor authentication');
  const secret = (await page.locator('.secret code').textContent()) ?? '';
  await expect(page.getByRole('checkbox', { name: 'Sign out my other devices' })).toBeChecked();
  await page.getByRole('textbox', { name: 'Code' }).fill('000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(page.getByText('Enter the 6-digit code from your authenticator app.')).toBeVisible();
  // The server accepts the codes of the steps before and after the current one, each once and none older than the last:
  // with this one and later the next one, it does not matter when the step changes.
  await page.getByRole('textbox', { name: 'Code' }).fill(totp(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  await expect(heading(page)).toHaveText('Recovery codes');
  const codes = await page.locator('.recovery-codes code').allTextContents();
  expect(codes).toHaveLength(10);
  await check(page, 'recovery codes');
  await page.reload();
  await expect(page.getByText('Recovery codes are shown only once')).toBeVisible();
  await page.goto('/settings/security');
  await expect(page.getByText('You have 10 recovery codes left.')).toBeVisible();
  await check(page, 'two-factor authentication, on');
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(heading(page)).toHaveText('Sign in');
  await signInWithPassword(page, login);
  await expect(heading(page)).toHaveText('Two-factor authentication');
  await check(page, 'the second factor');
  expect(await page.content()).not.toContain(PASSWORD);
  await page.getByRole('textbox', { name: 'Code' }).fill('not a code');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('Wrong or already used code.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Code' }).fill(totp(secret, 1));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(heading(page)).toHaveText('Lobby');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signInWithPassword(page, login);
  await expect(heading(page)).toHaveText('Two-factor authentication');
  await page.getByRole('textbox', { name: 'Code' }).fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(heading(page)).toHaveText('Lobby');
  await page.goto('/notifications');
  await expect(page.getByText('used one of your recovery codes')).toBeVisible();
  await check(page, 'notifications');
  await expect(notificationsLink(page, 0)).toBeVisible();
  await page.goto('/settings/security');
  await page.locator('summary', { hasText: 'Turn off' }).click();
  await page.getByRole('textbox', { name: 'Code' }).fill(codes[0] ?? '');
  await page.getByRole('button', { name: 'Turn off two-factor' }).click();
  await expect(page.getByText('Wrong or already used code.')).toBeVisible();
  await page.getByRole('textbox', { name: 'Code' }).fill(codes[1] ?? '');
  await page.getByRole('button', { name: 'Turn off two-factor' }).click();
  await expect(page.getByRole('button', { name: 'Set up' })).toBeVisible();
}

export async function sessionsFlow(page: Page, user: ApiUser, phone: Page, check = skipCheck): Promise<void> {
  await phone.goto('/');
  await expect(heading(phone)).toHaveText('Lobby');
  await page.goto('/settings/sessions');
  await expect(page.locator('.item-list > li')).toHaveCount(2);
  await check(page, 'sessions');
  const other = page.locator('.item-list > li').filter({ hasNotText: 'This device' });
  await other.locator('summary', { hasText: 'Rename' }).click();
  await other.getByLabel('New name').fill(`${user.name}'s phone`);
  await other.getByRole('button', { name: 'Rename' }).click();
  await expect(page.getByText(`${user.name}'s phone`)).toBeVisible();
  await other.locator('summary', { hasText: 'Sign out' }).click();
  await check(page, 'ending a session');
  await other.getByRole('button', { name: 'Sign out device' }).click();
  await expect(page.locator('.item-list > li')).toHaveCount(1);
}

export async function tokensFlow(page: Page, login: string, check = skipCheck): Promise<string> {
  await signInWithPassword(page, login);
  await expect(heading(page)).toHaveText('Lobby');
  await page.goto('/settings/tokens');
  await check(page, 'access tokens');
  await page.getByLabel('Name').fill('Deployments');
  await page.getByLabel('Scope').selectOption('write');
  await page.getByLabel('Expires').selectOption({ label: '90 days' });
  await page.getByRole('button', { name: 'Create token' }).click();
  await expect(page.getByText("You won't see it again.")).toBeVisible();
  const token = (await page.locator('.secret code').textContent()) ?? '';
  expect(token).toMatch(/^lair_[0-9a-f]{64}$/);
  await check(page, 'a new access token');
  await page.reload();
  await expect(page.getByText(token)).toHaveCount(0);
  await expect(page.getByText('Deployments')).toBeVisible();
  return token;
}

export async function deleteToken(page: Page): Promise<void> {
  await page.locator('summary', { hasText: 'Delete' }).click();
  await page.getByRole('button', { name: 'Delete token' }).click();
  await expect(page.getByText('No tokens yet.')).toBeVisible();
}
