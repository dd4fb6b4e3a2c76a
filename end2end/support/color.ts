// Colours as the browser computes them, and their contrast.
import type { Locator } from '@playwright/test';

export interface Color {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

/** A computed colour of an element as sRGB, whatever the stylesheet is written in. */
export function color(element: Locator, property: string): Promise<Color> {
  return element.evaluate((element, property) => {
    const context = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
    context.fillStyle = getComputedStyle(element).getPropertyValue(property);
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    return { red, green, blue, alpha };
  }, property);
}

/** The contrast ratio of two opaque colours (WCAG 2.2, "contrast ratio"). */
export function contrast(one: Color, other: Color): number {
  const linear = (part: number) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ({ red, green, blue }: Color) => 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  const [a, b] = [luminance(one) + 0.05, luminance(other) + 0.05];
  return Math.max(a, b) / Math.min(a, b);
}
