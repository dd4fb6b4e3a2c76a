import { audit } from '../support/audit';
import { Person } from '../support/person';
import { deleteToken, secondStep, sessions, tokens } from '../support/signins';
import { expect, test } from '../support/test';
import { answered } from '../support/watch';

test('someone sets up a second step, signs in with it and takes it away', async ({ page, people, watch }) => {
  watch.allow(answered(401), answered(422));
  await people.signUp('Mara');
  await secondStep(page, 'mara', audit);
});

test('someone sees where they are signed in and ends the other session, whose tab goes', async ({ people, server }) => {
  const mara = await people.signUp('Mara');
  const desk = await people.sit(mara);
  const phone = await people.sit(await Person.signIn(server, 'mara'));
  await sessions(desk.page, mara, phone.page, audit);
  await expect(phone.page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

test('someone makes an access token, uses it and deletes it', async ({ page, people, server }) => {
  await people.signUp('Mara');
  const token = await tokens(page, 'mara', audit);
  const ask = () => fetch(`${server.url}/api/v1/sync`, { headers: { authorization: `Bearer ${token}` } });
  expect((await ask()).status).toBe(200);
  await deleteToken(page);
  expect((await ask()).status).toBe(401);
});
