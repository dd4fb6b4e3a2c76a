import { type Chat } from '../support/chat';
import { expect, test } from '../support/test';
import { atMost, median, record } from './figure';
import { press, takeKeys, watchKeys } from './keys';
import { sendQuickly, signUpSenders } from './load';
import { recordMemory, watchMemory } from './memory';

const MESSAGES = 2100;
const SCROLLED = 2000;
const KEYS = 50;

/** Scrolls up until the first loaded message is this far back, one page of history after the other. */
async function scrollBack(chat: Chat): Promise<void> {
  const first = () => chat.rows.first().evaluate((row) => Number((row as HTMLElement).dataset.seq));
  await chat.timeline.hover();
  for (let seq = await first(); seq > MESSAGES - SCROLLED; seq = await first()) {
    await expect(async () => {
      await chat.page.mouse.wheel(0, -4000);
      await expect.poll(first, { intervals: [20], timeout: 500 }).toBeLessThan(seq);
    }).toPass();
  }
}

/** The median of some keys, in ms: until the frame is drawn, and by Event Timing. */
async function type(chat: Chat): Promise<{ painted: number; duration: number }> {
  for (let n = 0; n < KEYS; n += 1) await press(chat.page, 'abcde'[n % 5] ?? 'a');
  const { paints, events } = await takeKeys(chat.page);
  expect(paints).toHaveLength(KEYS);
  // Event Timing reports no key that took less than 16 ms.
  const durations = [...events.map(({ duration }) => duration), ...Array.from({ length: Math.max(0, KEYS - events.length) }, () => 16)];
  return { painted: median(paints), duration: median(durations) };
}

test('typing after 2,000 messages were scrolled back', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const senders = await signUpSenders(users, 10);
  const lobby = await ada.me.lobby();
  await sendQuickly(senders, lobby, MESSAGES);
  await ada.me.send(lobby, 'The newest message');
  await watchMemory(ada.page);
  await ada.open(lobby);
  await scrollBack(ada);
  await recordMemory(ada.page, 'after scrolling back through 2,000 messages');
  await ada.composer.focus();
  await watchKeys(ada.page);
  const normal = await type(ada);
  record('a key until its frame, after scrolling back', normal.painted, ' ms', atMost(20));
  record('the same by Event Timing', normal.duration, ' ms');
  const session = await ada.page.context().newCDPSession(ada.page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  const slow = await type(ada);
  record('a key until its frame, on a processor four times slower', slow.painted, ' ms', atMost(60));
  record('the same by Event Timing, on a processor four times slower', slow.duration, ' ms');
});
