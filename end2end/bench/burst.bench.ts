import { setTimeout } from 'node:timers/promises';
import { expect, test } from '../support/test';
import { atMost, record } from './figure';
import { takeKeys, watchKeys } from './keys';
import { sendAtRate, signUpSenders, text } from './load';
import { recordMemory, watchMemory } from './memory';

const BURST = { count: 3000, seconds: 10 };
const BETWEEN_KEYS = 150;

test('3,000 messages arrive in 10 seconds while the reader types', async ({ users }) => {
  const ada = await users.newUser('Ada');
  const senders = await signUpSenders(users, 10);
  const lobby = await ada.me.lobby();
  await ada.me.sendMany(lobby, 60, text);
  await watchMemory(ada.page);
  await ada.open(lobby);
  await recordMemory(ada.page, 'before a burst');
  await ada.composer.focus();
  await watchKeys(ada.page);
  let sending = true;
  const burst = sendAtRate(senders, lobby, BURST).finally(() => (sending = false));
  let typed = '';
  while (sending) {
    const key = 'typing on '[typed.length % 10] ?? '';
    await ada.page.keyboard.press(key);
    typed += key;
    await setTimeout(BETWEEN_KEYS);
  }
  await burst;
  const { events, longTasks } = await takeKeys(ada.page);
  await senders[0]?.send(lobby, 'The newest message');
  await expect(ada.message('The newest message')).toBeInViewport();
  await expect(ada.composer).toHaveValue(typed);
  const worst = (times: number[]) => Math.max(0, ...times);
  record('3,000 messages in 10 s: the slowest key until its frame', worst(events.map(({ duration }) => duration)), ' ms', atMost(100));
  record('3,000 messages in 10 s: the longest wait of a key for the page', worst(events.map(({ delay }) => delay)), ' ms', atMost(100));
  record('3,000 messages in 10 s: the longest task', worst(longTasks), ' ms');
  await recordMemory(ada.page, 'after a burst');
});
