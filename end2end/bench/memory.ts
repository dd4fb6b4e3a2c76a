// How much a page holds.
import type { Page } from '@playwright/test';
import { atMost, record } from './figure';

/** Makes the WebAssembly memory of the pages that are opened from now on readable. */
export async function watchMemory(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (source, imports) => {
      const loaded = await instantiate(source, imports);
      Object.assign(window, { wasmMemory: loaded.instance.exports.memory });
      return loaded;
    };
  });
}

export async function recordMemory(page: Page, when: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const metric = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  const wasm = await page.evaluate(() => (window as unknown as { wasmMemory: WebAssembly.Memory }).wasmMemory.buffer.byteLength);
  const rows = await page.locator('article.message').count();
  record(`${when}: message rows in the page`, rows, '', atMost(300));
  record(`${when}: DOM nodes`, metric('Nodes'), '');
  record(`${when}: JavaScript heap`, metric('JSHeapUsedSize') / 2 ** 20, ' MiB');
  record(`${when}: WebAssembly memory`, wasm / 2 ** 20, ' MiB');
  await session.detach();
}
