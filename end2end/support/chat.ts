// What a person does in the browser, in the words that are on the screen.
import { type Locator, type Page, expect } from '@playwright/test';
import type { Person, Room } from './person';

/** Waits until the page runs and hears what happens. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
  await expect(page.locator('html')).toHaveAttribute('data-live', 'live');
}

/** Waits until the page runs; pages at the door hear nothing. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
}

export class Chat {
  readonly rooms: Locator;
  readonly title: Locator;
  readonly timeline: Locator;
  readonly rows: Locator;
  readonly words: Locator;
  readonly waiting: Locator;
  readonly composer: Locator;

  constructor(
    readonly page: Page,
    readonly me: Person,
  ) {
    this.rooms = page.getByRole('navigation', { name: 'Rooms' });
    this.title = page.getByRole('heading', { level: 1 });
    this.timeline = page.getByRole('log');
    this.rows = this.timeline.getByRole('article');
    this.words = this.rows.locator('.prose, .gone');
    this.waiting = this.timeline.locator('[data-client-id]');
    this.composer = page.getByRole('textbox', { name: /^Message / });
  }

  private get isPhone(): boolean {
    return (this.page.viewportSize()?.width ?? 0) < 720;
  }

  /** Opens a room by its address. */
  async open(room: Room): Promise<void> {
    await this.page.goto(`/rooms/${room.id}`);
    await ready(this.page);
  }

  /** The room in the list, with how much in it is unread. */
  link(name: string, unread?: number): Locator {
    const label = unread === undefined ? new RegExp(`^${name}( \\d+ unread)?$`) : new RegExp(`^${name}${unread ? `.*\\b${unread} unread` : ''}$`);
    return this.rooms.getByRole('link', { name: label });
  }

  /** Shows the list of rooms; on a phone it is a page of its own. */
  async showRooms(): Promise<void> {
    if (this.isPhone && !(await this.rooms.isVisible())) await this.page.getByRole('link', { name: 'All rooms' }).click();
    await expect(this.rooms).toBeVisible();
  }

  /** Shows the rooms that can be joined; on a phone they stand below the list. */
  async browse(): Promise<void> {
    await this.showRooms();
    if (!this.isPhone) await this.rooms.getByRole('link', { name: 'Browse rooms' }).click();
  }

  /** Goes to a room through the list. */
  async goTo(name: string): Promise<void> {
    await this.showRooms();
    await this.link(name).click();
    await expect(this.title).toHaveText(name);
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
    await expect(this.composer).toHaveValue('');
  }

  /** The message with this text. */
  message(text: string | RegExp): Locator {
    return this.rows.filter({ has: this.page.locator('.prose', { hasText: text }) });
  }

  /** Does something about a message: Edit, Delete. */
  async act(text: string | RegExp, action: string): Promise<void> {
    const row = this.message(text);
    if (this.isPhone) await row.tap();
    else await row.hover();
    await row.getByRole('link', { name: action }).click();
  }

  /** All that was said, exactly this and in this order, with nothing still on its way. */
  async shows(texts: string[]): Promise<void> {
    await expect(this.words).toHaveText(texts);
    await expect(this.waiting).toHaveCount(0);
  }
}
