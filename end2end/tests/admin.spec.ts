import { audit, fits } from '../support/accessibility';
import { ready } from '../support/chat';
import { statusError } from '../support/console-guard';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

test('a moderator is offered only permitted actions', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(statusError(403), statusError(404));
  const admin = await ApiUser.signIn(server, 'admin');
  const mara = await users.signUp('Mara');
  await admin.request('PUT', `/admin/users/${mara.id}/role`, { role: 'moderator' });
  const ada = await users.newUser('Ada');
  const { page } = await users.open(mara);
  await page.goto('/settings');
  await expect(page.getByRole('link', { name: 'Invitations' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Service settings' })).toHaveCount(0);
  await page.goto('/admin/people');
  await page.getByRole('link', { name: 'Ada' }).click();
  await expect(page.getByText('Sign out everywhere')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Role' })).toBeHidden();
  await page.goto(`/admin/people/${admin.id}`);
  await expect(page.getByRole('heading', { name: 'Admin', exact: true })).toBeVisible();
  await expect(page.getByText('Deactivate')).toBeHidden();
  await ada.page.goto('/admin/people');
  await expect(ada.page.getByText("You don't have permission to view this page.")).toBeVisible();
});

test('a role change to guest and back updates the offered actions at once', async ({ users, server }) => {
  const admin = await ApiUser.signIn(server, 'admin');
  const ada = await users.newUser('Ada');
  const { me, page } = ada;
  await ada.open(await me.lobby());
  const browse = page.getByRole('navigation').getByRole('link', { name: 'Browse rooms' });
  await expect(browse).toBeVisible();
  await admin.request('PUT', `/admin/users/${me.id}/role`, { role: 'guest' });
  await expect(page.getByText('No rooms yet')).toBeVisible();
  await expect(browse).toHaveCount(0);
  await admin.request('PUT', `/admin/users/${me.id}/role`, { role: 'member' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect(browse).toBeVisible();
});

test('a user whose sessions are ended is sent to the sign-in page', async ({ users, server }) => {
  const admin = await users.open(await ApiUser.signIn(server, 'admin'));
  const { page, me } = await users.newUser('Ada');
  await page.goto('/settings');
  await ready(page);
  await admin.page.goto(`/admin/people/${me.id}`);
  await admin.page.getByText('Sign out everywhere').click();
  await admin.page.getByRole('button', { name: 'Sign out all devices' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('the account administration pages are accessible, on a phone too', async ({ users, server }) => {
  const bob = await users.signUp('Bob von und zu Hohenzollern-Sigmaringen');
  const { page } = await users.open(await ApiUser.signIn(server, 'admin'));
  for (const path of ['/admin/people', '/admin/people?q=nobody-like-that', `/admin/people/${bob.id}`]) {
    await page.goto(path);
    await audit(page, path);
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, path);
  }
});
