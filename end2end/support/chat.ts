// Page object: the actions of a user in the browser, found by the texts on the screen.
import { type Locator, type Page, expect } from '@playwright/test';
import type { ApiUser, Room } from './user';

/** Waits until the page is hydrated and its WebSocket is connected. */
export async function ready(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
  await expect(page.locator('html')).toHaveAttribute('data-live', 'live');
}

/** Waits until the page is hydrated; the auth pages have no WebSocket. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-hydrated', 'true');
}

export class Chat {
  readonly rooms: Locator;
  readonly title: Locator;
  readonly timeline: Locator;
  readonly rows: Locator;
  readonly bodies: Locator;
  readonly pending: Locator;
  readonly composer: Locator;

  constructor(
    readonly page: Page,
    readonly me: ApiUser,
  ) {
    this.rooms = page.getByRole('navigation', { name: 'Rooms' });
    this.title = page.getByRole('heading', { level: 1 });
    this.timeline = page.getByRole('log');
    this.rows = this.timeline.getByRole('article');
    this.bodies = this.rows.locator('.prose, .message-deleted');
    this.pending = this.timeline.locator('[data-client-id]');
    this.composer = page.getByRole('textbox', { name: /^Message / });
  }

  private get isPhone(): boolean {
    return (this.page.viewportSize()?.width ?? 0) < 720;
  }

  /** Opens a room by its URL. */
  async open(room: Room): Promise<void> {
    await this.page.goto(`/rooms/${room.id}`);
    await ready(this.page);
  }

  /** The link to a room in the list, optionally with its unread count. */
  link(name: string, unread?: number): Locator {
    const label = unread === undefined ? new RegExp(`^${name}( \\d+\\+? unread( for you)?)?$`) : new RegExp(`^${name}${unread ? `.*\\b${unread > 99 ? '99\\+' : unread} unread( for you)?` : ''}$`);
    return this.rooms.getByRole('link', { name: label });
  }

  /** Shows the room list; on a phone it is a separate view. */
  async showRooms(): Promise<void> {
    if (this.isPhone && !(await this.rooms.isVisible())) await this.page.getByRole('link', { name: 'All rooms' }).click();
    await expect(this.rooms).toBeVisible();
  }

  /** Shows the rooms that can be joined; on a phone they are below the room list. */
  async browse(): Promise<void> {
    await this.showRooms();
    if (!this.isPhone) await this.rooms.getByRole('link', { name: 'Browse rooms' }).click();
  }

  /** Opens a room from the room list. */
  async goTo(name: string): Promise<void> {
    await this.showRooms();
    await this.link(name).click();
    await expect(this.title).toHaveText(name);
  }

  async send(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
    await expect(this.composer).toHaveValue('');
  }

  /** The message with this text. */
  message(text: string | RegExp): Locator {
    return this.rows.filter({ has: this.page.locator('.prose', { hasText: text }) });
  }

  /** Chooses an action of a message: Edit, Delete. */
  async chooseAction(text: string | RegExp, action: string): Promise<void> {
    const row = this.message(text);
    if (this.isPhone) await row.tap();
    else await row.hover();
    await row.getByRole('link', { name: action }).click();
  }

  /** The button that asks whether to remove a member. */
  removeButton(name: string): Locator {
    return this.page.locator('summary', { hasText: 'Remove' }).and(this.page.getByLabel(`Remove ${name}`));
  }

  /** Leaves the room whose members are shown. */
  async leaveRoom(): Promise<void> {
    await this.page.locator('summary', { hasText: 'Leave room' }).click();
    await this.page.getByRole('button', { name: 'Leave room' }).click();
  }

  /** Checks that the room shows exactly these messages, in this order, and that none is pending. */
  async expectMessages(texts: string[]): Promise<void> {
    await expect(this.bodies).toHaveText(texts);
    await expect(this.pending).toHaveCount(0);
  }
}
