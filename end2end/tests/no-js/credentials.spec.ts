import { statusError } from '../../support/console-guard';
import { SmtpServer } from '../../support/smtp';
import { expect, test } from '../../support/test';
import { ApiUser, PASSWORD } from '../../support/user';

const NEW = 'an ember in the hearth';

test('without JavaScript a new user verifies their email and resets a forgotten password', async ({
  page,
  server,
  users,
}) => {
  await users.signUp('Mara');
  const smtp = await SmtpServer.start();
  await server.restartWith({ LAIR_SMTP_URL: smtp.url, LAIR_PUBLIC_URL: server.url });
  await page.goto('/sign-up');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Email').fill('ada@example.org');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect.poll(() => smtp.find('ada@example.org', 'Confirm your email address')).toBeTruthy();
  const { link } = smtp.find('ada@example.org', 'Confirm your email address')!;
  // Mail scanners open links, so opening the link must not confirm the address; only the button does.
  for (let n = 0; n < 2; n += 1) await page.goto(link);
  await page.getByRole('button', { name: 'Confirm email' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Email confirmed');
  await page.getByRole('link', { name: 'Go to your rooms' }).click();
  await page.goto('/settings/account');
  await expect(page.getByText('ada@example.org, confirmed.')).toBeVisible();

  await page.goto('/forgot');
  await page.getByLabel('Username or email').fill('ada');
  await page.getByRole('button', { name: 'Send reset link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check your email');
  await expect.poll(() => smtp.find('ada@example.org', 'Reset your password')).toBeTruthy();
  await page.goto(smtp.find('ada@example.org', 'Reset your password')!.link);
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Reset password' }).click();
  await expect(page.getByText('Password must be at least 8 characters.')).toBeVisible();
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Reset password' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('ada@example.org');
  await page.getByLabel('Password').fill(NEW);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  smtp.close();
});

test('without JavaScript and SMTP, a password is reset with a link from an administrator', async ({
  page,
  server,
  users,
  consoleGuard,
}) => {
  consoleGuard.allow(statusError(404));
  const mara = await users.signUp('Mara');
  await page.goto('/forgot');
  await expect(page.getByText('Ask an administrator for a reset link.')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  const admin = await ApiUser.signIn(server, 'admin');
  const { url } = await admin.request<{ url: string }>('POST', `/admin/users/${mara.id}/reset-password`);
  await page.goto(url);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Reset password' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await ApiUser.signIn(server, 'mara', NEW);
  const used = await page.goto(url);
  expect(used?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid');
});

test('without JavaScript changing the password shows field errors', async ({ page, server, users }) => {
  const mara = await users.signUp('Mara');
  await page.context().addCookies(mara.cookies());
  await page.goto('/settings/account');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Wrong password.')).toBeVisible();
  await page.getByLabel('Email address').fill('mara@example.org');
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Add email' }).click();
  await expect(page.getByText('mara@example.org. You can sign in with it.')).toBeVisible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status')).toHaveText('Password changed.');
  await ApiUser.signIn(server, 'mara@example.org', NEW);
});

test('without JavaScript an invitation is created, redeemed and revoked', async ({ page, server, users }) => {
  await users.signUp('Mara');
  const admin = await ApiUser.signIn(server, 'admin');
  await page.context().addCookies(admin.cookies());
  await page.goto('/admin/settings');
  await page.getByLabel('Invited people only').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status')).toHaveText('Settings saved.');
  await page.goto('/admin/invitations');
  await page.getByLabel('Maximum uses').fill('2000');
  await page.getByRole('button', { name: 'Create invite link' }).click();
  await expect(page.getByText('Must be between 1 and 1000.')).toBeVisible();
  await page.getByLabel('Maximum uses').fill('2');
  await page.getByRole('button', { name: 'Create invite link' }).click();
  const link = (await page.getByRole('status', { name: 'Invite link created' }).locator('code').textContent()) ?? '';
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByLabel('Username').fill('m');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Username must be at least 2 characters.')).toBeVisible();
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await page.context().clearCookies();
  await page.context().addCookies(admin.cookies());
  await page.goto('/admin/invitations');
  await expect(page.getByText('1 of 2 used')).toBeVisible();
  await page.getByText('Revoke', { exact: true }).click();
  await page.getByRole('button', { name: 'Revoke link' }).click();
  await expect(page.getByRole('heading', { name: 'No invite links yet' })).toBeVisible();
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByText('This invite link was already used, has expired or was revoked.')).toBeVisible();
});

test('without JavaScript removing the email address requires the password', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  await mara.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await page.goto('/sign-in?next=/settings/account');
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const form = page.locator('details', { hasText: "You'll only be able to sign in with your username." });
  await form.locator('summary').click();
  await form.getByLabel('Your password').fill('not the one');
  await form.getByRole('button', { name: 'Remove email' }).click();
  await expect(form.locator('.field-error')).toBeVisible();
  await form.getByLabel('Your password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Remove email' }).click();
  await expect(page.getByText('No email yet.')).toBeVisible();
});
