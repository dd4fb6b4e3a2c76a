import type { Chat } from '../support/chat';
import { ready } from '../support/chat';
import type { Server } from '../support/server';
import { expect, test } from '../support/test';
import { GONE } from '../support/watch';

async function alone(chat: Chat): Promise<void> {
  await expect(chat.page.locator('html')).not.toHaveAttribute('data-live', 'live');
}

const ends: [string, (server: Server) => Promise<void>][] = [
  ['is told to stop', (server) => server.stop()],
  ['is killed', (server) => server.kill()],
];

for (const [how, end] of ends) {
  test(`the server ${how} and comes back: both people catch up, once and in order`, async ({ people, server, watch }) => {
    watch.allow(GONE);
    const ada = await people.arrive('Ada');
    const bob = await people.arrive('Bob');
    const cleo = await people.signUp('Cleo');
    const lobby = await ada.me.lobby();
    await ada.open(lobby);
    await bob.open(lobby);
    await ada.say('Before 1');
    await bob.say('Before 2');
    await ada.shows(['Before 1', 'Before 2']);
    await bob.shows(['Before 1', 'Before 2']);
    await end(server);
    await alone(ada);
    await alone(bob);
    await ada.say('Meanwhile from Ada');
    await expect(ada.waiting).toHaveText([/Meanwhile from Ada/]);
    await server.start();
    // Some of this is said before the two are back, and some after.
    await cleo.talk(lobby, 20, (n) => `Cleo ${n}`);
    await ready(ada.page);
    await ready(bob.page);
    await bob.say('After');
    await expect.poll(async () => (await cleo.lobby()).head).toBe(24);
    const said = (await cleo.messages(lobby)).map((message) => message.body);
    expect(said.filter((text) => text === 'Meanwhile from Ada')).toHaveLength(1);
    expect(said.filter((text) => text.startsWith('Cleo'))).toEqual(Array.from({ length: 20 }, (_, n) => `Cleo ${n + 1}`));
    await ada.shows(said);
    await bob.shows(said);
  });
}

test('the server comes and goes five times, and nothing is lost or doubled', async ({ people, server, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  for (let round = 1; round <= 5; round += 1) {
    // Sent, perhaps stored, perhaps acknowledged: the kill comes at any of these moments.
    await ada.say(`Ada ${round}`);
    await server.kill();
    await bob.say(`Bob ${round}`);
    await server.start();
    await ready(ada.page);
    await ready(bob.page);
  }
  await expect(ada.waiting).toHaveCount(0);
  await expect(bob.waiting).toHaveCount(0);
  const said = (await ada.me.messages(lobby)).map((message) => message.body);
  for (const name of ['Ada', 'Bob']) {
    expect(said.filter((text) => text.startsWith(name))).toEqual([1, 2, 3, 4, 5].map((round) => `${name} ${round}`));
  }
  await ada.shows(said);
  await bob.shows(said);
});

test('what is typed while offline is sent once when the network is back', async ({ people, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await expect(ada.page.getByText('No connection')).toBeVisible();
  await ada.say('Written in a tunnel 1');
  await ada.say('Written in a tunnel 2');
  await expect(ada.waiting).toHaveText([/Written in a tunnel 1/, /Written in a tunnel 2/]);
  await bob.say('Said meanwhile');
  await bob.shows(['Said meanwhile']);
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  const all = ['Said meanwhile', 'Written in a tunnel 1', 'Written in a tunnel 2'];
  await bob.shows(all);
  await ada.shows(all);
  await expect(ada.page.getByText('No connection')).toBeHidden();
  expect((await bob.me.messages(lobby)).map((message) => message.body)).toEqual(all);
});

test('what was changed while someone was offline is changed for them when they are back', async ({ people, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const bob = await people.signUp('Bob');
  const lobby = await bob.lobby();
  const first = await bob.say(lobby, 'To be edited');
  const second = await bob.say(lobby, 'To be deleted');
  await ada.open(lobby);
  await ada.shows(['To be edited', 'To be deleted']);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await bob.edit(first, 'Edited');
  await bob.takeBack(second);
  const den = await bob.makeRoom('Den', { visibility: 'private' });
  await bob.bring(den, ada.me);
  await bob.say(den, 'Welcome');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.shows(['Edited', 'This message was deleted.']);
  await expect(ada.link('Den', 1)).toBeVisible();
});

test('a room that was opened offline is there once someone is back', async ({ people, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const den = await ada.me.makeRoom('Den');
  await ada.me.say(den, 'Said before');
  await ada.open(await ada.me.lobby());
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await ada.link('Den').click();
  await expect(ada.page.getByRole('heading', { level: 1 })).not.toHaveText('Lobby');
  await ada.page.context().setOffline(false);
  await ready(ada.page);
  await ada.shows(['Said before']);
});

test('what could not be sent survives that the page is left', async ({ people, server, watch }) => {
  watch.allow(GONE);
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  await ada.open(lobby);
  await server.kill();
  await alone(ada);
  await ada.say('Written to nobody');
  await expect(ada.waiting).toHaveText([/Written to nobody/]);
  await ada.page.goto('about:blank');
  await server.start();
  await bob.open(lobby);
  await bob.shows([]);
  await ada.open(lobby);
  await ada.shows(['Written to nobody']);
  await bob.shows(['Written to nobody']);
  await ada.page.reload();
  await ready(ada.page);
  await ada.shows(['Written to nobody']);
  expect((await bob.me.lobby()).head).toBe(1);
});

test('a page that is reloaded while its message waits still sends it, once', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  // The socket opens, but no send gets through: the server would take it, the network does not.
  let swallow = true;
  await ada.page.routeWebSocket('**/api/v1/ws*', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => {
      if (!(swallow && frame.toString().includes('message.send'))) server.send(frame);
    });
  });
  await ada.open(lobby);
  await ada.say('On its way');
  await expect(ada.waiting).toHaveText([/On its way/]);
  swallow = false;
  await ada.page.reload();
  await ready(ada.page);
  await ada.shows(['On its way']);
  expect((await ada.me.lobby()).head).toBe(1);
});

test('a message whose acknowledgement is lost is not said twice', async ({ people }) => {
  const ada = await people.arrive('Ada');
  const bob = await people.arrive('Bob');
  const lobby = await ada.me.lobby();
  let connections = 0;
  await ada.page.routeWebSocket('**/api/v1/ws*', (socket) => {
    connections += 1;
    const isFirst = connections === 1;
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(frame));
    server.onMessage((frame) => {
      // The first connection breaks just before the answer to what was said.
      if (isFirst && /"type":"(ack|message\.created)"/.test(frame.toString())) void socket.close({ code: 1011 });
      else socket.send(frame);
    });
  });
  await ada.open(lobby);
  await bob.open(lobby);
  await ada.say('Said once');
  await bob.shows(['Said once']);
  await ready(ada.page);
  await ada.shows(['Said once']);
  await bob.say('Heard once');
  await ada.shows(['Said once', 'Heard once']);
  expect((await bob.me.lobby()).head).toBe(2);
  expect(connections).toBe(2);
});
