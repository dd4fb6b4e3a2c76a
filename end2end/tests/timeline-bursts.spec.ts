// A burst of messages is few changes of the page: one for each frame that the browser draws.
import type { Chat } from '../support/chat';
import { expect, test } from '../support/test';
import { scroll } from '../support/timeline';

interface Counts {
  frames: number;
  /** How often rows were added or removed, by frame. */
  changes: number[];
}

/** Counts in which frames rows are added or removed, from now on. */
async function countChanges(chat: Chat): Promise<() => Promise<Counts>> {
  await chat.timeline.locator('.rows').evaluate((rows) => {
    let frame = 0;
    const changes = new Map<number, number>();
    // Registered first for every frame: what the page does in a frame counts for that frame.
    const next = () => {
      frame += 1;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
    new MutationObserver(() => changes.set(frame, (changes.get(frame) ?? 0) + 1)).observe(rows, { childList: true });
    Object.assign(window, { counts: () => ({ frames: frame, changes: [...changes.values()] }) });
  });
  return () => chat.page.evaluate(() => (window as unknown as { counts: () => Counts }).counts());
}

for (const [where, place] of [
  ['at the end of a room', async () => undefined],
  ['further back', (chat: Chat) => scroll(chat, -700)],
] as [string, (chat: Chat) => Promise<void>][]) {
  test(`${where}, rows change at most once a frame while 300 messages arrive`, async ({ users }) => {
    const ada = await users.newUser('Ada');
    const bob = await users.signUp('Bob');
    const lobby = await bob.lobby();
    await ada.me.sendMany(lobby, 40);
    await ada.open(lobby);
    await place(ada);
    const counts = await countChanges(ada);
    const start = Date.now();
    await bob.sendAtOnce(lobby, 300, (n) => `Burst ${n}`);
    const duration = Date.now() - start;
    await expect.poll(async () => (await ada.me.lobby()).head).toBe(lobby.head + 340);
    await expect.poll(() => ada.page.evaluate(() => Number([...document.querySelectorAll('article')].at(-1)?.dataset.seq))).toBeGreaterThanOrEqual(lobby.head + (where === 'further back' ? 250 : 340));
    const { frames, changes } = await counts();
    test.info().annotations.push({ type: 'figure', description: `${changes.length} of ${frames} frames changed rows, in ${duration} ms` });
    expect(changes.filter((count) => count > 1), `changes in one frame, of ${changes.length} frames with changes`).toEqual([]);
  });
}
