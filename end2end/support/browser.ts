// The browser of the tests: the installed Chromium. Nothing is downloaded.
import { existsSync } from 'node:fs';

const candidates = [
  process.env.CHROMIUM,
  // Headless build without browser windows, whose drawing takes as long as that of the pages.
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

function find(): string {
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error('No Chromium was found. Run scripts/setup test, or name one in CHROMIUM.');
  return found;
}

export const launchOptions = {
  executablePath: find(),
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
};

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
