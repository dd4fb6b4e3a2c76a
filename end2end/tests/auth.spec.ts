import { Chat, hydrated, ready } from '../support/chat';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD } from '../support/user';

test('the first account is an administrator and lands in the Lobby', async ({ page, server }) => {
  await page.goto('/');
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create your account');
  await page.getByLabel('Username').fill('ada');
  await page.getByLabel('Display name').fill('Ada Brandt');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
  const ada = await ApiUser.signIn(server, 'ada');
  expect(ada.tokens.user.role).toBe('admin');
  expect(ada.name).toBe('Ada Brandt');
});

test('sign-in ignores the case of the username', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/');
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('MARA');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a new user who followed a link to a room lands in it after signing up', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const room = await mara.createRoom('Workshop');
  await page.goto(`/rooms/${room.id}`);
  await hydrated(page);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  await ready(page);
});

test('the longest display name does not break the layout', async ({ users }) => {
  const ada = await users.newUser('Wilhelmina Featherstonehaugh-Cholmondeley of Little Snoring');
  await ada.open(await ada.me.createRoom('Den'));
  await ada.page.getByRole('link', { name: '1 member' }).click();
  await ada.page.getByRole('button', { name: 'Add' }).click({ trial: true });
  await ada.page.getByRole('link', { name: 'Close' }).click();
  if ((ada.page.viewportSize()?.width ?? 0) < 720) await ada.page.getByRole('link', { name: 'All rooms' }).click();
  await ada.page.getByRole('button', { name: 'Sign out' }).click({ trial: true });
  const wide = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
  expect(await ada.page.evaluate(wide)).toBe(0);
});

test('the sign-in page links to sign-up', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Create your account');
  await page.getByLabel('Username').fill('ingrid');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a link followed before signing in is opened afterwards', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const room = await mara.createRoom('Workshop');
  await page.goto(`/rooms/${room.id}`);
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  await ready(page);
});

test('a link to a message is followed to the message after signing in', async ({ page, users }) => {
  const mara = await users.signUp('Mara');
  const room = await mara.createRoom('Workshop');
  await mara.sendMany(room, 40);
  const first = (await mara.messages(room)).find((message) => message.body === 'Line 1');
  await page.goto(`/rooms/${room.id}#m-${first?.id}`);
  await hydrated(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  // Also over the page for a new account.
  await page.getByRole('link', { name: 'Create an account' }).click();
  await hydrated(page);
  await expect(page.locator('[name="context[next]"]')).toHaveValue(`/rooms/${room.id}#m-${first?.id}`);
  await page.goBack();
  await hydrated(page);
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Workshop');
  await ready(page);
  await expect(page).toHaveURL(`/rooms/${room.id}#m-${first?.id}`);
  await expect(page.getByText('Line 1', { exact: true })).toBeInViewport();
});

test('signed-in users skip the sign-in pages', async ({ users }) => {
  const mara = await users.newUser('Mara');
  for (const path of ['/sign-in', '/sign-up']) {
    await mara.page.goto(path);
    await expect(mara.title).toHaveText('Lobby');
    await ready(mara.page);
  }
});

test('signing out ends the session in all tabs, and going back shows nothing', async ({ users }) => {
  const mara = await users.newUser('Mara');
  const lobby = await mara.me.lobby();
  await mara.me.send(lobby, 'For members only');
  const other = new Chat(await mara.page.context().newPage(), mara.me);
  await other.open(lobby);
  await mara.open(lobby);
  await mara.showRooms();
  await mara.page.getByRole('button', { name: 'Sign out' }).click();
  await expect(mara.title).toHaveText('Sign in');
  await expect(other.title).toHaveText('Sign in');
  // After signing out on purpose, sign-in starts afresh; the other tab returns to its page after sign-in.
  await expect(mara.page).toHaveURL('/sign-in');
  await expect(other.page).toHaveURL(/\/sign-in\?.*next=/);
  await expect(other.page.getByRole('status')).toHaveText('Your session has ended. Sign in to continue.');
  await hydrated(mara.page);
  await hydrated(other.page);
  await mara.page.goBack();
  await expect(mara.title).toHaveText('Sign in');
  await expect(mara.page.getByText('For members only')).toHaveCount(0);
  await expect(mara.me.request('GET', '/rooms')).rejects.toMatchObject({ status: 401 });
});
