// Serves a development build, builds again with every change, and has the browser load the page again: `make dev`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));

// Which halves a change below these folders concerns.
const SITE = ['app', 'frontend', 'protocol', 'style'];
const SERVER = ['app', 'domain', 'migrations', 'protocol', 'server'];
const SERVE = process.argv.slice(2);

// Leptos' `AutoReload` connects to this port and path while LEPTOS_WATCH is set.
const pages = new WebSocketServer({ host: '127.0.0.1', port: 3001, path: '/live_reload' });
const reload = () => pages.clients.forEach((page) => page.send(JSON.stringify({ all: 'built' })));

async function run(program, ...args) {
  const child = spawn(program, args, { stdio: 'inherit' });
  const [code] = await once(child, 'exit');
  return code === 0;
}

const buildSite = async () =>
  (await run('cargo', 'build', '-p', 'frontend', '--target', 'wasm32-unknown-unknown')) &&
  (await run('cargo', 'build', '--release', '-p', 'bindings')) &&
  run('node', 'site/build.mjs', 'target/wasm32-unknown-unknown/debug/frontend.wasm', 'target/release/bindings', 'target/site', '--quick');

let server;
async function restart() {
  if (server && server.exitCode === null && server.signalCode === null) {
    server.kill('SIGTERM');
    await once(server, 'exit');
  }
  server = spawn('target/debug/lair', ['serve', ...SERVE], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, LEPTOS_WATCH: '1' } });
  // The log reports when it is ready; pages load again then.
  await new Promise((ready) => {
    server.stdout.on('data', (text) => {
      process.stdout.write(text);
      if (String(text).includes('listening on')) ready();
    });
    server.once('exit', ready);
  });
}

const changed = new Set(['app']);
let building = false;
async function build() {
  if (building) return;
  building = true;
  while (changed.size > 0) {
    const parts = [...changed];
    changed.clear();
    const concerns = (half) => parts.some((part) => half.includes(part));
    let good = !concerns(SITE) || (await buildSite());
    if (good && concerns(SERVER)) {
      good = await run('cargo', 'build', '-p', 'server');
      if (good) await restart();
    }
    if (good) reload();
    else console.log('==> Not built: see above. The next change is tried again.');
  }
  building = false;
}

/** Folders one by one: watching a tree at once is not in every Node on every system. */
function watchTree(part, folder) {
  watch(folder, (_, name) => {
    if (name && !/^\.|~$/.test(name)) {
      changed.add(part);
      // An editor writes several files; all of them are there by then.
      setTimeout(build, 100);
    }
  });
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) watchTree(part, join(folder, entry.name));
  }
}

for (const part of new Set([...SITE, ...SERVER])) watchTree(part, part);
process.on('SIGINT', () => process.exit(0));
process.on('exit', () => server?.kill('SIGTERM'));
await build();
