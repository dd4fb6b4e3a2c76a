import { statusError } from '../../support/console-guard';
import { SmtpServer } from '../../support/smtp';
import { expect, test } from '../../support/test';
import { ApiUser, PASSWORD } from '../../support/user';

const NEW = 'an ember in the hearth';

test('without JavaScript a new user verifies their e-mail and resets a forgotten password', async ({
  page,
  server,
  people,
}) => {
  await people.signUp('Mara');
  const smtp = await SmtpServer.start();
  await server.restartWith({ LAIR_SMTP_URL: smtp.url, LAIR_PUBLIC_URL: server.url });
  await page.goto('/sign-up');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('E-mail').fill('ada@example.org');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect.poll(() => smtp.find('ada@example.org', 'Confirm your e-mail address')).toBeTruthy();
  const { link } = smtp.find('ada@example.org', 'Confirm your e-mail address')!;
  // Mail scanners open links, so opening the link must not confirm the address; only the button does.
  for (let n = 0; n < 2; n += 1) await page.goto(link);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your address is confirmed');
  await page.getByRole('link', { name: 'To your rooms' }).click();
  await page.goto('/settings/account');
  await expect(page.getByText('ada@example.org, confirmed.')).toBeVisible();

  await page.goto('/forgot');
  await page.getByLabel('Username or e-mail').fill('ada');
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Look into your mail');
  await expect.poll(() => smtp.find('ada@example.org', 'Set a new password')).toBeTruthy();
  await page.goto(smtp.find('ada@example.org', 'Set a new password')!.link);
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByText('The password needs at least 8 characters.')).toBeVisible();
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Set password' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or e-mail').fill('ada@example.org');
  await page.getByLabel('Password').fill(NEW);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  smtp.close();
});

test('without JavaScript and SMTP, a password is reset with a link from an administrator', async ({
  page,
  server,
  people,
  consoleGuard,
}) => {
  consoleGuard.allow(statusError(404));
  const mara = await people.signUp('Mara');
  await page.goto('/forgot');
  await expect(page.getByText('An administrator can make a link')).toBeVisible();
  await expect(page.getByRole('button')).toHaveCount(0);
  const admin = await ApiUser.signIn(server, 'admin');
  const { url } = await admin.request<{ url: string }>('POST', `/admin/users/${mara.id}/reset-password`);
  await page.goto(url);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Set password' }).click();
  await ApiUser.signIn(server, 'mara', NEW);
  const used = await page.goto(url);
  expect(used?.status()).toBe(404);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer good');
});

test('without JavaScript changing the password shows field errors', async ({ page, server, people }) => {
  const mara = await people.signUp('Mara');
  await page.context().addCookies(mara.cookies());
  await page.goto('/settings/account');
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('That is not your password.')).toBeVisible();
  await page.getByLabel('New address').fill('mara@example.org');
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Change address' }).click();
  await expect(page.getByText('mara@example.org. You can sign in with it.')).toBeVisible();
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('New password').fill(NEW);
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByRole('status')).toHaveText('Saved.');
  await ApiUser.signIn(server, 'mara@example.org', NEW);
});

test('without JavaScript an invitation is created, redeemed and revoked', async ({ page, server, people }) => {
  await people.signUp('Mara');
  const admin = await ApiUser.signIn(server, 'admin');
  await page.context().addCookies(admin.cookies());
  await page.goto('/admin/settings');
  await page.getByLabel('Those who are invited').check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.goto('/admin/invitations');
  await page.getByLabel('How many accounts').fill('2000');
  await page.getByRole('button', { name: 'Make a link' }).click();
  await expect(page.getByText('Between 1 and 1000.')).toBeVisible();
  await page.getByLabel('How many accounts').fill('2');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = (await page.getByRole('status', { name: 'Here is the link' }).locator('code').textContent()) ?? '';
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByLabel('Username').fill('m');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('The username needs at least 2 characters.')).toBeVisible();
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await page.context().clearCookies();
  await page.context().addCookies(admin.cookies());
  await page.goto('/admin/invitations');
  await expect(page.getByText('1 of 2 members came')).toBeVisible();
  await page.getByText('Take back').click();
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.context().clearCookies();
  await page.goto(link);
  await expect(page.getByText('This invitation was used, has expired or was revoked.')).toBeVisible();
});

test('without JavaScript removing the e-mail address requires the password', async ({ page, people }) => {
  const mara = await people.signUp('Mara');
  await mara.request('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await page.goto('/sign-in?next=/settings/account');
  await page.getByLabel('Username or e-mail').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const form = page.locator('details', { hasText: 'You then sign in with your username alone.' });
  await form.locator('summary').click();
  await form.getByLabel('Your password').fill('not the one');
  await form.getByRole('button', { name: 'Remove address' }).click();
  await expect(form.locator('.wrong')).toBeVisible();
  await form.getByLabel('Your password').fill(PASSWORD);
  await form.getByRole('button', { name: 'Remove address' }).click();
  await expect(page.getByText('None yet.')).toBeVisible();
});
