import { expect, test } from '../support/test';

test('"Today" becomes "Yesterday" at midnight', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const lobby = await ada.me.lobby();
  await ada.me.send(lobby, 'Good evening');
  await ada.page.clock.install({ time: new Date() });
  await ada.open(lobby);
  const day = ada.timeline.locator('.day-divider');
  await expect(day).toHaveText('Today');
  await ada.page.clock.fastForward('24:00:00');
  await expect(day).toHaveText('Yesterday');
});
