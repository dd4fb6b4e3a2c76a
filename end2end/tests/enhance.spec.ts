// What a script adds to the server-rendered pages.
import { audit } from '../support/accessibility';
import { hydrated, ready } from '../support/chat';
import { statusError } from '../support/console-guard';
import { solidPng } from '../support/png';
import { expect, test } from '../support/test';
import { ApiUser, PASSWORD } from '../support/user';

test('a password is shown on request, and hidden again before it is sent', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/sign-in');
  await hydrated(page);
  await audit(page, 'signing in');
  const password = page.getByLabel('Password');
  await page.getByLabel('Username or email').fill('mara');
  await password.fill(PASSWORD);
  await page.getByRole('button', { name: 'Show password' }).click();
  await expect(password).toHaveAttribute('type', 'text');
  await page.getByRole('button', { name: 'Hide password' }).click();
  await expect(password).toHaveAttribute('type', 'password');
  await page.getByRole('button', { name: 'Show password' }).click();
  let held: (() => void) | undefined;
  await page.route('**/do/auth/sign-in', (route) => {
    held = () => void route.continue();
  });
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(password).toHaveAttribute('type', 'password');
  await expect.poll(() => held).toBeTruthy();
  held?.();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Lobby');
});

test('a new password is rated while it is typed, with the names that it must not be made of', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/sign-up');
  await hydrated(page);
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.url().endsWith('/do/read/rate-password')) sent.push(request.postData() ?? '');
  });
  const rating = page.getByRole('status');
  await page.getByLabel('Username').fill('grace.hopper');
  await page.getByLabel('Password').pressSequentially('password1234');
  await expect(rating).toHaveText(/^This password is easy to guess\./);
  await expect(page.locator('meter')).toHaveJSProperty('value', 1);
  await audit(page, 'a weak password');
  // Not one request for each key pressed.
  expect(sent.at(-1)).toEqual('password=password1234&username=grace.hopper&display_name=&email=');
  expect(sent.length).toBeLessThan('password1234'.length);
  await page.getByLabel('Password').fill('hoppergrace');
  await expect(page.locator('meter')).not.toHaveJSProperty('value', 3);
  await expect(rating).toHaveText(/easy to guess/);
  await page.getByLabel('Password').fill('a den with a hearth');
  await expect(rating).toHaveText('This password is very good.');
  await expect(page.locator('meter')).toHaveJSProperty('value', 4);
  await page.getByLabel('Password').fill('password');
  await expect(page.locator('meter')).toHaveJSProperty('value', 0);
  // Of the lowest rating a part is visible, too.
  expect(await page.locator('meter').evaluate((meter: HTMLMeterElement) => meter.value - meter.min)).toBeGreaterThan(0);
  await page.getByLabel('Password').fill('');
  await expect(page.locator('meter')).toBeHidden();
});

test('secrets that are shown once are copied with a button', async ({ users, server }) => {
  const admin = await users.open(await ApiUser.signIn(server, 'admin'));
  await admin.page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await admin.page.goto('/admin/invitations');
  await ready(admin.page);
  await admin.page.getByRole('button', { name: 'Create invite link' }).click();
  const created = admin.page.getByRole('status', { name: 'Invite link created' });
  await expect(created).toBeVisible();
  await ready(admin.page);
  await created.getByRole('button', { name: 'Copy' }).click();
  await expect(created.getByRole('button', { name: 'Copied' })).toBeVisible();
  const link = await created.locator('code').textContent();
  expect(await admin.page.evaluate(() => navigator.clipboard.readText())).toBe(link);
  await expect(created.getByRole('button', { name: 'Copy', exact: true })).toBeVisible();
});

test('the unread counts beside a server-rendered page follow what happens', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const room = await ada.me.createRoom('Workshop');
  await ada.me.addMembers(room, bob);
  await ada.page.goto('/people');
  await ready(ada.page);
  await expect(ada.link('Workshop', 0)).toBeVisible();
  await bob.sendMany(room, 2);
  await expect(ada.link('Workshop', 2)).toBeVisible();
  const last = await bob.send(room, 'And a third');
  await ada.me.request('PUT', `/rooms/${room.id}/read`, { message_id: last.id });
  await expect(ada.link('Workshop', 0)).toBeVisible();
});

test('an error takes the place of an earlier confirmation', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(422));
  const { page } = await users.newUser('Ada');
  await page.goto('/settings/profile');
  await ready(page);
  await page.getByLabel('Pronouns').fill('she/her');
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByText('Profile saved.')).toBeVisible();
  await ready(page);
  await page.getByLabel('Pronouns').evaluate((field) => field.removeAttribute('maxlength'));
  await page.getByLabel('Pronouns').fill('x'.repeat(41));
  await page.getByRole('button', { name: 'Save profile' }).click();
  await expect(page.getByText('Pronouns must be at most 40 characters.')).toBeVisible();
  await expect(page.getByText('Profile saved.')).toHaveCount(0);
});

test('what was saved is said once, in view beside the button', async ({ users }) => {
  const { page } = await users.newUser('Ada', { viewport: { width: 900, height: 500 } });
  await page.goto('/settings/profile');
  await ready(page);
  for (const [button, confirmation] of [
    ['Set status', 'Status cleared.'],
    ['Save profile', 'Profile saved.'],
  ] as const) {
    await page.getByRole('button', { name: button }).click();
    await expect(page.getByRole('status')).toHaveText(confirmation);
    await expect(page.getByRole('status')).toBeInViewport();
    await expect(page.getByRole('button', { name: button })).toBeInViewport();
    await expect(page).toHaveURL(/\/settings\/profile$/);
  }
  await page.reload();
  await ready(page);
  await expect(page.getByRole('status')).toHaveCount(0);
});

test('the error of a form sent without scripts leaves the address once they run', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/sign-in?__path=%2Fdo%2Fauth%2Fsign-in&__err=x&__signature=y&next=%2Fpeople%3Fq%3Da#b');
  await hydrated(page);
  await expect(page).toHaveURL(/\/sign-in\?next=%2Fpeople%3Fq%3Da#b$/);
});

test('an error of a long form scrolls into view', async ({ users, consoleGuard }) => {
  consoleGuard.allow(statusError(503));
  const { page } = await users.newUser('Ada', { viewport: { width: 390, height: 500 } });
  await page.goto('/settings/preferences');
  await ready(page);
  const problem = { code: 'busy', detail: 'Too much is going on.', errors: [], retry_after: null };
  await page.route('**/do/replace-settings', (route) => route.fulfill({ status: 503, json: problem }));
  await page.getByRole('button', { name: 'Save preferences' }).click();
  await expect(page.getByText('Too much is going on.')).toBeInViewport();
});

test('a page that is left closes its connection, and reconnects when it is shown again', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const sockets: { closed: boolean }[] = [];
  ada.page.on('websocket', (socket) => {
    const one = { closed: false };
    sockets.push(one);
    socket.on('close', () => (one.closed = true));
  });
  await ada.open(await ada.me.lobby());
  await ada.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  await expect.poll(() => sockets[0]?.closed).toBe(true);
  await ada.page.evaluate(() => window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
  await ready(ada.page);
  expect(sockets.length).toBe(2);
  await ada.send('Back again');
  await ada.expectMessages(['Back again']);
});

test('deleting a message quotes its first line', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.open(await ada.me.lobby());
  await ada.me.send(await ada.me.lobby(), 'The first line\nand a second');
  await ada.chooseAction('The first line', 'Delete');
  const dialog = ada.page.getByRole('dialog', { name: 'Delete this message?' });
  await expect(dialog.getByRole('blockquote')).toHaveText('The first line');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toBeHidden();
});

test('the icons of the installed app have the sizes that the manifest states', async ({ page, users }) => {
  await users.signUp('Mara');
  await page.goto('/sign-in');
  const manifest = (await (await page.request.get('/manifest.webmanifest')).json()) as {
    icons: { src: string; sizes: string; type: string; purpose?: string }[];
  };
  const pictures = manifest.icons.filter(({ type }) => type === 'image/png');
  expect(pictures.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  expect(pictures.some(({ purpose }) => purpose === 'maskable')).toBe(true);
  const touch = await page.locator('link[rel=apple-touch-icon]').getAttribute('href');
  for (const { src, sizes } of [...pictures, { src: touch!, sizes: '180x180' }]) {
    const response = await page.request.get(src);
    expect(response.headers()['content-type'], src).toBe('image/png');
    const bytes = await response.body();
    expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, src).toBe(sizes);
  }
});

test('submitting one form of a page keeps what was typed into the others, once', async ({ users }) => {
  const { page } = await users.newUser('Ada');
  await page.goto('/settings/profile');
  await ready(page);
  const [name, bio, status] = [page.getByLabel('Display name'), page.getByLabel('Bio'), page.getByLabel('What are you doing?')];
  await name.fill('Ada L.');
  await bio.fill('Two\nlines');
  await status.fill('At lunch');
  await page.getByRole('button', { name: 'Set status' }).click();
  await expect(page.getByRole('status')).toHaveText('Status set.');
  await expect(bio).toHaveValue('Two\nlines');
  await expect(name).toHaveValue('Ada L.');
  await expect(status).toHaveValue('At lunch');
  await page.getByLabel('New picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: solidPng() });
  await page.getByRole('button', { name: 'Upload picture' }).click();
  await expect(page.getByRole('status')).toHaveText('Picture saved.');
  await expect(bio).toHaveValue('Two\nlines');
  // What was not saved is not kept beyond that.
  await page.goto('/settings/account');
  await ready(page);
  await page.goto('/settings/profile');
  await ready(page);
  await expect(bio).toHaveValue('');
  await expect(name).toHaveValue('Ada');
});
