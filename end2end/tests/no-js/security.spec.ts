import { deleteToken, secondFactorFlow, sessionsFlow, tokensFlow } from '../../support/security-flows';
import { test } from '../../support/test';
import { ApiUser } from '../../support/user';

test('without JavaScript a user sets up a second factor, signs in with it and removes it', async ({ page, people }) => {
  await people.signUp('Mara');
  await secondFactorFlow(page, 'mara');
});

test('without JavaScript a user lists their sessions and ends another one', async ({
  people,
  server,
}) => {
  const mara = await people.signUp('Mara');
  const noJs = { javaScriptEnabled: false };
  const desktop = await people.open(mara, noJs);
  const phone = await people.open(await ApiUser.signIn(server, 'mara'), noJs);
  await sessionsFlow(desktop.page, mara, phone.page);
});

test('without JavaScript a user creates an access token and deletes it', async ({ page, people }) => {
  await people.signUp('Mara');
  await tokensFlow(page, 'mara');
  await deleteToken(page);
});
