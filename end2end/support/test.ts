// What every test starts from: a server of its own, people, and a console that must stay silent.
import { type Browser, type BrowserContextOptions, test as base, expect } from '@playwright/test';
import { Chat } from './chat';
import { Person } from './person';
import { Server } from './server';
import { UNUSED, Watch } from './watch';

/** The people of a test. The first account of the server belongs to none of them, so nobody has special rights. */
export class People {
  private readonly close: (() => Promise<void>)[] = [];

  constructor(
    private readonly server: Server,
    private readonly browser: Browser,
    private readonly watch: Watch,
  ) {}

  signUp(displayName: string): Promise<Person> {
    return Person.signUp(this.server, displayName.toLowerCase().replaceAll(' ', '.').slice(0, 32), displayName);
  }

  /** Someone new, with a browser in which they are signed in. */
  async arrive(displayName: string, options: BrowserContextOptions = {}): Promise<Chat> {
    return this.sit(await this.signUp(displayName), options);
  }

  /** One more browser for someone. */
  async sit(person: Person, options: BrowserContextOptions = {}): Promise<Chat> {
    const context = await this.browser.newContext({ baseURL: this.server.url, ...options });
    this.watch.over(context);
    this.close.push(async () => {
      this.watch.leave(context);
      await context.close();
    });
    await context.addCookies(person.cookies());
    return new Chat(await context.newPage(), person);
  }

  async leave(): Promise<void> {
    for (const close of this.close) await close();
  }
}

interface Fixtures {
  server: Server;
  watch: Watch;
  people: People;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    if (info.status !== info.expectedStatus) {
      await info.attach('server.log', { body: server.log.join('\n'), contentType: 'text/plain' });
    }
    await server.discard();
    expect(server.troubles(), 'the log of the server has no errors').toEqual([]);
  },
  baseURL: async ({ server }, use) => use(server.url),
  watch: async ({ javaScriptEnabled }, use) => {
    const watch = new Watch();
    if (javaScriptEnabled === false) watch.allow(...UNUSED);
    await use(watch);
    expect(watch.complaints(), 'the console stays silent').toEqual([]);
  },
  context: async ({ context, watch }, use) => {
    watch.over(context);
    await use(context);
    watch.leave(context);
  },
  people: async ({ server, browser, watch }, use) => {
    await Person.signUp(server, 'warden', 'Warden');
    const people = new People(server, browser, watch);
    await use(people);
    await people.leave();
  },
});

export { expect };
