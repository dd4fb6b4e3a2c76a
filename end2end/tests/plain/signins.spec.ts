import { Person } from '../../support/person';
import { deleteToken, secondStep, sessions, tokens } from '../../support/signins';
import { test } from '../../support/test';

test('without JavaScript someone sets up a second step, signs in with it and takes it away', async ({ page, people }) => {
  await people.signUp('Mara');
  await secondStep(page, 'mara');
});

test('without JavaScript someone sees where they are signed in and ends the other session', async ({
  people,
  server,
}) => {
  const mara = await people.signUp('Mara');
  const plain = { javaScriptEnabled: false };
  const desk = await people.sit(mara, plain);
  const phone = await people.sit(await Person.signIn(server, 'mara'), plain);
  await sessions(desk.page, mara, phone.page);
});

test('without JavaScript someone makes an access token and deletes it', async ({ page, people }) => {
  await people.signUp('Mara');
  await tokens(page, 'mara');
  await deleteToken(page);
});
