// Writes the medians of all rounds as a section of docs/performance.md.
import type { FullConfig, FullResult, Reporter, Suite } from '@playwright/test/reporter';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { launchOptions } from '../support/browser';
import { type Figure, format, isReached, median, read } from './figure';

const ROOT = join(__dirname, '../..');

const ABOUT = `Written by \`make bench-browser\`. Chromium without windows, at 1440×900, on the machine that also runs the server and those who
send; each figure is the median of five rounds, with the lowest and the highest beside it.`;

const HOW = `- **Missed messages:** the page shows the end of a room and is offline while others send; timed from the browser's report that
  it is online again, so that connecting is included, until a frame with the newest message is drawn.
- **Burst:** ten users send over the REST API while the reader types a key every 150 ms. Counted from the moment at which the
  browser received the key until the page handles it, and until the next frame is shown (Event Timing, which counts in steps of 8 ms
  and from 16 ms on; 0 means that no key took that long).
- **Typing:** in a room of which 2,000 messages were scrolled back, from the time of the key press until the first frame after the
  input is drawn, the median of 50 keys. A frame lasts up to 16.7 ms.
- **Memory:** after a garbage collection.
- **First visit:** compressed bodies and headers of all responses, with 50 messages in the room.
- **Layout shift:** the worst of sign-in, a room and the settings, first and later visit, desktop and phone, member and administrator.
- **Lighthouse:** its default settings of a phone (four times slower processor, slow 4G, simulated) and of a desktop.`;

export default class Report implements Reporter {
  private suite?: Suite;

  onBegin(_config: FullConfig, suite: Suite): void {
    this.suite = suite;
  }

  onEnd({ status }: FullResult): void {
    if (status !== 'passed') return;
    const figures = (this.suite?.allTests() ?? []).flatMap(({ results }) => results.flatMap(({ annotations }) => read(annotations)));
    const names = [...new Set(figures.map(({ what }) => what))];
    const rows = names.map((name) => row(figures.filter(({ what }) => what === name)));
    const table = ['| | wanted | measured | lowest to highest | |', '|---|---|---:|---:|---|', ...rows].join('\n');
    const section = `## Browser\n\n${ABOUT}\n${machine()}\n\n${table}\n\n${HOW}\n`;
    writeFileSync(join(ROOT, 'target/browser-performance.md'), section);
    console.log(section);
  }
}

function row(figures: Figure[]): string {
  const values = figures.map(({ value }) => value);
  const [{ what, unit, wanted }] = figures as [Figure];
  const value = median(values);
  const verdict = wanted && (isReached(value, wanted) ? 'reached' : '**not reached**');
  const range = `${format(Math.min(...values))} to ${format(Math.max(...values))}`;
  return `| ${what} | ${wanted ? `${wanted.bound} ${format(wanted.limit)}${unit}` : ''} | ${format(value)}${unit} | ${range} | ${verdict ?? ''} |`;
}

function machine(): string {
  const output = (program: string, ...options: string[]) => execFileSync(program, options, { cwd: ROOT, encoding: 'utf8' }).trim();
  const changed = output('git', 'status', '--porcelain', '--', ':!docs') ? ', with changes' : '';
  const commit = output('git', 'rev-parse', '--short=12', 'HEAD');
  return `${cpus()[0]?.model}, ${cpus().length} cores; ${output(launchOptions.executablePath, '--version')}; commit ${commit}${changed}.`;
}
