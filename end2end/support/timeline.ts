// What a test reads from the timeline of a room: its rows, and where they are on the screen.
import { type Page, expect } from '@playwright/test';
import type { Chat } from './chat';

/** At most this many messages are in the document. */
export const MAX_ROWS = 300;

/** A message, and its distance from the top of the timeline in pixels. */
export interface Position {
  seq: number;
  top: number;
}

/** The first message that is completely visible. */
export function firstVisible(chat: Chat): Promise<Position> {
  return chat.timeline.evaluate((box) => {
    const edge = box.getBoundingClientRect().top;
    const first = [...box.querySelectorAll('article')].find((row) => row.getBoundingClientRect().top >= edge);
    if (!first) throw new Error('No message is in view.');
    return { seq: Number(first.dataset.seq), top: first.getBoundingClientRect().top - edge };
  });
}

/** How far a message has moved from this position, in pixels. */
export function drift(chat: Chat, { seq, top }: Position): Promise<number> {
  return chat.timeline.evaluate(
    (box, { seq, top }) => {
      const row = box.querySelector(`article[data-seq="${seq}"]`);
      return row ? Math.abs(row.getBoundingClientRect().top - box.getBoundingClientRect().top - top) : Infinity;
    },
    { seq, top },
  );
}

/** The seqs of the messages in the document, from top to bottom. */
export function seqs(chat: Chat): Promise<number[]> {
  return chat.timeline.evaluate((box) => [...box.querySelectorAll('article')].map((row) => Number(row.dataset.seq)));
}

/** Checks that the document has a bounded number of messages, without gaps, in order and each once; returns their ends. */
export async function expectGapless(chat: Chat): Promise<{ first: number; last: number }> {
  const found = await seqs(chat);
  const first = found[0] ?? 0;
  expect(found, 'the loaded messages have no gaps').toEqual(Array.from(found, (_, n) => first + n));
  expect(found.length, 'the number of messages in the document').toBeLessThanOrEqual(MAX_ROWS);
  return { first, last: found.at(-1) ?? 0 };
}

/** Turns the mouse wheel over the timeline. */
export async function wheel(chat: Chat, distance: number): Promise<void> {
  await chat.timeline.hover();
  await chat.page.mouse.wheel(0, distance);
}

/** Waits until nothing is loading and nothing moves. */
export async function waitUntilIdle(chat: Chat): Promise<void> {
  await expect(chat.timeline).not.toHaveAttribute('aria-busy');
  await waitUntilStill(chat);
}

/** Waits until scroll position and height stay the same for some frames. */
export async function waitUntilStill(chat: Chat): Promise<void> {
  const isStill = () =>
    chat.timeline.evaluate(async (box) => {
      const [top, height] = [box.scrollTop, box.scrollHeight];
      for (let frame = 0; frame < 4; frame += 1) await new Promise(requestAnimationFrame);
      return box.scrollTop === top && box.scrollHeight === height;
    });
  await expect.poll(isStill).toBe(true);
}

/** Scrolls, and waits until loading and scrolling have ended. */
export async function scroll(chat: Chat, distance: number): Promise<void> {
  const before = await chat.timeline.evaluate((box) => box.scrollTop);
  await wheel(chat, distance);
  await expect.poll(() => chat.timeline.evaluate((box) => box.scrollTop)).not.toBe(before);
  await waitUntilIdle(chat);
}

/** The markup of each row that the browser shows. */
export function shownRows(chat: Chat): Promise<string[]> {
  return chat.timeline.locator('.rows').evaluate((rows) => [...rows.children].map((row) => row.outerHTML));
}

/** The markup of each row of a page as the server sends it now, without running its scripts. */
export async function servedRows(page: Page, path: string): Promise<string[]> {
  const response = await page.request.get(path);
  expect(response.status(), path).toBe(200);
  return page.evaluate((html) => {
    const rows = new DOMParser().parseFromString(html, 'text/html').querySelector('.timeline .rows');
    return [...(rows?.children ?? [])].map((row) => row.outerHTML);
  }, await response.text());
}
