import { audit, fits } from '../support/accessibility';
import { PHONE } from '../support/browser';
import { Chat, ready } from '../support/chat';
import { createNotification, notificationsLink } from '../support/notifications';
import { expect, test } from '../support/test';
import { ApiUser } from '../support/user';

test('unread notifications are counted in every window and device until they are opened on one', async ({ users, server }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.request('PUT', '/notifications/read', {});
  await ada.open(lobby);
  const settings = await ada.page.context().newPage();
  await settings.goto('/settings');
  await ready(settings);
  const otherDevice = await users.open(await ApiUser.signIn(server, 'ada'));
  await otherDevice.open(lobby);
  const before = (await ada.me.request<{ self: { unread_notifications: number } }>('GET', '/sync')).self.unread_notifications;
  const pages = [ada.page, settings, otherDevice.page];
  for (const page of pages) await expect(notificationsLink(page, before)).toBeVisible();
  await createNotification(ada.me);
  await createNotification(ada.me);
  for (const page of pages) await expect(notificationsLink(page, before + 2)).toBeVisible();
  await ada.page.bringToFront();
  await audit(ada.page, 'a room with unread notifications');
  await settings.bringToFront();
  await audit(settings, 'settings with unread notifications');

  await notificationsLink(otherDevice.page, before + 2).click();
  await expect(otherDevice.title).toHaveText('Notifications');
  await ready(otherDevice.page);
  await expect(otherDevice.page.getByText('New', { exact: true })).toHaveCount(2);
  for (const page of [...pages, otherDevice.page]) await expect(notificationsLink(page, 0)).toBeVisible();
});

test('a new notification does not take the focus', async ({ users }) => {
  const ada = await users.newUser('Ada');
  await ada.me.request('PUT', '/notifications/read', {});
  await ada.open(await ada.me.lobby());
  const settings = ada.page.getByTitle('Settings');
  await settings.focus();
  await createNotification(ada.me);
  await expect(notificationsLink(ada.page, 1)).toBeVisible();
  await expect(settings).toBeFocused();
});

test('a guest without rooms is offered only permitted actions, on a desktop and on a phone', async ({ users, server }) => {
  const ingrid = await users.signUp('Ingrid');
  const admin = await ApiUser.signIn(server, 'admin');
  await admin.request('PUT', `/admin/users/${ingrid.id}/role`, { role: 'guest' });
  for (const chat of [await users.open(ingrid), await users.open(ingrid, { viewport: PHONE })]) {
    await chat.page.goto('/');
    await ready(chat.page);
    await expect(chat.title).toHaveText('No rooms yet');
    await expect(chat.page.getByText('Rooms appear here once someone adds you.')).toBeVisible();
    for (const name of ['Browse rooms', 'New room']) {
      await expect(chat.page.getByRole('link', { name, exact: true })).toHaveCount(0);
    }
    await expect(chat.page.getByTitle('Settings')).toBeInViewport();
    await fits(chat.page, 'no rooms yet');
    await audit(chat.page, 'no rooms yet');
  }
  const guest = new Chat(await (await users.open(ingrid)).page.context().newPage(), ingrid);
  await guest.page.goto('/');
  await ready(guest.page);
  await admin.addMembers(await admin.createRoom('Workshop'), ingrid);
  await expect(guest.link('Workshop')).toBeVisible();
});
