// Measures the pages in Chromium: `make bench-browser`. Nothing else runs meanwhile, and every figure is taken in five rounds.
import { defineConfig } from '@playwright/test';
import { DESKTOP, launchOptions } from '../support/browser';

export default defineConfig({
  testDir: '.',
  testMatch: '*.bench.ts',
  outputDir: '../test-results',
  repeatEach: 5,
  workers: 1,
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: [['list'], ['./report.ts']],
  use: { browserName: 'chromium', launchOptions, locale: 'en-GB', timezoneId: 'Europe/Vienna', viewport: DESKTOP },
});
