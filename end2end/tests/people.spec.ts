import { PASSWORD } from '../support/person';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

test('someone finds a person by a name with a typo', async ({ people }) => {
  const tomas = await people.signUp('Tomás Núñez');
  const { page } = await people.arrive('Ada Brandt');
  await page.goto('/people');
  await page.getByRole('searchbox', { name: 'Name or username' }).fill('nunze');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Tomás Núñez' }).click();
  await expect(page).toHaveURL(new RegExp(`/people/${encodeURIComponent(tomas.username)}$`));
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('People');
});

test('someone leaves, and is told why they cannot come back', async ({ people, watch }) => {
  watch.allow(answered(403));
  const { page } = await people.arrive('Ada');
  await page.goto('/settings/data');
  await page.getByText('Deactivate your account').click();
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByText('That is not your password.')).toBeVisible();
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Deactivate account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});
