// Tests the choice of a toolchain with fake ones: run with `node --test scripts/toolchain.test.mjs`.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const script = join(dirname(fileURLToPath(import.meta.url)), 'toolchain');
const folders = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

// The state of the fake rustup is in the folder $FAKE: a folder for each toolchain with its version, and with the target or not.
const RUSTUP = `#!/usr/bin/env bash
add() { mkdir -p "$FAKE/toolchains/$1/lib/rustlib/wasm32-unknown-unknown/lib"; touch "$FAKE/toolchains/$1/lib/rustlib/wasm32-unknown-unknown/lib/libstd-0.rlib"; }
echo "rustup $*" >>"$FAKE/calls"
case "$1 $2" in
"default ") [ -s "$FAKE/default" ] && cat "$FAKE/default" ;;
"toolchain list") ls "$FAKE/toolchains" ;;
"run "*)
  [ -d "$FAKE/toolchains/$2" ] || exit 1
  case "$4" in
  --version) echo "rustc $(cat "$FAKE/toolchains/$2/version") (0 2026-01-01)" ;;
  --print) echo "$FAKE/toolchains/$2" ;;
  esac ;;
"target add")
  [ "$NETWORK" = hangs ] && exec sleep 60
  [ "$NETWORK" = none ] && exit 1
  add "$5" ;;
"toolchain install")
  [ "$NETWORK" = hangs ] && exec sleep 60
  [ "$NETWORK" = none ] && exit 1
  mkdir -p "$FAKE/toolchains/$3"; echo "$3" >"$FAKE/toolchains/$3/version"; add "$3" ;;
"toolchain link") ln -s "$4" "$FAKE/toolchains/$3" ;;
*) exit 2 ;;
esac
`;
// A fake Debian: its rustc-web has the version in $FAKE/debian once installed; cargo "builds" the standard library.
const APT_GET = `#!/usr/bin/env bash
echo "apt-get $*" >>"$FAKE/calls"
[ -s "$FAKE/debian" ] || exit 1
case "$1" in install)
  mkdir -p "$FAKE/usr/bin"; cp "$FAKE/debian" "$FAKE/usr/version"
  printf '#!/usr/bin/env bash\\nmkdir -p target/wasm32-unknown-unknown/release/deps; touch target/wasm32-unknown-unknown/release/deps/libstd-0.rlib\\n' >"$FAKE/usr/bin/cargo"
  chmod +x "$FAKE/usr/bin/cargo" ;;
esac
`;
const APT_CACHE = `#!/usr/bin/env bash
[ -s "$FAKE/debian" ] && printf 'rustc-web:\\n  Installed: (none)\\n  Candidate: %s+dfsg1-1~deb12u2\\n' "$(cat "$FAKE/debian")"
`;

/** Runs the script with these toolchains, `{ name: [version, has the target] }`; the first is the default. */
function choose({ toolchains = {}, debian = '', network = 'works', before = '', env = {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'lair-toolchain-'));
  folders.push(folder);
  const put = (path, text, mode = 0o644) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), mode);
  };
  put('project/Cargo.toml', '[workspace.package]\nrust-version = "1.94"\n');
  mkdirSync(join(folder, 'project/scripts'));
  copyFileSync(script, join(folder, 'project/scripts/toolchain'));
  if (before) put('project/target/toolchain', `${before}\n`);
  put('bin/rustup', RUSTUP, 0o755);
  put('bin/apt-get', APT_GET, 0o755);
  put('bin/apt-cache', APT_CACHE, 0o755);
  put('bin/sudo', '#!/usr/bin/env bash\nexec "$@"\n', 0o755);
  put('debian', debian);
  put('calls', '');
  mkdirSync(join(folder, 'toolchains'));
  put('rustup/toolchains/any/bin/x86_64-unknown-linux-gnu/bin/rust-lld', '');
  put('rustup/toolchains/any/bin/aarch64-unknown-linux-gnu/bin/rust-lld', '');
  put('default', Object.keys(toolchains)[0] ?? '');
  for (const [name, [version, target]] of Object.entries(toolchains)) {
    put(`toolchains/${name}/version`, version);
    if (target) put(`toolchains/${name}/lib/rustlib/wasm32-unknown-unknown/lib/libstd-0.rlib`, '');
  }
  const { RUSTUP_TOOLCHAIN: _, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(join(folder, 'project/scripts/toolchain'), {
    encoding: 'utf8',
    env: {
      ...inherited,
      PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
      FAKE: folder,
      NETWORK: network,
      RUSTUP_HOME: join(folder, 'rustup'),
      LAIR_DEBIAN_PREFIX: join(folder, 'usr'),
      LAIR_TOOLCHAIN_PATIENCE: '1',
      ...env,
    },
  });
  const calls = readFileSync(join(folder, 'calls'), 'utf8');
  const file = join(folder, 'project/target/toolchain');
  const stored = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return { status, chosen: stdout.trim(), log: stderr, calls, stored };
}

const downloads = /target add|toolchain install|apt-get/;

test('a toolchain that is too old: rustup installs a newer one', () => {
  const { status, chosen, log, stored } = choose({ toolchains: { stable: ['1.93.1', true] } });
  assert.deepEqual([status, chosen, stored], [0, '1.96.0', '1.96.0'], log);
  assert.match(log, /stable \(1\.93\.1\) is older than 1\.94\.0/);
});

test('a toolchain that is too old, and rustup cannot download: the packages of Debian are used', () => {
  const { status, chosen, log } = choose({ toolchains: { stable: ['1.93.1', true] }, network: 'none', debian: '1.96.0' });
  assert.deepEqual([status, chosen], [0, 'debian'], log);
});

test('a toolchain without the target: rustup adds it, and nothing else is downloaded', () => {
  const { status, chosen, calls, log } = choose({ toolchains: { stable: ['1.95.0', false] } });
  assert.deepEqual([status, chosen], [0, 'stable'], log);
  assert.doesNotMatch(calls, /toolchain install|apt-get/);
});

test('the minimum version is enough, a pre-release of it is not', () => {
  assert.equal(choose({ toolchains: { stable: ['1.94.0', true] } }).chosen, 'stable');
  assert.equal(choose({ toolchains: { beta: ['1.94.0-beta.3', true] } }).chosen, '1.96.0');
});

test('a newer toolchain is used unchanged', () => {
  const { status, chosen, calls } = choose({ toolchains: { stable: ['1.112.0', true] }, network: 'none' });
  assert.deepEqual([status, chosen], [0, 'stable']);
  assert.doesNotMatch(calls, downloads);
});

test('other toolchains of rustup are tried, the newest first, and pre-releases only if they are the default', () => {
  const toolchains = { old: ['1.80.0', true], one: ['1.94.1', true], two: ['1.101.0', true], nightly: ['1.120.0-nightly', true] };
  const { chosen, calls } = choose({ toolchains, network: 'none' });
  assert.equal(chosen, 'two');
  assert.doesNotMatch(calls, downloads);
  assert.equal(choose({ toolchains: { nightly: toolchains.nightly, ...toolchains } }).chosen, 'nightly');
});

test('RUSTUP_TOOLCHAIN comes before the default', () => {
  const toolchains = { stable: ['1.95.0', true], mine: ['1.96.0', true] };
  assert.equal(choose({ toolchains, env: { RUSTUP_TOOLCHAIN: 'mine' } }).chosen, 'mine');
});

test('the toolchain chosen before is used again while it is valid', () => {
  const toolchains = { stable: ['1.97.0', true], earlier: ['1.95.0', true], stale: ['1.90.0', true] };
  assert.equal(choose({ toolchains, before: 'earlier' }).chosen, 'earlier');
  assert.equal(choose({ toolchains, before: 'stale' }).chosen, 'stable');
  assert.equal(choose({ toolchains, before: 'removed' }).chosen, 'stable');
});

test('without any toolchain rustup installs one', () => {
  assert.equal(choose({}).chosen, '1.96.0');
});

test('a download that hangs is aborted, and the packages of Debian are used', () => {
  const { chosen, log } = choose({ toolchains: { stable: ['1.95.0', false] }, network: 'hangs', debian: '1.96.0' });
  assert.equal(chosen, 'debian', log);
});

test('without a network and a suitable toolchain the error names what was found and what to do', () => {
  for (const debian of ['', '1.85.0']) {
    const { status, chosen, log, stored } = choose({ toolchains: { stable: ['1.93.0', true] }, network: 'none', debian });
    assert.deepEqual([status, chosen, stored], [1, '', '']);
    assert.match(log, /stable \(1\.93\.0\) is older than 1\.94\.0/);
    assert.match(log, /rustup toolchain install 1\.96\.0 --target wasm32-unknown-unknown/);
    if (debian) assert.match(log, /Debian's rustc-web is 1\.85\.0, older than 1\.94\.0/);
  }
});
