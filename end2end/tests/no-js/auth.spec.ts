import { statusError } from '../../support/console-guard';
import { expect, test } from '../../support/test';
import { PASSWORD } from '../../support/user';

test('without JavaScript a user signs up, signs out and signs in again', async ({ page, server }) => {
  expect(server.url).toBeTruthy();
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create your account');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Display name').fill('Ada Brandt');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.goto('/');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
});

test('without JavaScript a link followed before signing in is opened afterwards', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const room = await mara.createRoom('Workshop');
  await page.goto(`/rooms/${room.id}`);
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  expect(new URL(page.url()).pathname).toBe(`/rooms/${room.id}`);
});

test('without JavaScript a failed sign-up shows its errors and keeps the input', async ({ page, users, consoleGuard }) => {
  consoleGuard.allow(statusError(409), statusError(422));
  await users.signUp('Mara');
  await page.goto('/sign-up');
  await page.getByLabel('Username').fill('Mara');
  await page.getByLabel('Display name').fill('Another Mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create your account');
  await expect(page.getByText('That username is taken. Choose another one.')).toBeVisible();
  await expect(page.getByLabel('Username')).toHaveValue('Mara');
  await expect(page.getByLabel('Display name')).toHaveValue('Another Mara');
  expect(page.url()).not.toContain(encodeURIComponent(PASSWORD));
  await page.getByLabel('Username').fill('m');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Username must be at least 2 characters.')).toBeVisible();
  await expect(page.getByText('Password must be at least 8 characters.')).toBeVisible();
  await expect(page.getByLabel('Display name')).toHaveValue('Another Mara');
  await page.getByLabel('Username').fill('mara2');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
});

test('without JavaScript a wrong password shows an error and keeps the username and the target page', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const room = await mara.createRoom('Workshop');
  await page.goto(`/rooms/${room.id}`);
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('Wrong username or password.');
  await expect(page.getByLabel('Username or email')).toHaveValue('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
});
