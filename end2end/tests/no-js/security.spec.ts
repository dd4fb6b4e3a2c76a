import { deleteToken, secondFactorFlow, sessionsFlow, tokensFlow } from '../../support/security-flows';
import { test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript a user sets up a second factor, signs in with it and removes it', async ({ page, users }) => {
  await users.signUp('Mara');
  await secondFactorFlow(page, 'mara');
});

test('without JavaScript a user lists their sessions and ends another one', async ({
  users,
  server,
}) => {
  const mara = await users.signUp('Mara');
  const noJs = { javaScriptEnabled: false };
  const desktop = await users.open(mara, noJs);
  const phone = await users.open(await ApiUser.signIn(server, 'mara'), noJs);
  await sessionsFlow(desktop.page, mara, phone.page);
});

test('without JavaScript a user creates an access token and deletes it', async ({ page, users }) => {
  await users.signUp('Mara');
  await tokensFlow(page, 'mara');
  await deleteToken(page);
});
