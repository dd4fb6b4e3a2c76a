// A page whose HTML arrives in two parts, as over a slow network.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Page, expect } from '@playwright/test';
import { type LayoutShift, layoutShift } from './layout-shift';
import type { Server } from './server';

/** The page as the server sends it now, without its scripts. */
export async function servedPage(page: Page, path: string): Promise<string> {
  const response = await page.request.get(path);
  expect(response.status(), path).toBe(200);
  return (await response.text()).replace(/<script[^]*?<\/script>|<link[^>]*preload[^>]*>/g, '');
}

/** The shifts of a page of which the second part arrives once the first is painted. */
export async function shiftWhileArriving(page: Page, server: Server, [first, second]: [string, string]): Promise<LayoutShift> {
  let release = () => {};
  const painted = new Promise<void>((go) => {
    release = go;
  });
  const slow = createServer(async (request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html; charset=utf-8').write(first);
      await painted;
      response.end(second);
    } else {
      const file = await fetch(server.url + request.url);
      response.writeHead(file.status, { 'content-type': file.headers.get('content-type') ?? '' }).end(Buffer.from(await file.arrayBuffer()));
    }
  });
  await new Promise<void>((listening) => slow.listen(0, '127.0.0.1', listening));
  await page.goto(`http://127.0.0.1:${(slow.address() as AddressInfo).port}/`, { waitUntil: 'commit' });
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  release();
  await page.waitForLoadState();
  const shift = await layoutShift(page);
  slow.close();
  slow.closeAllConnections();
  return shift;
}
