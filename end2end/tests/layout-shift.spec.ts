import type { Page } from '@playwright/test';
import { servedPage, shiftWhileArriving } from '../support/arriving-page';
import { DESKTOP, PHONE } from '../support/browser';
import { MAX_SHIFT, visitTwice } from '../support/layout-shift';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

const devices = [
  { name: 'phone', options: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } },
  { name: 'desktop', options: { viewport: DESKTOP } },
];

async function expectStill(page: Page, path: string): Promise<void> {
  const [first, later] = await visitTwice(page, path);
  expect.soft(first.score, `${path}, first visit: ${first.moved.join('; ')}`).toBeLessThan(MAX_SHIFT);
  expect.soft(later.score, `${path}, later visit: ${later.moved.join('; ')}`).toBeLessThan(MAX_SHIFT);
}

/** Messages of different heights. */
function text(n: number): string {
  if (n % 11 === 0) return `Line ${n}\n\n\`\`\`\nsome code\n\nand more\n\`\`\`\n\n- one\n- two`;
  return `Line ${n}${' and some more words'.repeat(n % 13)}`;
}

for (const { name, options } of devices) {
  test(`sign-in does not move while it loads (${name})`, async ({ browser, users: _, consoleGuard, server }) => {
    const context = await browser.newContext({ baseURL: server.url, ...options });
    consoleGuard.attach(context);
    const page = await context.newPage();
    await expectStill(page, '/sign-in');
    consoleGuard.detach(context);
    await context.close();
  });

  for (const role of ['a member', 'an administrator']) {
    test(`room and settings of ${role} do not move while they load (${name})`, async ({ users, server }) => {
      const user = role === 'a member' ? await users.signUp('Ada') : await ApiUser.signIn(server, 'admin');
      const bob = await users.signUp('Bob');
      const lobby = await user.lobby();
      // An administrator may delete all messages, a member their own.
      for (let n = 1; n <= 30; n += 1) await (n % 3 ? user : bob).send(lobby, text(n));
      const { page } = await users.open(user, options);
      await expectStill(page, `/rooms/${lobby.id}`);
      await expectStill(page, '/settings');
      if (role === 'an administrator') await expectStill(page, '/admin/settings');
    });
  }

  test(`a room with 200 unread messages does not move while it loads (${name})`, async ({ users }) => {
    const ada = await users.newUser('Ada', options);
    const bob = await users.signUp('Bob');
    const lobby = await bob.lobby();
    await bob.sendMany(lobby, 200, text);
    await expectStill(ada.page, `/rooms/${lobby.id}`);
  });

  test(`a room does not move while its HTML arrives (${name})`, async ({ users, server }) => {
    const ada = await users.newUser('Ada', options);
    const lobby = await ada.me.lobby();
    await ada.me.sendMany(lobby, 30, text);
    const html = await servedPage(ada.page, `/rooms/${lobby.id}`);
    const rows = [...html.matchAll(/<article/g)].map(({ index }) => index);
    const cuts = [1, 4, 7, 10, 20].map((n) => [`before message ${n + 1}`, rows[n] ?? 0] as const);
    for (const [where, at] of [...cuts, ['before the composer', html.indexOf('<textarea')] as const]) {
      const { score, moved } = await shiftWhileArriving(ada.page, server, [html.slice(0, at), html.slice(at)]);
      expect.soft(score, `cut ${where}: ${moved.join('; ')}`).toBeLessThan(MAX_SHIFT);
    }
  });
}
