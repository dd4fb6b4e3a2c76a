// Draws the icons of the installed app from app/public/favicon.svg: `node site/icons.mjs`, after the picture changed.
// They are stored beside it, because a build has no browser to draw them with. Afterwards: `pngquant --force --strip
// --ext .png 128 app/public/*icon*.png`, which makes them a quarter of the size.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = join(dirname(dirname(fileURLToPath(import.meta.url))), 'app/public');
const candidates = [process.env.CHROMIUM, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'];
const chromium = candidates.find((path) => path && existsSync(path));
if (!chromium) throw new Error('No Chromium was found. Name one in CHROMIUM.');

// Where the system cuts an icon into its own shape, it is a whole square.
const ICONS = [
  { name: 'icon-192.png', size: 192 },
  { name: 'icon-512.png', size: 512 },
  { name: 'icon-maskable-512.png', size: 512, square: true },
  { name: 'apple-touch-icon.png', size: 180, square: true },
];

const svg = readFileSync(join(site, 'favicon.svg'), 'utf8');
const work = mkdtempSync(join(tmpdir(), 'lair-icons-'));
try {
  for (const { name, size, square } of ICONS) {
    const page = join(work, 'icon.html');
    const picture = Buffer.from(square ? svg.replaceAll(/ rx="[^"]*"/g, '') : svg).toString('base64');
    const image = `<img src="data:image/svg+xml;base64,${picture}" width="${size}" height="${size}" style="display:block">`;
    writeFileSync(page, `<!DOCTYPE html><body style="margin:0">${image}`);
    const options = ['--headless', '--no-sandbox', '--hide-scrollbars', '--force-device-scale-factor=1', '--default-background-color=00000000'];
    const { status, stderr } = spawnSync(chromium, [...options, `--window-size=${size},${size}`, `--screenshot=${join(site, name)}`, page], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
