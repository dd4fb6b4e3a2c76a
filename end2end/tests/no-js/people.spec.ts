import { fits } from '../../support/accessibility';
import { expect, test } from '../../support/test';
import { PASSWORD } from '../../support/user';

test('without JavaScript a user finds, blocks and unblocks another', async ({ users }) => {
  const tomas = await users.signUp('Tomás Núñez');
  await tomas.send(await tomas.lobby(), 'Good morning');
  const { page } = await users.newUser('Ada Brandt');
  await page.goto('/people');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
  await page.getByRole('searchbox', { name: 'Name or username' }).fill('nunze');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'Tomás Núñez' }).click();
  await expect(page.getByRole('heading', { name: 'Tomás Núñez' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Lobby' })).toBeVisible();
  await fits(page, 'a person');
  await page.getByText('Block this person').click();
  await page.getByRole('button', { name: 'Block Tomás Núñez' }).click();
  await expect(page.getByRole('heading', { name: 'You blocked this person' })).toBeVisible();
  await page.getByRole('main').getByRole('link', { name: 'Lobby' }).click();
  await expect(page.getByText('Good morning')).toBeHidden();
  await page.getByText('Message from someone you blocked.').click();
  await expect(page.getByText('Good morning')).toBeVisible();
  await page.goto('/settings/blocked');
  await page.getByRole('button', { name: 'Unblock Tomás Núñez' }).click();
  await expect(page.getByRole('heading', { name: 'No blocked people' })).toBeVisible();
});

test('without JavaScript a search without results shows a hint', async ({ users }) => {
  const { page } = await users.newUser('Ada');
  await page.goto('/people?q=zzzz');
  await expect(page.getByRole('heading', { name: 'No people match “zzzz”' })).toBeVisible();
  await page.getByRole('link', { name: 'Show everyone' }).click();
  await expect(page.getByRole('link', { name: /\bAdmin\b/ })).toBeVisible();
});

test('without JavaScript a user exports their data and deactivates the account', async ({ users }) => {
  const { page } = await users.newUser('Ada');
  await page.goto('/settings/data');
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download your data' }).click();
  expect((await coming).suggestedFilename()).toBe('lair-export.zip');
  await page.getByText('Deactivate your account').click();
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByText('Wrong password.')).toBeVisible();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('ada');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText(
    'This account is deactivated. Ask an administrator to reactivate it.',
  );
});
