import { type Category, type Device, rate } from '../support/lighthouse';
import { expect, test } from '../support/test';

const categories: Category[] = ['accessibility', 'best-practices', 'seo'];
const devices: Device[] = ['mobile', 'desktop'];

// An idle machine takes 7 seconds for one of them.
test.slow();

for (const device of devices) {
  for (const name of ['sign-in', 'a room', 'the settings']) {
    test(`Lighthouse finds no fault in ${name} (${device})`, async ({ users, server }) => {
      const ada = await users.signUp('Ada');
      const lobby = await ada.lobby();
      await ada.sendMany(lobby, 12, (n) => `Line ${n} with a [link](https://example.org/) and \`code\``);
      const path = { 'sign-in': '/sign-in', 'a room': `/rooms/${lobby.id}`, 'the settings': '/settings' }[name] ?? '';
      const user = name === 'sign-in' ? undefined : ada;
      const { scores, faults } = await rate(server, path, { user, device, categories });
      expect(faults).toEqual([]);
      expect(scores).toEqual({ accessibility: 100, 'best-practices': 100, seo: 100 });
    });
  }
}
