import { hydrated, ready } from '../support/chat';
import { NETWORK_ERRORS, statusError } from '../support/console-guard';
import { expect, test } from '../support/test';
import { PASSWORD } from '../support/user';

test('a wrong password shows an error and keeps the username', async ({ page, users, consoleGuard }) => {
  consoleGuard.allow(statusError(401));
  await users.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText('Wrong username or password.');
  await expect(page.getByLabel('Username or email')).toHaveValue('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a taken username shows a field error and keeps the other input', async ({ page, users, consoleGuard }) => {
  consoleGuard.allow(statusError(409));
  await users.signUp('Mara');
  await page.goto('/sign-up');
  await hydrated(page);
  await page.getByLabel('Username').fill('Mara');
  await page.getByLabel('Display name').fill('Another Mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('That username is taken. Choose another one.')).toBeVisible();
  await expect(page.getByLabel('Username')).toHaveValue('Mara');
  await expect(page.getByLabel('Display name')).toHaveValue('Another Mara');
  await page.getByLabel('Username').fill('mara2');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('an invalid sign-up shows an error at each field', async ({ page, users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  await users.signUp('Mara');
  await page.goto('/sign-up');
  await hydrated(page);
  await page.getByLabel('Username').fill('a');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page.getByText('Username must be at least 2 characters.')).toBeVisible();
  await expect(page.getByText('Password must be at least 8 characters.')).toBeVisible();
  const username = page.getByLabel('Username');
  await expect(username).toHaveAttribute('aria-invalid', 'true');
  await expect(username).toHaveAccessibleDescription(/^Username must be at least 2 characters\./);
});

test('an empty message is not sent', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await ada.page.getByRole('button', { name: 'Send' }).click();
  await ada.composer.fill('   \n ');
  await ada.composer.press('Enter');
  await ada.send('Now something');
  await ada.expectMessages(['Now something']);
  expect((await ada.me.lobby()).head).toBe(lobby.head + 1);
});

test('a taken room name shows an error and keeps the topic', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(409));
  const ada = await users.newUser('Ada');
  await ada.me.createRoom('Workshop');
  await ada.page.goto('/rooms/new');
  await ready(ada.page);
  await ada.page.getByLabel('Name').fill('workshop');
  await ada.page.getByLabel('Topic').fill('Another one');
  await ada.page.getByRole('button', { name: 'Create room' }).click();
  await expect(ada.page.getByText('There is already a public room with that name. Choose another name, or join that room.')).toBeVisible();
  await expect(ada.page.getByLabel('Name')).toHaveValue('workshop');
  await expect(ada.page.getByLabel('Topic')).toHaveValue('Another one');
});

test('adding an unknown user shows an error', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(404));
  const ada = await users.newUser('Ada');
  const room = await ada.me.createRoom('Workshop');
  await ada.page.goto(`/rooms/${room.id}/members`);
  await ready(ada.page);
  await ada.page.getByLabel('Username').fill('nobody');
  await ada.page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(ada.page.getByLabel('Username')).toHaveAttribute('aria-invalid', 'true');
  await expect(ada.page.getByLabel('Username')).toHaveAccessibleDescription(/^This user doesn't exist or you don't have access to it\./);
  await expect(ada.page.getByLabel('Username')).toHaveValue('nobody');
});

test('an empty edit is refused and keeps the input', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.send('Keep me');
  await ada.expectMessages(['Keep me']);
  await ada.chooseAction('Keep me', 'Edit');
  await ada.page.getByRole('textbox', { name: 'Edit message' }).fill('   ');
  await ada.page.getByRole('button', { name: 'Save' }).click();
  await expect(ada.page.getByText('Enter a message.')).toBeVisible();
  await ada.page.getByRole('button', { name: 'Cancel' }).click();
  await ada.expectMessages(['Keep me']);
});

test('signing in while the server is down shows an error, and works once it is back', async ({ page, users, server, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  await users.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await server.kill();
  await page.getByLabel('Username or email').fill('mara');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toHaveText(/could not be reached/);
  await server.start();
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
  await ready(page);
});

test('a rejected message remains visible with its error and can be discarded', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  // The composer refuses nothing but blanks and length; the server rejects a text that shows nothing.
  await ada.send('&nbsp;');
  await expect(ada.page.getByText('Not sent.')).toBeVisible();
  await expect(ada.page.getByText(/Enter a message/)).toBeVisible();
  await ada.page.getByRole('button', { name: 'Discard' }).click();
  await expect(ada.pending).toHaveCount(0);
  await ada.send('Shorter');
  await ada.expectMessages(['Shorter']);
});

test('a page whose code fails says so, and works again when it is reloaded', async ({ users, consoleGuard }) => {
  consoleGuard.allow(/panicked at/, /unreachable/, /RuntimeError/);
  const ada = await users.newUser('Ada');
  const { page } = ada;
  const lobby = await ada.me.lobby();
  const logged: string[] = [];
  page.on('console', (message) => logged.push(message.text()));
  // As an extension of the browser may do: what the server sent is not there when the page is hydrated.
  await page.addInitScript(() => {
    if (sessionStorage.getItem('broken')) return;
    const observer = new MutationObserver(() => {
      const text = document.querySelector('.composer textarea');
      if (!text) return;
      text.remove();
      sessionStorage.setItem('broken', 'once');
      observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  await page.goto(`/rooms/${lobby.id}`);
  const notice = page.getByRole('alert').filter({ hasText: 'This page stopped working.' });
  await expect(notice).toBeVisible();
  expect(logged.join('\n')).toContain('panicked at');
  await notice.getByRole('link', { name: 'Reload' }).click();
  await ready(page);
  await expect(notice).toHaveCount(0);
  await ada.send('Works again');
});
