// Registration by invitation; passwords and e-mail addresses: changed, verified and reset by mail.
import { audit } from '../support/accessibility';
import { hydrated } from '../support/chat';
import { statusError } from '../support/console-guard';
import { SmtpServer } from '../support/smtp';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD } from '../support/user';

const NEW = 'an ember in the hearth';

test('a forgotten password is reset by mail, and other tabs are signed out', async ({
  page,
  server,
  people,
}) => {
  const smtp = await SmtpServer.start();
  const mara = await people.signUp('Mara');
  await server.restartWith({ LAIR_SMTP_URL: smtp.url, LAIR_PUBLIC_URL: server.url });
  await mara.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await expect.poll(() => smtp.find('mara@example.org', 'Confirm your e-mail address')).toBeTruthy();
  await page.goto(smtp.find('mara@example.org', 'Confirm your e-mail address')!.link);
  await hydrated(page);
  await audit(page, 'confirming an address');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your address is confirmed');

  const tab = await people.open(mara);
  await tab.page.goto('/');
  await hydrated(tab.page);
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await hydrated(page);
  await audit(page, 'forgot');
  await page.getByLabel('Username or e-mail').fill('mara@example.org');
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Look into your mail');
  await expect.poll(() => smtp.find('mara@example.org', 'Set a new password')).toBeTruthy();
  await page.goto(smtp.find('mara@example.org', 'Set a new password')!.link);
  await hydrated(page);
  await audit(page, 'a new password');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('status')).toHaveText('Your password is set. Sign in with it.');
  await expect(tab.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or e-mail').fill('mara@example.org');
  await page.getByLabel('Password').fill(NEW);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  smtp.close();
});

test('changing the password shows field errors and signs out other tabs', async ({
  server,
  people,
  consoleGuard,
}) => {
  consoleGuard.allow(statusError(403), statusError(422));
  const mara = await people.newUser('Mara');
  const other = await people.open(await ApiUser.signIn(server, 'mara'));
  await other.page.goto('/');
  await hydrated(other.page);
  const { page } = mara;
  await page.goto('/settings/account');
  await hydrated(page);
  await audit(page, 'account settings');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('password1234');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('That is not your password.')).toBeVisible();
  await expect(page.getByText('This password is easy to guess.')).toBeVisible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await expect(other.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('an administrator restricts registration to invitations, and an invited user signs up', async ({
  page,
  server,
  people,
}) => {
  const admin = await people.open(await ApiUser.signIn(server, 'admin'));
  await admin.page.goto('/admin/settings');
  await hydrated(admin.page);
  await audit(admin.page, 'service settings');
  await admin.page.getByLabel('Those who are invited').check();
  await admin.page.getByRole('button', { name: 'Save' }).click();
  await expect(admin.page.getByRole('status')).toHaveText('Saved.');
  await expect(admin.page.getByLabel('Those who are invited')).toBeChecked();

  await page.goto('/sign-up');
  await expect(page.getByText('Accounts are made by invitation here.')).toBeVisible();
  await page.goto('/sign-in');
  await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0);

  await admin.page.goto('/admin/invitations');
  await hydrated(admin.page);
  await expect(admin.page.getByRole('heading', { name: 'Nobody is invited yet' })).toBeVisible();
  await admin.page.getByLabel('Guests').check();
  await admin.page.getByRole('button', { name: 'Make a link' }).click();
  const link = (await admin.page.getByRole('status', { name: 'Here is the link' }).locator('code').textContent()) ?? '';
  await hydrated(admin.page);
  await audit(admin.page, 'invitations');

  await page.goto(link);
  await hydrated(page);
  await expect(page.getByText('Admin invites you.')).toBeVisible();
  await audit(page, 'signing up by invitation');
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No rooms yet');
  expect((await ApiUser.signIn(server, 'ingrid')).tokens.user.role).toBe('guest');
  await admin.page.goto('/admin/invitations');
  await expect(admin.page.getByText('1 of 1 guests came')).toBeVisible();
  await admin.page.getByText('Take back').click();
  await admin.page.getByRole('button', { name: 'Take it back' }).click();
  await expect(admin.page.getByRole('heading', { name: 'Nobody is invited yet' })).toBeVisible();
});

test('removing the e-mail address requires the password', async ({ people, consoleGuard }) => {
  consoleGuard.allow(statusError(403), statusError(422));
  const { me, page } = await people.newUser('Mara');
  await me.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await page.goto('/settings/account');
  await hydrated(page);
  await page.getByText('Remove address').first().click();
  const form = page.locator('details', { hasText: 'You then sign in with your username alone.' });
  await form.getByLabel('Your password').fill('not the one');
  await form.getByRole('button', { name: 'Remove address' }).click();
  await expect(form.locator('.wrong')).toBeVisible();
  await audit(page, 'removing an address');
  await form.getByLabel('Your password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Remove address' }).click();
  await expect(page.getByText('None yet.')).toBeVisible();
  await expect(page.getByText('Remove address')).toHaveCount(0);
});
