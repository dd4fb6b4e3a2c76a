import type { Chat } from '../support/chat';
import { ready } from '../support/chat';
import { NETWORK_ERRORS } from '../support/console-guard';
import type { Server } from '../support/server';
import { expect, test } from '../support/test';

async function expectDisconnected(chat: Chat): Promise<void> {
  await expect(chat.page.locator('html')).not.toHaveAttribute('data-live', 'live');
}

const outages: [string, (server: Server) => Promise<void>][] = [
  ['is stopped', (server) => server.stop()],
  ['is killed', (server) => server.kill()],
];

for (const [how, interrupt] of outages) {
  test(`the server ${how} and restarts: both users catch up, once and in order`, async ({ users, server, consoleGuard }) => {
    consoleGuard.allow(NETWORK_ERRORS);
    const ada = await users.newUser('Ada');
    const bob = await users.newUser('Bob');
    const cleo = await users.signUp('Cleo');
    const lobby = await ada.me.lobby();
    await ada.open(lobby);
    await bob.open(lobby);
    await ada.send('Before 1');
    await bob.send('Before 2');
    await ada.expectMessages(['Before 1', 'Before 2']);
    await bob.expectMessages(['Before 1', 'Before 2']);
    await interrupt(server);
    await expectDisconnected(ada);
    await expectDisconnected(bob);
    await ada.send('Meanwhile from Ada');
    await expect(ada.pending).toHaveText([/Meanwhile from Ada/]);
    await server.start();
    // Some of these are sent before the two have reconnected, and some after.
    await cleo.sendMany(lobby, 20, (n) => `Cleo ${n}`);
    await ready(ada.page);
    await ready(bob.page);
    await bob.send('After');
    await expect.poll(async () => (await cleo.lobby()).head).toBe(lobby.head + 24);
    const bodies = (await cleo.messages(lobby)).map((message) => message.body);
    expect(bodies.filter((text) => text === 'Meanwhile from Ada')).toHaveLength(1);
    expect(bodies.filter((text) => text.startsWith('Cleo'))).toEqual(Array.from({ length: 20 }, (_, n) => `Cleo ${n + 1}`));
    await ada.expectMessages(bodies);
    await bob.expectMessages(bodies);
  });
}

test('five restarts of the server lose and duplicate no messages', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  for (let round = 1; round <= 5; round += 1) {
    // The kill may come before or after the message is stored or acknowledged.
    await ada.send(`Ada ${round}`);
    await server.kill();
    await bob.send(`Bob ${round}`);
    await server.start();
    await ready(ada.page);
    await ready(bob.page);
  }
  await expect(ada.pending).toHaveCount(0);
  await expect(bob.pending).toHaveCount(0);
  const bodies = (await ada.me.messages(lobby)).map((message) => message.body);
  for (const name of ['Ada', 'Bob']) {
    expect(bodies.filter((text) => text.startsWith(name))).toEqual([1, 2, 3, 4, 5].map((round) => `${name} ${round}`));
  }
  await ada.expectMessages(bodies);
  await bob.expectMessages(bodies);
});

test('messages written offline are sent once when the network is back', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await expect(ada.page.getByText("You're offline.")).toBeVisible();
  await ada.send('Written in a tunnel 1');
  await ada.send('Written in a tunnel 2');
  await expect(ada.pending).toHaveText([/Written in a tunnel 1/, /Written in a tunnel 2/]);
  await bob.send('Said meanwhile');
  await bob.expectMessages(['Said meanwhile']);
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  const all = ['Said meanwhile', 'Written in a tunnel 1', 'Written in a tunnel 2'];
  await bob.expectMessages(all);
  await ada.expectMessages(all);
  await expect(ada.page.getByText("You're offline.")).toBeHidden();
  expect((await bob.me.messages(lobby)).map((message) => message.body)).toEqual(all);
});

test('changes made while a user is offline are applied on reconnect', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.signUp('Bob');
  const lobby = await bob.lobby();
  const first = await bob.send(lobby, 'To be edited');
  const second = await bob.send(lobby, 'To be deleted');
  await ada.open(lobby);
  await ada.expectMessages(['To be edited', 'To be deleted']);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await bob.edit(first, 'Edited');
  await bob.deleteMessage(second);
  const den = await bob.createRoom('Den', { visibility: 'private' });
  await bob.addMembers(den, ada.me);
  await bob.send(den, 'Welcome');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.expectMessages(['Edited', 'This message was deleted.']);
  await expect(ada.link('Den', 1)).toBeVisible();
});

test('a room opened offline loads on reconnect', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const den = await ada.me.createRoom('Den');
  await ada.me.send(den, 'Said before');
  await ada.open(await ada.me.lobby());
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await ada.link('Den').click();
  await expect(ada.page.getByRole('heading', { level: 1 })).not.toHaveText('Lobby');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.expectMessages(['Said before']);
});

test('unsent messages survive leaving the page', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await server.kill();
  await expectDisconnected(ada);
  await ada.send('Written to nobody');
  await expect(ada.pending).toHaveText([/Written to nobody/]);
  await ada.page.goto('about:blank');
  await server.start();
  await bob.open(lobby);
  await bob.expectMessages([]);
  await ada.open(lobby);
  await ada.expectMessages(['Written to nobody']);
  await bob.expectMessages(['Written to nobody']);
  await ada.page.reload();
  await ready(ada.page);
  await ada.expectMessages(['Written to nobody']);
  expect((await bob.me.lobby()).head).toBe(lobby.head + 1);
});

test('a page reloaded with a pending message still sends it once', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  // The WebSocket connects, but sent messages are dropped before they reach the server.
  let drop = true;
  await ada.page.routeWebSocket('**/api/v1/ws*', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      if (!(drop && frame.toString().includes('message.send'))) server.send(frame);
    });
  });
  await ada.open(lobby);
  await ada.send('On its way');
  await expect(ada.pending).toHaveText([/On its way/]);
  drop = false;
  await ada.page.reload();
  await ready(ada.page);
  await ada.expectMessages(['On its way']);
  expect((await ada.me.lobby()).head).toBe(lobby.head + 1);
});

test('a message whose acknowledgement is lost is not sent twice', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const bob = await users.newUser('Bob');
  const lobby = await ada.me.lobby();
  let connections = 0;
  await ada.page.routeWebSocket('**/api/v1/ws*', (socket) => {
    connections += 1;
    const isFirst = connections === 1;
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(frame));
    server.onMessage((frame) => {
      // The first connection is closed just before the acknowledgement of the message.
      if (isFirst && /"type":"(ack|message\.created)"/.test(frame.toString())) void socket.close({ code: 1011 });
      else socket.send(frame);
    });
  });
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.send('Said once');
  await bob.expectMessages(['Said once']);
  await ready(ada.page);
  await ada.expectMessages(['Said once']);
  await bob.send('Heard once');
  await ada.expectMessages(['Said once', 'Heard once']);
  expect((await bob.me.lobby()).head).toBe(lobby.head + 2);
  expect(connections).toBe(2);
});

test('messages beyond the rate limit are sent as soon as it allows, in order', async ({ users, server, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await server.stop();
  await expectDisconnected(ada);
  const texts = Array.from({ length: 8 }, (_, n) => `Message ${n + 1}`);
  for (const text of texts) await ada.send(text);
  await expect(ada.pending).toHaveCount(8);
  await server.restartWith({ LAIR_RATE_LIMITS: 'on', LAIR_LIMIT_WRITE: '120/min burst 3' });
  await ready(ada.page);
  await ada.expectMessages(texts);
  await expect(ada.pending).toHaveCount(0);
  expect((await ada.me.messages(lobby)).map((message) => message.body)).toEqual(texts);
});
