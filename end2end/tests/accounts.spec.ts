import { audit, fits } from '../support/audit';
import { ready } from '../support/chat';
import { Person } from '../support/person';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

test('a moderator is offered what they may do, and no more', async ({ people, server, watch }) => {
  watch.allow(answered(403), answered(404));
  const warden = await Person.signIn(server, 'warden');
  const mara = await people.signUp('Mara');
  await warden.call('PUT', `/admin/users/${mara.id}/role`, { role: 'moderator' });
  const ada = await people.arrive('Ada');
  const { page } = await people.sit(mara);
  await page.goto('/settings');
  await expect(page.getByRole('link', { name: 'Invitations' }).first()).toBeVisible();
  await expect(page.getByRole('link', { name: 'Service settings' })).toHaveCount(0);
  await page.goto('/admin/people');
  await page.getByRole('link', { name: 'Ada' }).click();
  await expect(page.getByText('Sign out everywhere')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Role' })).toBeHidden();
  await page.goto(`/admin/people/${warden.id}`);
  await expect(page.getByRole('heading', { name: 'Warden' })).toBeVisible();
  await expect(page.getByText('Deactivate')).toBeHidden();
  await ada.page.goto('/admin/people');
  await expect(ada.page.getByText('Your role does not allow this.')).toBeVisible();
});

test('who becomes a guest, and is one no more, is offered at once what they may do', async ({ people, server }) => {
  const warden = await Person.signIn(server, 'warden');
  const ada = await people.arrive('Ada');
  const { me, page } = ada;
  await ada.open(await me.lobby());
  const browse = page.getByRole('navigation').getByRole('link', { name: 'Browse rooms' });
  await expect(browse).toBeVisible();
  await warden.call('PUT', `/admin/users/${me.id}/role`, { role: 'guest' });
  await expect(page.getByText('No rooms yet')).toBeVisible();
  await expect(browse).toHaveCount(0);
  await warden.call('PUT', `/admin/users/${me.id}/role`, { role: 'member' });
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await expect(browse).toBeVisible();
});

test('someone whose sessions are ended is at the door a moment later', async ({ people, server }) => {
  const warden = await people.sit(await Person.signIn(server, 'warden'));
  const { page, me } = await people.arrive('Ada');
  await page.goto('/settings');
  await ready(page);
  await warden.page.goto(`/admin/people/${me.id}`);
  await warden.page.getByText('Sign out everywhere').click();
  await warden.page.getByRole('button', { name: 'End all sessions' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('everyone can use the pages about accounts, on a phone too', async ({ people, server }) => {
  const bob = await people.signUp('Bob von und zu Hohenzollern-Sigmaringen');
  const { page } = await people.sit(await Person.signIn(server, 'warden'));
  for (const path of ['/admin/people', '/admin/people?q=nobody-like-that', `/admin/people/${bob.id}`]) {
    await page.goto(path);
    await audit(page, path);
    await page.setViewportSize({ width: 390, height: 844 });
    await fits(page, path);
  }
});
