import { audit } from '../support/accessibility';
import { statusError } from '../support/console-guard';
import { deleteToken, secondFactorFlow, sessionsFlow, tokensFlow } from '../support/security-flows';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

test('a user sets up a second factor, signs in with it and removes it', async ({ page, users, consoleGuard }) => {
  // Six pages are audited, each in two themes: two thirds of its time.
  test.slow();
  consoleGuard.allow(statusError(401), statusError(422));
  await users.signUp('Mara');
  await secondFactorFlow(page, 'mara', audit);
});

test('a user lists their sessions and ends another one, whose tab is signed out', async ({ users, server }) => {
  const mara = await users.signUp('Mara');
  const desktop = await users.open(mara);
  const phone = await users.open(await ApiUser.signIn(server, 'mara'));
  await sessionsFlow(desktop.page, mara, phone.page, audit);
  await expect(phone.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('a user creates an access token, uses it and deletes it', async ({ page, users, server }) => {
  await users.signUp('Mara');
  const token = await tokensFlow(page, 'mara', audit);
  const request = () => fetch(`${server.url}/api/v1/sync`, { headers: { authorization: `Bearer ${token}` } });
  expect((await request()).status).toBe(200);
  await deleteToken(page);
  expect((await request()).status).toBe(401);
});
