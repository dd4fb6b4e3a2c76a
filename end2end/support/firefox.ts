// Core flows in a second browser: the installed Firefox, driven over WebDriver BiDi.
import { test as base, expect } from '@playwright/test';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { existsSync } from 'node:fs';
import { DESKTOP } from './browser';
import { Server } from './server';
import { ApiUser, type Room } from './user';

const candidates = [process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'];

function launch(preferences: Record<string, unknown> = {}): Promise<Browser> {
  const executablePath = candidates.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('No Firefox was found. Run scripts/setup test, or name one in FIREFOX.');
  return puppeteer.launch({ browser: 'firefox', executablePath, headless: true, extraPrefsFirefox: preferences, defaultViewport: DESKTOP });
}

/** A page in Firefox, found by what is read on it. */
export class FirefoxPage {
  constructor(
    readonly page: Page,
    private readonly server: Server,
    private readonly hasScripts: boolean,
  ) {}

  /** Opens a page, and waits until its scripts run. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.server.url + path);
    if (this.hasScripts) await this.eventually('html', (html) => html.dataset.hydrated ?? '', 'true');
  }

  /** Waits until an element reads so. A page that is being left has no elements, and does not answer. */
  async eventually(selector: string, read: (element: HTMLElement) => string, wanted: string): Promise<void> {
    const check = async () => expect(await this.page.$eval(selector, read as (element: Element) => string)).toBe(wanted);
    await expect(check).toPass({ timeout: 10_000 });
  }

  /** Opens a room, and waits until it is hydrated and connected. */
  async openRoom(room: Room): Promise<void> {
    await this.open(`/rooms/${room.id}`);
    await this.ready();
  }

  async ready(): Promise<void> {
    await this.eventually('html', (html) => `${html.dataset.hydrated} ${html.dataset.live}`, 'true live');
  }

  async fill(label: string, text: string): Promise<void> {
    const element = await this.page.waitForSelector(`::-p-xpath(//label[normalize-space(.)="${label}"])`);
    const id = await element?.evaluate((element) => (element as HTMLLabelElement).htmlFor);
    await this.page.locator(`#${id}`).fill(text);
  }

  /** Clicks the button or link with this name. */
  async click(name: string, role: 'button' | 'link' = 'button'): Promise<void> {
    await this.page.locator(`::-p-aria([name="${name}"][role="${role}"])`).click();
  }

  /** Chooses an action of a message; without a mouse, the actions are there once the message was clicked. */
  async chooseAction(text: string, action: string): Promise<void> {
    await this.page.locator(`::-p-xpath(//article[contains(., "${text}")])`).click();
    await this.click(action, 'link');
  }

  /** The texts of the messages, in order. */
  texts(): Promise<string[]> {
    return this.page.$$eval('[role="log"] article :is(.prose, .message-deleted)', (rows) => rows.map((row) => row.textContent?.trim() ?? ''));
  }

  async expectMessages(texts: string[]): Promise<void> {
    await expect.poll(() => this.texts()).toEqual(texts);
  }

  async expectText(text: string): Promise<void> {
    const check = async () => expect(await this.page.$eval('body', (body) => body.innerText)).toContain(text);
    await expect(check).toPass({ timeout: 10_000 });
  }

  get path(): string {
    return new URL(this.page.url()).pathname;
  }
}

interface Fixtures {
  server: Server;
  admin: ApiUser;
  firefox: FirefoxPage;
  firefoxWithoutScripts: FirefoxPage;
  signIn: (page: FirefoxPage, user: ApiUser) => Promise<void>;
}

async function usePage(server: Server, hasScripts: boolean, use: (page: FirefoxPage) => Promise<void>): Promise<void> {
  const browser = await launch(hasScripts ? {} : { 'javascript.enabled': false });
  await use(new FirefoxPage(await browser.newPage(), server, hasScripts));
  await browser.close();
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, info) => {
    const server = await Server.start();
    await use(server);
    if (info.status !== info.expectedStatus) await info.attach('server.log', { body: server.log.join('\n'), contentType: 'text/plain' });
    await server.discard();
    expect(server.loggedErrors(), 'the log of the server has no errors').toEqual([]);
  },
  admin: async ({ server }, use) => use(await ApiUser.signUp(server, 'admin', 'Admin')),
  firefox: async ({ server, admin: _ }, use) => usePage(server, true, use),
  firefoxWithoutScripts: async ({ server, admin: _ }, use) => usePage(server, false, use),
  signIn: async ({}, use) =>
    use(async ({ page }, user) => {
      for (const { name, value } of user.cookies()) await page.browserContext().setCookie({ name, value, domain: '127.0.0.1', path: '/' });
    }),
});

export { expect };
