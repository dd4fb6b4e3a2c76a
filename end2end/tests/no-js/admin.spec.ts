import { fits } from '../../support/accessibility';
import { expect, test } from '../../support/test';
import { totp } from '../../support/totp';
import { ApiUser } from '../../support/user';

test('without JavaScript an administrator sets a role, ends sessions and deactivates an account', async ({
  users,
  server,
}) => {
  const mara = await users.signUp('Mara Okafor');
  const { page } = await users.open(await ApiUser.signIn(server, 'admin'));
  await page.goto('/settings');
  await page.getByRole('navigation').getByRole('link', { name: 'Accounts' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Accounts');
  await page.getByRole('searchbox').fill('okaf');
  await page.getByRole('combobox', { name: 'Role' }).selectOption('Member');
  await page.getByRole('button', { name: 'Search' }).click();
  await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
  await page.getByRole('link', { name: 'Mara Okafor' }).click();
  await expect(page.getByRole('heading', { name: 'Mara Okafor' })).toBeVisible();
  await fits(page, 'an account');

  await page.getByRole('radio', { name: /^Moderator/ }).check();
  await page.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByRole('status')).toHaveText('Role changed.');
  await expect(page.getByRole('radio', { name: /^Moderator/ })).toBeChecked();
  expect(await mara.request<{ role: string }>('GET', `/users/${mara.id}`)).toMatchObject({ role: 'moderator' });

  await page.getByText('Sign out everywhere').click();
  await page.getByRole('button', { name: 'Sign out all devices' }).click();
  await expect(page.getByRole('status')).toHaveText('Signed out on all devices.');
  await expect(mara.request('GET', '/sync')).rejects.toMatchObject({ status: 401 });

  await expect(page.getByText('Two-factor authentication', { exact: true }).and(page.getByRole('heading'))).toHaveCount(0);

  await page.getByText('Deactivate', { exact: true }).click();
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByText('This account is deactivated.')).toBeVisible();
  await expect(ApiUser.signIn(server, mara.username)).rejects.toMatchObject({ status: 403 });
  await page.getByRole('button', { name: 'Reactivate account' }).click();
  await expect(page.getByText('Deactivate', { exact: true })).toBeVisible();
  await ApiUser.signIn(server, mara.username);
});

test('without JavaScript the last administrator cannot change their role', async ({ users, server }) => {
  const admin = await ApiUser.signIn(server, 'admin');
  const { page } = await users.open(admin);
  await page.goto(`/admin/people/${admin.id}`);
  await page.getByRole('radio', { name: /^Guest/ }).check();
  await page.getByRole('button', { name: 'Change role' }).click();
  await expect(page.getByRole('alert')).toHaveText('This is the last administrator. Make someone else an administrator first.');
  // The role that the account has.
  await expect(page.getByRole('radio', { name: /^Administrator/ })).toBeChecked();
});

test('without JavaScript an administrator removes a lost second factor', async ({ users, server }) => {
  const mara = await users.signUp('Mara Okafor');
  const { secret } = await mara.request<{ secret: string }>('POST', '/auth/second-factor');
  await mara.request('POST', '/auth/second-factor/confirm', { code: totp(secret) });
  await expect(ApiUser.signIn(server, mara.username)).rejects.toMatchObject({ status: 401 });
  const { page } = await users.open(await ApiUser.signIn(server, 'admin'));
  await page.goto(`/admin/people/${mara.id}`);
  await page.getByText('Turn off', { exact: true }).click();
  await page.getByRole('button', { name: 'Turn off two-factor' }).click();
  await expect(page.getByRole('status')).toHaveText('Two-factor authentication was turned off.');
  await expect(page.getByText('Turn off', { exact: true })).toHaveCount(0);
  await ApiUser.signIn(server, mara.username);
});
