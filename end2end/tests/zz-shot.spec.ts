import { test } from '../support/test';
import { PHONE, DESKTOP } from '../support/browser';
for (const [name, viewport, scheme] of [['desktop', DESKTOP, 'light'], ['phone', PHONE, 'dark']] as const) {
  test(`shots ${name}`, async ({ users }) => {
    const ada = await users.newUser('Ada', { viewport, colorScheme: scheme });
    const bob = await users.signUp('Bob');
    const cleo = await users.signUp('Cleo');
    const room = await ada.me.createRoom('Workshop');
    await ada.me.addMembers(room, bob, cleo);
    await ada.me.send(room, 'Hello all');
    await bob.send(room, 'Hi Ada');
    await ada.open(room);
    await ada.page.waitForTimeout(500);
    await ada.page.screenshot({ path: `/tmp/shots/room-${name}.png` });
    await ada.page.locator('.room-menu-button').click();
    await ada.page.screenshot({ path: `/tmp/shots/menu-${name}.png` });
    await ada.page.getByRole('link', { name: 'Details' }).click();
    await ada.page.waitForTimeout(800);
    await ada.page.screenshot({ path: `/tmp/shots/details-${name}.png` });
    for (const [page, path] of [
      ['settings', `/rooms/${room.id}/settings`],
      ['permissions', `/rooms/${room.id}/permissions`],
      ['member', `/rooms/${room.id}/members/${bob.id}`],
      ['moderation', `/rooms/${room.id}/moderation`],
      ['new', '/rooms/new'],
      ['message', '/messages/new'],
      ['browse', '/rooms'],
      ['members', `/rooms/${room.id}/members`],
    ]) {
      await ada.page.goto(path!);
      await ada.page.waitForTimeout(500);
      await ada.page.screenshot({ path: `/tmp/shots/${page}-${name}.png`, fullPage: true });
    }
  });
}
