// Times of key presses, taken in the page.
import type { Page } from '@playwright/test';

interface KeyWatch {
  /** From each key press until the first frame after its input was drawn, in ms. */
  paints: number[];
  /** Event Timing of the keys that took 16 ms or more. */
  events: { delay: number; duration: number }[];
  longTasks: number[];
}

type Watched = Window & { keyWatch: KeyWatch; painted?: () => void };

export async function watchKeys(page: Page): Promise<void> {
  await page.evaluate(() => {
    const watched = window as unknown as Watched;
    const { paints, events, longTasks } = (watched.keyWatch = { paints: [], events: [], longTasks: [] } as KeyWatch);
    let pressed = 0;
    addEventListener('keydown', ({ timeStamp }) => (pressed = timeStamp), { capture: true });
    // The input of a key comes as an event of its own after `keydown`. A message posted in the next frame is handled
    // when that frame has been drawn.
    addEventListener('input', () => {
      const from = pressed;
      requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          paints.push(performance.now() - from);
          watched.painted?.();
        };
        channel.port2.postMessage(null);
      });
    });
    new PerformanceObserver((list) => {
      for (const { name, startTime, processingStart, duration } of list.getEntries() as PerformanceEventTiming[]) {
        if (/^(key|input$|beforeinput$)/.test(name)) events.push({ delay: processingStart - startTime, duration });
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' });
  });
}

/** Presses a key, and waits until the page has drawn a frame with its input. */
export async function press(page: Page, key: string): Promise<void> {
  await page.evaluate(() => {
    const watched = window as unknown as Watched & { nextPaint: Promise<void> };
    watched.nextPaint = new Promise((resolve) => (watched.painted = resolve));
  });
  await page.keyboard.press(key);
  await page.evaluate(() => (window as unknown as { nextPaint: Promise<void> }).nextPaint);
}

/** What was measured until now; the next call begins anew. */
export function takeKeys(page: Page): Promise<KeyWatch> {
  return page.evaluate(async () => {
    // Entries are reported after the frame that they end with.
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
    const { paints, events, longTasks } = (window as unknown as Watched).keyWatch;
    return { paints: paints.splice(0), events: events.splice(0), longTasks: longTasks.splice(0) };
  });
}
