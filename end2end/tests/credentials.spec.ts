// Registration by invitation; passwords and email addresses: changed, verified and reset by mail.
import { audit } from '../support/accessibility';
import { hydrated, ready } from '../support/chat';
import { statusError } from '../support/console-guard';
import { SmtpServer } from '../support/smtp';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD } from '../support/user';

const NEW = 'an ember in the hearth';

test('a forgotten password is reset by mail, and other tabs are signed out', async ({
  page,
  server,
  users,
}) => {
  const smtp = await SmtpServer.start();
  const mara = await users.signUp('Mara');
  await server.restartWith({ LAIR_SMTP_URL: smtp.url, LAIR_PUBLIC_URL: server.url });
  await mara.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await expect.poll(() => smtp.find('mara@example.org', 'Confirm your email address')).toBeTruthy();
  await page.goto(smtp.find('mara@example.org', 'Confirm your email address')!.link);
  await hydrated(page);
  await audit(page, 'confirming an address');
  await page.getByRole('button', { name: 'Confirm email' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Email confirmed');

  const tab = await users.open(mara);
  await tab.page.goto('/');
  await ready(tab.page);
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await hydrated(page);
  await audit(page, 'forgot');
  await page.getByLabel('Username or email').fill('mara@example.org');
  await page.getByRole('button', { name: 'Send reset link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Check your email');
  await expect.poll(() => smtp.find('mara@example.org', 'Reset your password')).toBeTruthy();
  await page.goto(smtp.find('mara@example.org', 'Reset your password')!.link);
  await hydrated(page);
  await audit(page, 'a new password');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Reset password' }).click();
  await expect(page.getByRole('status')).toHaveText('Your password was reset. Sign in with the new one.');
  await expect(tab.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('mara@example.org');
  await page.getByLabel('Password').fill(NEW);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  smtp.close();
});

test('changing the password shows field errors and signs out other tabs', async ({
  server,
  users,
  consoleGuard,
}) => {
  consoleGuard.allow(statusError(403), statusError(422));
  const mara = await users.newUser('Mara');
  const other = await users.open(await ApiUser.signIn(server, 'mara'));
  await other.page.goto('/');
  await ready(other.page);
  const { page } = mara;
  await page.goto('/settings/account');
  await hydrated(page);
  await audit(page, 'account settings');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('password1234');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('Wrong password.')).toBeVisible();
  await expect(page.getByText('This password is easy to guess.')).toBeVisible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status')).toHaveText('Password changed.');
  await expect(other.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('an administrator restricts registration to invitations, and an invited user signs up', async ({
  page,
  server,
  users,
}) => {
  const admin = await users.open(await ApiUser.signIn(server, 'admin'));
  await admin.page.goto('/admin/settings');
  await hydrated(admin.page);
  await audit(admin.page, 'service settings');
  await admin.page.getByLabel('Invited people only').check();
  await admin.page.getByRole('button', { name: 'Save' }).click();
  await expect(admin.page.getByRole('status')).toHaveText('Settings saved.');
  await expect(admin.page.getByLabel('Invited people only')).toBeChecked();

  await page.goto('/sign-up');
  await expect(page.getByText('You need an invite link to create an account.')).toBeVisible();
  await page.goto('/sign-in');
  await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0);

  await admin.page.goto('/admin/invitations');
  await hydrated(admin.page);
  await expect(admin.page.getByRole('heading', { name: 'No invite links yet' })).toBeVisible();
  await admin.page.getByLabel('Guest').check();
  await admin.page.getByRole('button', { name: 'Create invite link' }).click();
  const link = (await admin.page.getByRole('status', { name: 'Invite link created' }).locator('code').textContent()) ?? '';
  await hydrated(admin.page);
  await audit(admin.page, 'invitations');

  await page.goto(link);
  await hydrated(page);
  await expect(page.getByText('Admin invited you to join.')).toBeVisible();
  await audit(page, 'signing up by invitation');
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No rooms yet');
  expect((await ApiUser.signIn(server, 'ingrid')).tokens.user.role).toBe('guest');
  await admin.page.goto('/admin/invitations');
  await expect(admin.page.getByText('1 of 1 used')).toBeVisible();
  await admin.page.getByText('Revoke', { exact: true }).click();
  await admin.page.getByRole('button', { name: 'Revoke link' }).click();
  await expect(admin.page.getByRole('heading', { name: 'No invite links yet' })).toBeVisible();
});

test('removing the email address requires the password', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(403), statusError(422));
  const { me, page } = await users.newUser('Mara');
  await me.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await page.goto('/settings/account');
  await hydrated(page);
  await page.getByText('Remove email').first().click();
  const form = page.locator('details', { hasText: "You'll only be able to sign in with your username." });
  await form.getByLabel('Your password').fill('not the one');
  await form.getByRole('button', { name: 'Remove email' }).click();
  await expect(form.locator('.field-error')).toBeVisible();
  await audit(page, 'removing an address');
  await form.getByLabel('Your password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Remove email' }).click();
  await expect(page.getByText('No email yet.')).toBeVisible();
  await expect(page.getByText('Remove email')).toHaveCount(0);
});
