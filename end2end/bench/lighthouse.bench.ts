import { type Device, rate } from '../support/lighthouse';
import { test } from '../support/test';
import { atLeast, record } from './figure';
import { text } from './load';

const devices: [Device, number][] = [
  ['desktop', 95],
  ['mobile', 90],
];

test('performance by Lighthouse', async ({ users, server }) => {
  const [ada, bob] = [await users.signUp('Ada'), await users.signUp('Bob')];
  const lobby = await ada.lobby();
  for (let n = 1; n <= 60; n += 1) await (n % 2 ? ada : bob).send(lobby, text(n));
  for (const [device, wanted] of devices) {
    for (const [name, path, user] of [
      ['sign-in', '/sign-in', undefined],
      ['a room', `/rooms/${lobby.id}`, ada],
      ['the settings', '/settings', ada],
    ] as const) {
      const { scores } = await rate(server, path, { user, device, categories: ['performance'] });
      record(`Lighthouse, performance of ${name}, ${device}`, scores.performance ?? Number.NaN, '', atLeast(wanted));
    }
  }
});
