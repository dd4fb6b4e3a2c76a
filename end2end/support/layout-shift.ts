// How much of a page moves while it loads (Cumulative Layout Shift).
import { type Page, expect } from '@playwright/test';

/** The largest score that is accepted; 0.1 counts as good on the web. */
export const MAX_SHIFT = 0.02;

export interface LayoutShift {
  score: number;
  /** What moved, and from where to where. */
  moved: string[];
}

/**
 * All shifts of the page since it began to load. Nobody presses a key in these tests, so that shifts "with recent input"
 * count, too: Chromium takes the change to a phone's screen for input.
 */
export function layoutShift(page: Page): Promise<LayoutShift> {
  return page.evaluate(async () => {
    interface Shift extends PerformanceEntry {
      value: number;
      sources: { node?: Element; previousRect: DOMRect; currentRect: DOMRect }[];
    }
    const shifts: Shift[] = [];
    const observer = new PerformanceObserver((list) => shifts.push(...(list.getEntries() as Shift[])));
    observer.observe({ type: 'layout-shift', buffered: true });
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    shifts.push(...(observer.takeRecords() as Shift[]));
    observer.disconnect();
    const rect = ({ x, y, width, height }: DOMRect) => [x, y, width, height].map(Math.round).join(' ');
    const moved = shifts.flatMap(({ sources }) =>
      sources.map(({ node, previousRect, currentRect }) => {
        return `${node?.nodeName} ${node?.className ?? ''}: ${rect(previousRect)} to ${rect(currentRect)}`;
      }),
    );
    return { score: shifts.reduce((sum, { value }) => sum + value, 0), moved };
  });
}

/** Waits until the page is hydrated, and on a chat page until it is connected. */
async function settled(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
  if (new URL(page.url()).pathname.startsWith('/rooms/')) await expect(page.locator('html')).toHaveAttribute('data-live', 'live');
  await page.evaluate(() => document.fonts.ready);
}

/** The shifts of a first visit, whose WebAssembly arrives after the page is painted, and of a later one from the cache. */
export async function visitTwice(page: Page, path: string): Promise<[first: LayoutShift, later: LayoutShift]> {
  await page.route('**/*.wasm', async (route) => {
    await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
    await route.continue();
  });
  await page.goto(path);
  await settled(page);
  const first = await layoutShift(page);
  // With a route there is no cache: the next visit fills it.
  await page.unroute('**/*.wasm');
  await page.goto(path);
  await settled(page);
  await page.goto(path);
  await settled(page);
  return [first, await layoutShift(page)];
}
