import { DESKTOP, PHONE } from '../support/browser';
import { MAX_SHIFT, visitTwice } from '../support/layout-shift';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';
import { below, record } from './figure';
import { text } from './load';

test('bytes and requests of the first visit to a room', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 50, text);
  const session = await ada.page.context().newCDPSession(ada.page);
  await session.send('Network.enable');
  const pending = new Set<string>();
  let [requests, bytes] = [0, 0];
  session.on('Network.requestWillBeSent', ({ requestId }) => {
    requests += 1;
    pending.add(requestId);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength;
    pending.delete(requestId);
  });
  session.on('Network.loadingFailed', ({ requestId }) => pending.delete(requestId));
  await ada.open(lobby);
  await expect.poll(() => pending.size).toBe(0);
  record('first visit to a room: bytes', bytes / 1024, ' KiB', below(400));
  record('first visit to a room: requests', requests, '');
});

test('layout shift of the pages', async ({ users, server, browser }) => {
  const ada = await users.signUp('Ada');
  const admin = await ApiUser.signIn(server, 'admin');
  const lobby = await ada.lobby();
  for (let n = 1; n <= 60; n += 1) await (n % 2 ? ada : admin).send(lobby, text(n));
  const scores = [];
  for (const options of [{ viewport: DESKTOP }, { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }]) {
    const context = await browser.newContext({ baseURL: server.url, ...options });
    const visits = await visitTwice(await context.newPage(), '/sign-in');
    scores.push(...visits);
    await context.close();
    for (const user of [ada, admin]) {
      const { page } = await users.open(user, options);
      for (const path of [`/rooms/${lobby.id}`, '/settings']) scores.push(...(await visitTwice(page, path)));
    }
  }
  record('layout shift, the worst page', Math.max(...scores.map(({ score }) => score)), '', below(MAX_SHIFT));
});
