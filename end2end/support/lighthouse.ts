// Lighthouse in the Chromium of the tests.
import lighthouse from 'lighthouse/core/index.cjs';
import puppeteer from 'puppeteer-core';
import { launchOptions } from './browser';
import type { Server } from './server';
import type { ApiUser } from './user';

export type Device = 'mobile' | 'desktop';
export type Category = 'performance' | 'accessibility' | 'best-practices' | 'seo';

export interface LighthouseResult {
  /** From 0 to 100. */
  scores: Record<string, number>;
  /** The audits that cost points, with what they found. */
  faults: string[];
}

/** Lighthouse's own desktop settings; a phone is its default. */
const desktop = {
  formFactor: 'desktop',
  screenEmulation: { mobile: false, width: 1350, height: 940, deviceScaleFactor: 1, disabled: false },
  throttling: {
    rttMs: 40,
    throughputKbps: 10 * 1024,
    cpuSlowdownMultiplier: 1,
    requestLatencyMs: 0,
    downloadThroughputKbps: 0,
    uploadThroughputKbps: 0,
  },
  emulatedUserAgent: false,
} as const;

/** Opens a page in a browser of its own, signed in as this user if there is one, and rates these categories. */
export async function rate(
  server: Server,
  path: string,
  { user, device, categories }: { user?: ApiUser; device: Device; categories: Category[] },
): Promise<LighthouseResult> {
  const browser = await puppeteer.launch({ ...launchOptions, headless: 'shell' });
  try {
    for (const { name, value } of user?.cookies() ?? []) await browser.setCookie({ name, value, domain: '127.0.0.1', path: '/', httpOnly: true });
    const flags = { onlyCategories: categories, disableFullPageScreenshot: true, ...(device === 'desktop' ? desktop : {}) };
    const result = await lighthouse(server.url + path, flags, undefined, await browser.newPage());
    if (!result) throw new Error('Lighthouse has no result.');
    return summarize(path, result.lhr);
  } finally {
    await browser.close();
  }
}

/** The part of its report that is used here; its own types are not found from a CommonJS module. */
interface Report {
  categories: Record<string, { id: string; score: number | null; auditRefs: { id: string; weight: number }[] }>;
  audits: Record<string, Audit>;
  finalDisplayedUrl: string;
  runtimeError?: { message: string };
}

interface Audit {
  id: string;
  score: number | null;
  scoreDisplayMode: string;
  displayValue?: string;
  errorMessage?: string;
  details?: { items?: unknown[] };
}

function summarize(path: string, { categories, audits, finalDisplayedUrl, runtimeError }: Report): LighthouseResult {
  if (runtimeError) throw new Error(`Lighthouse: ${runtimeError.message}`);
  if (new URL(finalDisplayedUrl).pathname !== path) throw new Error(`Lighthouse was led from ${path} to ${finalDisplayedUrl}.`);
  const scores = Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)]));
  const counted = Object.values(categories).flatMap(({ auditRefs }) => auditRefs.filter(({ weight }) => weight > 0));
  const faults = counted
    .map(({ id }) => audits[id])
    .filter((audit) => audit !== undefined)
    .filter(({ score, scoreDisplayMode }) => scoreDisplayMode === 'error' || (score !== null && score < 1))
    .map(({ id, score, displayValue, errorMessage, details }) =>
      [id, score, displayValue ?? errorMessage ?? '', JSON.stringify(details?.items ?? []).slice(0, 400)].join(' '),
    );
  return { scores, faults };
}
