import { audit, fits } from '../support/audit';
import { PHONE } from '../support/browser';
import { Chat, ready } from '../support/chat';
import { notifications, tell } from '../support/notices';
import { Person } from '../support/person';
import { expect, test } from '../support/test';

test('what is unread is counted in every window and on every device, until it is read on one of them', async ({ people, server }) => {
  const ada = await people.arrive('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.call('PUT', '/notifications/read', {});
  await ada.open(lobby);
  const still = await ada.page.context().newPage();
  await still.goto('/settings');
  await ready(still);
  const elsewhere = await people.sit(await Person.signIn(server, 'ada'));
  await elsewhere.open(lobby);
  const begun = (await ada.me.call<{ self: { unread_notifications: number } }>('GET', '/sync')).self.unread_notifications;
  const pages = [ada.page, still, elsewhere.page];
  for (const page of pages) await expect(notifications(page, begun)).toBeVisible();
  await tell(ada.me);
  await tell(ada.me);
  for (const page of pages) await expect(notifications(page, begun + 2)).toBeVisible();
  await ada.page.bringToFront();
  await audit(ada.page, 'a room with unread notifications');
  await still.bringToFront();
  await audit(still, 'settings with unread notifications');

  await notifications(elsewhere.page, begun + 2).click();
  await expect(elsewhere.title).toHaveText('Notifications');
  await ready(elsewhere.page);
  await elsewhere.page.getByRole('button', { name: 'Mark all read' }).click();
  await expect(elsewhere.page.getByRole('button', { name: 'Mark all read' })).toHaveCount(0);
  for (const page of [...pages, elsewhere.page]) await expect(notifications(page, 0)).toBeVisible();
});

test('whoever types is not disturbed when something is told', async ({ people }) => {
  const ada = await people.arrive('Ada');
  await ada.me.call('PUT', '/notifications/read', {});
  await ada.open(await ada.me.lobby());
  const settings = ada.page.getByTitle('Settings');
  await settings.focus();
  await tell(ada.me);
  await expect(notifications(ada.page, 1)).toBeVisible();
  await expect(settings).toBeFocused();
});

test('a guest without rooms is offered nothing that is not for guests, at a desk and on a phone', async ({ people, server }) => {
  const ingrid = await people.signUp('Ingrid');
  const warden = await Person.signIn(server, 'warden');
  await warden.call('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  for (const chat of [await people.sit(ingrid), await people.sit(ingrid, { viewport: PHONE })]) {
    await chat.page.goto('/');
    await ready(chat.page);
    await expect(chat.title).toHaveText('No rooms yet');
    await expect(chat.page.getByText('someone will add you to a room')).toBeVisible();
    for (const name of ['Browse rooms', 'New room']) {
      await expect(chat.page.getByRole('link', { name, exact: true })).toHaveCount(0);
    }
    await expect(chat.page.getByTitle('Settings')).toBeInViewport();
    await fits(chat.page, 'no rooms yet');
    await audit(chat.page, 'no rooms yet');
  }
  const guest = new Chat(await (await people.sit(ingrid)).page.context().newPage(), ingrid);
  await guest.page.goto('/');
  await ready(guest.page);
  await warden.bring(await warden.makeRoom('Workshop'), ingrid);
  await expect(guest.link('Workshop')).toBeVisible();
});
