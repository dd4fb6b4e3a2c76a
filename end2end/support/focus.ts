// Which element has the focus, and whether the focus is visible.
import { type Page, expect } from '@playwright/test';

export interface Focus {
  what: string;
  lost: boolean;
  inView: boolean;
  hasFocusRing: boolean;
}

/** The focused element, and whether it is in view and has a focus ring. */
export function focus(page: Page): Promise<Focus> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return { what: 'nothing', lost: true, inView: false, hasFocusRing: false };
    const name = element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40);
    const box = element.getBoundingClientRect();
    // The focus ring of a field may be on its container.
    const frames = [element, element.closest(':focus-within:not(body, main, .workspace, .room-main)')].filter((frame) => frame !== null);
    const near = element.parentElement?.matches(':focus-within') ? [element.parentElement] : [];
    const hasFocusRing = [...frames, ...near].some((frame) => {
      const style = getComputedStyle(frame);
      const outlined = style.outlineStyle !== 'none' && Number.parseFloat(style.outlineWidth) >= 1;
      return outlined || style.boxShadow !== 'none';
    });
    const inView = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth;
    let clear = true;
    for (let above: Element | null = element; above; above = above.parentElement) {
      if (getComputedStyle(above).opacity === '0' || getComputedStyle(above).visibility === 'hidden') clear = false;
    }
    return { what: `${element.tagName.toLowerCase()} "${name}"`, lost: false, inView: inView && clear, hasFocusRing };
  });
}

/** Checks that an element has the focus, is in view and has a focus ring. */
export async function expectFocusVisible(page: Page, after: string): Promise<void> {
  await expect.poll(() => focus(page), { message: `the focus is visible after ${after}` }).toMatchObject({ lost: false, inView: true, hasFocusRing: true });
}
