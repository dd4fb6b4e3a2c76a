// Builds the site: `node site/build.mjs <front end's module.wasm> <bindings program> <folder> [--quick]`. While
// developing, `--quick` leaves out what only makes files smaller.
//
// JavaScript bindings, smaller WebAssembly, one stylesheet, the files of app/public, and a compressed copy of each. A file
// that has not changed is left alone, so that the server, which embeds the folder, is not built again for nothing.
import { bundle } from 'lightningcss';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(here);

// The oldest browsers that know what the stylesheet is written in: `light-dark()`, nesting, `:has()`.
const BROWSERS = { chrome: 123 << 16, firefox: 128 << 16, safari: (17 << 16) | (5 << 8) };

// What travels is compressed, so similar code in sequence matters more than fewer calls: nothing is inlined, and functions
// are sorted by name before the names are removed.
const WASM_OPT = [
  '-O2',
  // What the compiler uses by default, and every browser of today knows; all that binaryen knows would be more than that.
  ...['bulk-memory', 'bulk-memory-opt', 'call-indirect-overlong', 'multivalue', 'mutable-globals'].map((name) => `--enable-${name}`),
  ...['nontrapping-float-to-int', 'reference-types', 'sign-ext'].map((name) => `--enable-${name}`),
  '--always-inline-max-function-size=0',
  '--flexible-inline-max-function-size=0',
  '--one-caller-inline-max-function-size=0',
  '--reorder-functions-by-name',
  '--strip-debug',
  '--strip-producers',
  '--strip-target-features',
];

const run = (program, args) => {
  const { status, error, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${error ?? `${stdout}${stderr}`}`);
};

const [, , module, bindings, site, quick] = process.argv;
if (!site) throw new Error('usage: node site/build.mjs <module.wasm> <bindings program> <folder> [--quick]');

const work = mkdtempSync(join(tmpdir(), 'lair-site-'));
const files = new Map();
try {
  run(bindings, [module, work]);
  const wasm = join(work, 'lair_bg.wasm');
  if (!quick) run(process.execPath, [join(here, 'node_modules/binaryen/bin/wasm-opt'), ...WASM_OPT, wasm, '-o', wasm]);
  files.set('pkg/lair.js', readFileSync(join(work, 'lair.js')));
  files.set('pkg/lair_bg.wasm', readFileSync(wasm));
} finally {
  rmSync(work, { recursive: true, force: true });
}
files.set('pkg/lair.css', bundle({ filename: join(root, 'style/main.css'), minify: true, targets: BROWSERS }).code);
for (const name of readdirSync(join(root, 'app/public'))) files.set(name, readFileSync(join(root, 'app/public', name)));
// The server decompresses a file for the few clients that accept neither.
for (const [name, data] of quick ? [] : [...files]) {
  const hint = { [constants.BROTLI_PARAM_SIZE_HINT]: data.length, [constants.BROTLI_PARAM_LGWIN]: 22 };
  files.set(`${name}.br`, brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, ...hint } }));
  files.set(`${name}.gz`, gzipSync(data, { level: 9 }));
  files.delete(name);
}

for (const [name, data] of files) {
  const path = join(site, name);
  mkdirSync(dirname(path), { recursive: true });
  if (!existsSync(path) || !readFileSync(path).equals(data)) writeFileSync(path, data);
}
for (const entry of readdirSync(site, { recursive: true, withFileTypes: true })) {
  const path = join(entry.parentPath ?? entry.path, entry.name);
  if (entry.isFile() && !files.has(relative(site, path))) rmSync(path);
}
for (const [name, data] of files) console.log(`${name}: ${data.length} bytes`);
