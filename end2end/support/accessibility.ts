// Accessibility checks: axe in the dark and the light theme, and horizontal overflow.
import AxeBuilder from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

export async function audit(page: Page, what: string): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    // Reduced motion, so that axe does not measure a colour in the middle of a transition.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(async () => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => undefined)));
    });
    const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = violations.map(({ id, help, nodes }) => ({
      rule: `${id}: ${help}`,
      where: nodes.map((node) => `${node.target.join(' ')} — ${node.any.map((check) => check.message).join('; ')}`),
    }));
    expect.soft(found, `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** Checks that the page does not scroll horizontally. */
export async function fits(page: Page, what: string): Promise<void> {
  const { wide, screen, culprits } = await page.evaluate(() => {
    const screen = document.documentElement.clientWidth;
    const beyond = (element: Element) => element.getBoundingClientRect().right > screen + 0.5;
    const culprits = [...document.querySelectorAll('body *')].filter(beyond).slice(0, 5);
    return {
      wide: document.documentElement.scrollWidth,
      screen,
      culprits: culprits.map((element) => `<${element.tagName.toLowerCase()} class="${element.getAttribute('class') ?? ''}">`),
    };
  });
  expect.soft(wide, `${what} is no wider than the screen (${culprits.join(', ')})`).toBeLessThanOrEqual(screen);
}
