import { defineConfig } from '@playwright/test';
import { cpus } from 'node:os';
import { DESKTOP, PHONE, launchOptions } from './support/browser';

export default defineConfig({
  testDir: 'tests',
  // A test that passes only sometimes is a failed test.
  retries: 0,
  fullyParallel: true,
  forbidOnly: true,
  workers: Math.max(1, cpus().length),
  timeout: 45_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
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
    { name: 'desktop', testIgnore: ['plain/**', 'phone/**'], use: { viewport: DESKTOP } },
    {
      name: 'phone',
      testMatch: ['phone/**', ...['account', 'rooms', 'chatting', 'changing', 'accessibility', 'credentials'].map((flow) => `${flow}.spec.ts`)],
      testIgnore: 'plain/**',
      use: { viewport: PHONE, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
    },
    { name: 'without JavaScript', testMatch: 'plain/**/*.spec.ts', use: { viewport: DESKTOP, javaScriptEnabled: false } },
  ],
});
