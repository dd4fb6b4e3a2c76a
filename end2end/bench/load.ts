// Messages of others, as load.
import { setTimeout } from 'node:timers/promises';
import type { Users } from '../support/test';
import type { ApiUser, Room } from '../support/user';

/** Requests in flight at once when it shall only be quick. */
const AT_ONCE = 16;

export function text(n: number): string {
  return `Message ${n}${' with some words of an ordinary length'.repeat(n % 4)}`;
}

export async function signUpSenders(users: Users, count: number): Promise<ApiUser[]> {
  const senders = [];
  for (let n = 1; n <= count; n += 1) senders.push(await users.signUp(`Sender ${n}`));
  return senders;
}

/** Sends many messages, as fast as the server takes them. */
export async function sendQuickly(senders: ApiUser[], room: Room, count: number): Promise<void> {
  let sent = 0;
  const work = async () => {
    while (sent < count) {
      sent += 1;
      await sender(senders, sent).send(room, text(sent));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

/** Sends messages at a constant rate, however long each of them takes. */
export async function sendAtRate(senders: ApiUser[], room: Room, { count, seconds }: { count: number; seconds: number }): Promise<void> {
  const started = performance.now();
  const sends = [];
  for (let n = 1; n <= count; n += 1) {
    const early = started + (n * seconds * 1000) / count - performance.now();
    if (early > 1) await setTimeout(early);
    sends.push(sender(senders, n).send(room, text(n)));
  }
  await Promise.all(sends);
}

function sender(senders: ApiUser[], n: number): ApiUser {
  const found = senders[n % senders.length];
  if (!found) throw new Error('There are no senders.');
  return found;
}
