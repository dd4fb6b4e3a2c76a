import type { Page } from '@playwright/test';
import { NETWORK_ERRORS } from '../support/console-guard';
import { expect, test } from '../support/test';
import { atMost, record } from './figure';
import { sendQuickly, signUpSenders, text } from './load';

const MISSED = 2000;

interface Times {
  live: number;
  painted: number;
}

/** From the next `online` event until a frame with this message in view is drawn, and until the socket has caught up. */
async function watchReturn(page: Page, newest: string): Promise<void> {
  await page.evaluate((newest) => {
    const isShown = () => {
      const row = [...document.querySelectorAll('article.message')].at(-1);
      return row?.querySelector('.prose')?.textContent?.trim() === newest && row.getBoundingClientRect().bottom <= innerHeight;
    };
    const drawn = (then: () => void) =>
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = then;
        channel.port2.postMessage(null);
      });
    const times = new Promise<Times>((resolve) => {
      addEventListener('online', ({ timeStamp: online }) => {
        let [live, painted] = [0, 0];
        const done = () => live && painted && resolve({ live, painted });
        const observer = new MutationObserver(() => {
          if (!live && document.documentElement.dataset.live === 'live') live = performance.now() - online;
          if (!painted && isShown()) {
            observer.disconnect();
            observer.observe(document.documentElement, { attributes: true });
            drawn(() => {
              painted = performance.now() - online;
              done();
            });
          }
          done();
        });
        observer.observe(document.documentElement, { attributes: true, childList: true, subtree: true });
      }, { once: true });
    });
    Object.assign(window, { timesOfReturn: times });
  }, newest);
}

test('2,000 messages that were missed offline', async ({ users, consoleGuard }) => {
  consoleGuard.allow(NETWORK_ERRORS);
  const ada = await users.newUser('Ada');
  const senders = await signUpSenders(users, 10);
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 60, text);
  await ada.open(lobby);
  await ada.page.context().setOffline(true);
  await expect(ada.page.locator('html')).toHaveAttribute('data-live', 'offline');
  await expect(ada.page.getByText("You're offline.")).toBeVisible();
  await sendQuickly(senders, lobby, MISSED - 1);
  await senders[0]?.send(lobby, 'The newest message');
  await watchReturn(ada.page, 'The newest message');
  await ada.page.context().setOffline(false);
  const times = await ada.page.evaluate(() => (window as unknown as { timesOfReturn: Promise<Times> }).timesOfReturn);
  record('2,000 missed messages: the newest is shown', times.painted, ' ms', atMost(1000));
  record('2,000 missed messages: live again', times.live, ' ms');
});
