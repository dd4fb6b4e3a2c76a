import { defineConfig } from '@playwright/test';
import { cpus } from 'node:os';
import { DESKTOP, PHONE, launchOptions } from './support/browser';

export default defineConfig({
  testDir: 'tests',
  // A flaky test counts as failed.
  retries: 0,
  fullyParallel: true,
  forbidOnly: true,
  workers: Math.max(1, cpus().length),
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./support/failure-summary.ts']],
  use: {
    browserName: 'chromium',
    launchOptions,
    locale: 'en-GB',
    timezoneId: 'Europe/Vienna',
    colorScheme: 'dark',
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: true, sources: false },
    screenshot: 'only-on-failure',
  },
  projects: [
    { name: 'desktop', testIgnore: ['no-js/**', 'phone/**', 'firefox/**'], use: { viewport: DESKTOP } },
    {
      name: 'phone',
      testMatch: ['phone/**', ...['auth', 'rooms', 'many-rooms', 'send', 'edit-delete', 'accessibility', 'credentials'].map((flow) => `${flow}.spec.ts`)],
      testIgnore: 'no-js/**',
      use: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
    },
    { name: 'Firefox', testMatch: 'firefox/**/*.spec.ts' },
    { name: 'without JavaScript', testMatch: 'no-js/**/*.spec.ts', use: { viewport: DESKTOP, javaScriptEnabled: false } },
  ],
});
