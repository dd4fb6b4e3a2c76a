// A real server for one test, with its own port and data directory.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import { createInterface } from 'node:readline';

function binary(): string {
  const path = resolvePath(process.env.LAIR_BIN ?? join(__dirname, '../../target/release/lair'));
  if (!existsSync(path)) throw new Error(`${path} is not there: run scripts/build, or name a binary in LAIR_BIN.`);
  return path;
}

/** A free port below the ephemeral range, so that no outgoing connection takes it during a restart. */
async function freePort(): Promise<number> {
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const probe = createServer();
  return new Promise((found) => {
    probe.once('error', () => found(freePort()));
    probe.listen(port, '127.0.0.1', () => probe.close(() => found(port)));
  });
}

export class Server {
  readonly log: string[] = [];
  /** Settings as environment variables, used from the next start on. */
  settings: Record<string, string> = {};
  private process?: ChildProcess;
  private exit?: Promise<unknown>;

  private constructor(
    readonly port: number,
    readonly data: string,
  ) {}

  static async start(): Promise<Server> {
    const server = new Server(await freePort(), await mkdtemp(join(tmpdir(), 'lair-e2e-')));
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts or restarts the server on the same port and data; returns once it is ready. */
  async start(): Promise<void> {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('LAIR_'));
    const child = spawn(binary(), ['serve', '--listen', `127.0.0.1:${this.port}`, '--data', this.data], {
      cwd: this.data,
      env: { ...Object.fromEntries(inherited), LAIR_RATE_LIMITS: 'off', RUST_LOG: 'info', NO_COLOR: '1', ...this.settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    this.exit = once(child, 'exit');
    const listening = new Promise<void>((resolve, reject) => {
      const onLine = (line: string) => {
        this.log.push(line);
        if (line.includes('listening on')) resolve();
      };
      createInterface(child.stdout).on('line', onLine);
      createInterface(child.stderr).on('line', onLine);
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${this.log.join('\n')}`)));
      child.once('error', reject);
    });
    await listening;
    const ready = await fetch(`${this.url}/api/v1/ready`);
    if (!ready.ok) throw new Error(`The server listens but is not ready: ${ready.status} ${await ready.text()}`);
  }

  /** Restarts the server with other settings. */
  async restartWith(settings: Record<string, string>): Promise<void> {
    await this.stop();
    this.settings = settings;
    await this.start();
  }

  /** Stops the server with SIGTERM; it must exit with code 0. */
  async stop(): Promise<void> {
    this.process?.kill('SIGTERM');
    await this.exit;
    const code = this.process?.exitCode;
    if (code !== 0) throw new Error(`The server ended with ${code} after SIGTERM:\n${this.log.join('\n')}`);
  }

  /** Kills the server with SIGKILL, like a power failure. */
  async kill(): Promise<void> {
    this.process?.kill('SIGKILL');
    await this.exit;
  }

  /** Errors and panics in the log, each with the line after it. */
  loggedErrors(): string[] {
    const wrong = (line: string) => /\bERROR\b|panicked/.test(line);
    return this.log.flatMap((line, n) => (wrong(line) ? [`${line}\n${this.log[n + 1] ?? ''}`] : []));
  }

  async discard(): Promise<void> {
    await this.kill();
    await rm(this.data, { recursive: true, force: true });
  }
}
