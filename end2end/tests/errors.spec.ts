import { hydrated, ready } from '../support/chat';
import { PASSWORD } from '../support/person';
import { expect, test } from '../support/test';
import { GONE, answered } from '../support/watch';

test('a wrong password is refused in plain words, and the name stays', async ({ page, people, watch }) => {
  watch.allow(answered(401));
  await people.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByLabel('Username or e-mail').fill('mara');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('That name and password do not belong together.');
  await expect(page.getByLabel('Username or e-mail')).toHaveValue('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a name that is taken is said at the field, and everything else stays', async ({ page, people, watch }) => {
  watch.allow(answered(409));
  await people.signUp('Mara');
  await page.goto('/sign-up');
  await hydrated(page);
  await page.getByLabel('Username').fill('Mara');
  await page.getByLabel('Display name').fill('Another Mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Someone else has that username. Choose another.')).toBeVisible();
  await expect(page.getByLabel('Username')).toHaveValue('Mara');
  await expect(page.getByLabel('Display name')).toHaveValue('Another Mara');
  await page.getByLabel('Username').fill('mara2');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a sign-up that will not do says what is wrong with each field', async ({ page, people, watch }) => {
  watch.allow(answered(422));
  await people.signUp('Mara');
  await page.goto('/sign-up');
  await hydrated(page);
  await page.getByLabel('Username').fill('a');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('The username needs at least 2 characters.')).toBeVisible();
  await expect(page.getByText('The password needs at least 8 characters.')).toBeVisible();
  const username = page.getByLabel('Username');
  await expect(username).toHaveAttribute('aria-invalid', 'true');
  await expect(username).toHaveAccessibleDescription(/^The username needs at least 2 characters\./);
});

test('nothing is sent when there is nothing to say', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await ada.composer.fill('   \n ');
  await ada.composer.press('Enter');
  await ada.say('Now something');
  await ada.shows(['Now something']);
  expect((await ada.me.lobby()).head).toBe(1);
});

test('a room name that is taken is said at the form, and the topic stays', async ({ people, watch }) => {
  watch.allow(answered(409));
  const ada = await people.arrive('Ada');
  await ada.me.makeRoom('Workshop');
  await ada.page.goto('/rooms/new');
  await ready(ada.page);
  await ada.page.getByLabel('Name').fill('workshop');
  await ada.page.getByLabel('Topic').fill('Another one');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.page.getByText('A public room has that name. Choose another, or join that one.')).toBeVisible();
  await expect(ada.page.getByLabel('Name')).toHaveValue('workshop');
  await expect(ada.page.getByLabel('Topic')).toHaveValue('Another one');
});

test('someone who does not exist cannot be brought in, and the page says so', async ({ people, watch }) => {
  watch.allow(answered(404));
  const ada = await people.arrive('Ada');
  const room = await ada.me.makeRoom('Workshop');
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ready(ada.page);
  await ada.page.getByLabel('Username').fill('nobody');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
  await expect(ada.page.getByLabel('Username')).toHaveAccessibleDescription(/no .*nobody|nobody.*(not|no)|not (found|there)|no such|no one/i);
  await expect(ada.page.getByLabel('Username')).toHaveValue('nobody');
});

test('an edit to nothing is refused, and the words typed stay', async ({ people, watch }) => {
  watch.allow(answered(422));
  const ada = await people.arrive('Ada');
  await ada.open(await ada.me.lobby());
  await ada.say('Keep me');
  await ada.shows(['Keep me']);
  await ada.act('Keep me', 'Edit');
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('   ');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Write something first.')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.shows(['Keep me']);
});

test('signing in while the server is away says so, and works when it is back', async ({ page, people, server, watch }) => {
  watch.allow(GONE);
  await people.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await server.kill();
  await page.getByLabel('Username or e-mail').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText(/could not be reached/);
  await server.start();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a message that the server refuses stays, says why, and can be discarded', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  // The browser does not stop a paste by script; the server does.
  await ada.composer.evaluate((area: HTMLTextAreaElement) => {
    area.value = 'x'.repeat(16_001);
    area.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await expect(ada.page.getByText('Not sent.')).toBeVisible();
  await expect(ada.page.getByText(/at most 16000 characters/)).toBeVisible();
  await ada.page.getByRole('button', { name: 'Discard' }).click();
  await expect(ada.waiting).toHaveCount(0);
  await ada.say('Shorter');
  await ada.shows(['Shorter']);
});
