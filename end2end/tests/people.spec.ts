import { audit, fits } from '../support/accessibility';
import { DESKTOP, PHONE } from '../support/browser';
import { statusError } from '../support/console-guard';
import { expect, test } from '../support/test';
import { PASSWORD } from '../support/user';

test('a user is found by a name with a typo', async ({ users }) => {
  const tomas = await users.signUp('Tomás Núñez');
  const { page } = await users.newUser('Ada Brandt');
  await page.goto('/people');
  await page.getByRole('searchbox', { name: 'Name or username' }).fill('nunze');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Tomás Núñez' }).click();
  await expect.poll(() => decodeURIComponent(page.url())).toContain(`/people/${tomas.username}`);
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'People', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
});

test('a user deactivates their account and is signed out', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(403));
  const { page } = await users.newUser('Ada');
  await page.goto('/settings/data');
  await page.getByText('Deactivate your account').click();
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByText('Wrong password.')).toBeVisible();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

for (const [where, viewport] of [
  ['on a desktop', DESKTOP],
  ['on a phone', PHONE],
] as const) {
  test(`the pages about people are accessible ${where}`, async ({ users }) => {
    test.slow();
    const tomas = await users.signUp('Tomás Núñez de la Peña y Castellanos');
    await tomas.request('PUT', '/users/profile', {
      bio: 'Likes fires.\nAnd long evenings.',
      pronouns: 'he/him',
      time_zone: 'Asia/Kolkata',
      status: { emoji: '🔥', text: 'By the fire, and not to be disturbed by anyone for a while' },
    });
    const bob = await users.newUser('Bob', { viewport });
    await bob.me.request('PUT', `/users/${tomas.id}/block`);
    for (const path of ['/people', '/people?q=zzzz', `/people/${tomas.username}`, '/settings/blocked', '/settings/data']) {
      await bob.page.goto(path);
      await fits(bob.page, path);
      await audit(bob.page, path);
    }
  });
}
