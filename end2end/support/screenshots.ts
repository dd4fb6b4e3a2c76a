// Screenshots of the seeded users and rooms, on a desktop and on a phone, in the dark and the light theme.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE } from './browser';
import { expect, test } from './test';
import { ApiUser } from './user';

const pictures = join(__dirname, '../../docs/pictures');
const seed = join(__dirname, '../../scripts/seed');
const { password } = require('../../seeds/lair.json') as { password: string };

const devices = [
  { name: 'desktop', context: { viewport: DESKTOP } },
  { name: 'phone', context: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } },
];

test('the screenshots of the README', async ({ server, browser, consoleGuard }) => {
  execFileSync(process.execPath, [seed, server.url]);
  mkdirSync(pictures, { recursive: true });
  const mara = await ApiUser.signIn(server, 'mara', password);
  for (const { name, context: device } of devices) {
    for (const colorScheme of ['dark', 'light'] as const) {
      const context = await browser.newContext({ ...device, baseURL: server.url, colorScheme, reducedMotion: 'reduce' });
      consoleGuard.attach(context);
      await context.addCookies(mara.cookies());
      const page = await context.newPage();
      const { items } = await mara.request<{ items: { id: string; name: string }[] }>('GET', '/rooms');
      await page.goto(`/rooms/${items.find((room) => room.name === 'Workshop')?.id}`);
      await expect(page.locator('html')).toHaveAttribute('data-live', 'live');
      await expect(page.getByText('Me, after lunch')).toBeVisible();
      await page.getByRole('heading', { level: 1 }).hover();
      await page.screenshot({ path: join(pictures, `${name}-${colorScheme}.png`), scale: name === 'phone' ? 'device' : 'css', caret: 'hide' });
      consoleGuard.detach(context);
      await context.close();
    }
  }
});
