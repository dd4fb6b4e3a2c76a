// Coming in by invitation, and passwords and addresses: changed, confirmed and set anew by mail.
import { audit } from '../support/audit';
import { hydrated } from '../support/chat';
import { PASSWORD, Person } from '../support/person';
import { PostOffice } from '../support/post';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

const NEW = 'an ember in the hearth';

test('a forgotten password is set anew with a link that comes by mail, and other tabs are signed out', async ({
  page,
  server,
  people,
}) => {
  const office = await PostOffice.open();
  const mara = await people.signUp('Mara');
  await server.change({ LAIR_SMTP_URL: office.url, LAIR_PUBLIC_URL: server.url });
  await mara.call('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await expect.poll(() => office.find('mara@example.org', 'Confirm your e-mail address')).toBeTruthy();
  await page.goto(office.find('mara@example.org', 'Confirm your e-mail address')!.link);
  await hydrated(page);
  await audit(page, 'confirming an address');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Your address is confirmed');

  const tab = await people.sit(mara);
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
  await expect.poll(() => office.find('mara@example.org', 'Set a new password')).toBeTruthy();
  await page.goto(office.find('mara@example.org', 'Set a new password')!.link);
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
  office.close();
});

test('someone changes their password; what is wrong stands beside its field, and other tabs are signed out', async ({
  server,
  people,
  watch,
}) => {
  watch.allow(answered(403), answered(422));
  const mara = await people.arrive('Mara');
  const other = await people.sit(await Person.signIn(server, 'mara'));
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

test('an administrator closes the door to all but the invited, and someone invited comes in', async ({
  page,
  server,
  people,
}) => {
  const warden = await people.sit(await Person.signIn(server, 'warden'));
  await warden.page.goto('/admin/settings');
  await hydrated(warden.page);
  await audit(warden.page, 'service settings');
  await warden.page.getByLabel('Those who are invited').check();
  await warden.page.getByRole('button', { name: 'Save' }).click();
  await expect(warden.page.getByRole('status')).toHaveText('Saved.');
  await expect(warden.page.getByLabel('Those who are invited')).toBeChecked();

  await page.goto('/sign-up');
  await expect(page.getByText('Accounts are made by invitation here.')).toBeVisible();
  await page.goto('/sign-in');
  await expect(page.getByRole('link', { name: 'Create an account' })).toHaveCount(0);

  await warden.page.goto('/admin/invitations');
  await hydrated(warden.page);
  await expect(warden.page.getByRole('heading', { name: 'Nobody is invited yet' })).toBeVisible();
  await warden.page.getByLabel('Guests').check();
  await warden.page.getByRole('button', { name: 'Make a link' }).click();
  const link = (await warden.page.getByRole('status', { name: 'Here is the link' }).locator('code').textContent()) ?? '';
  await hydrated(warden.page);
  await audit(warden.page, 'invitations');

  await page.goto(link);
  await hydrated(page);
  await expect(page.getByText('Warden invites you.')).toBeVisible();
  await audit(page, 'signing up by invitation');
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('No rooms yet');
  expect((await Person.signIn(server, 'ingrid')).tokens.user.role).toBe('guest');
  await warden.page.goto('/admin/invitations');
  await expect(warden.page.getByText('1 of 1 guests came')).toBeVisible();
  await warden.page.getByText('Take back').click();
  await warden.page.getByRole('button', { name: 'Take it back' }).click();
  await expect(warden.page.getByRole('heading', { name: 'Nobody is invited yet' })).toBeVisible();
});

test('an address is taken away with the password', async ({ people, watch }) => {
  watch.allow(answered(403), answered(422));
  const { me, page } = await people.arrive('Mara');
  await me.call('PUT', '/users/email', { email: 'mara@example.org', password: PASSWORD });
  await page.goto('/settings/account');
  await hydrated(page);
  await page.getByText('Remove address').first().click();
  const question = page.locator('details', { hasText: 'You then sign in with your username alone.' });
  await question.getByLabel('Your password').fill('not the one');
  await question.getByRole('button', { name: 'Remove address' }).click();
  await expect(question.locator('.wrong')).toBeVisible();
  await audit(page, 'taking an address away');
  await question.getByLabel('Your password').fill(PASSWORD);
  await question.getByRole('button', { name: 'Remove address' }).click();
  await expect(page.getByText('None yet.')).toBeVisible();
  await expect(page.getByText('Remove address')).toHaveCount(0);
});
