// The fixtures of every test: its own server, users, and a console without errors.
import { type Browser, type BrowserContextOptions, test as base, expect } from '@playwright/test';
import { Chat } from './chat';
import { ConsoleGuard, UNUSED_SCRIPTS } from './console-guard';
import { Server } from './server';
import { ApiUser } from './user';

/** The users of a test. The first account of the server, an administrator, is created by the fixture, so these are members. */
export class Users {
  private readonly close: (() => Promise<void>)[] = [];

  constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    private readonly consoleGuard: ConsoleGuard,
  ) {}

  signUp(displayName: string): Promise<ApiUser> {
    return ApiUser.signUp(this.server, displayName.toLowerCase().replaceAll(' ', '.').slice(0, 32), displayName);
  }

  /** Signs up a new user and opens a browser context in which they are signed in. */
  async newUser(displayName: string, options: BrowserContextOptions = {}): Promise<Chat> {
    return this.open(await this.signUp(displayName), options);
  }

  /** Opens another browser context in which this user is signed in. */
  async open(user: ApiUser, options: BrowserContextOptions = {}): Promise<Chat> {
    const context = await this.browser.newContext({ baseURL: this.server.url, ...options });
    this.consoleGuard.attach(context);
    this.close.push(async () => {
      this.consoleGuard.detach(context);
      await context.close();
    });
    await context.addCookies(user.cookies());
    return new Chat(await context.newPage(), user);
  }

  async closeAll(): Promise<void> {
    for (const close of this.close) await close();
  }
}

interface Fixtures {
  server: Server;
  consoleGuard: ConsoleGuard;
  users: Users;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log.join('\n'), contentType: 'text/plain' });
    }
    await server.discard();
    expect(server.loggedErrors(), 'the log of the server has no errors').toEqual([]);
  },
  baseURL: async ({ server }, use) => use(server.url),
  consoleGuard: async ({ javaScriptEnabled }, use) => {
    const consoleGuard = new ConsoleGuard();
    if (javaScriptEnabled === false) consoleGuard.allow(...UNUSED_SCRIPTS);
    await use(consoleGuard);
    expect(consoleGuard.violations(), 'the console has no errors').toEqual([]);
  },
  context: async ({ context, consoleGuard }, use) => {
    consoleGuard.attach(context);
    await use(context);
    consoleGuard.detach(context);
  },
  users: async ({ server, browser, consoleGuard }, use) => {
    await ApiUser.signUp(server, 'admin', 'Admin');
    const users = new Users(server, browser, consoleGuard);
    await use(users);
    await users.closeAll();
  },
});

export { expect };
