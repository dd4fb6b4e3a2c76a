// Takes the screenshots of the README: `npm run screenshots`, with target/release/lair built.
import { defineConfig } from '@playwright/test';
import { launchOptions } from './browser';

export default defineConfig({
  testDir: '.',
  testMatch: 'screenshots.ts',
  outputDir: '../test-results',
  workers: 1,
  reporter: [['list']],
  use: { browserName: 'chromium', launchOptions, locale: 'en-GB', timezoneId: 'UTC' },
});
