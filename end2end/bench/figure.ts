// The figures of a round, which the report collects from all rounds.
import { test } from '@playwright/test';

export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** What it must reach; a figure without it is only shown. */
  wanted?: { bound: 'at most' | 'at least' | 'below'; limit: number };
}

const TYPE = 'figure';

export const atMost = (limit: number): Figure['wanted'] => ({ bound: 'at most', limit });
export const atLeast = (limit: number): Figure['wanted'] => ({ bound: 'at least', limit });
export const below = (limit: number): Figure['wanted'] => ({ bound: 'below', limit });

export function record(what: string, value: number, unit: string, wanted?: Figure['wanted']): void {
  const figure: Figure = { what, value, unit, wanted };
  test.info().annotations.push({ type: TYPE, description: JSON.stringify(figure) });
  console.log(`    ${what}: ${format(value)}${unit}`);
}

export function read(annotations: { type: string; description?: string }[]): Figure[] {
  return annotations.filter(({ type }) => type === TYPE).map(({ description }) => JSON.parse(description ?? '') as Figure);
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

export function isReached(value: number, { bound, limit }: NonNullable<Figure['wanted']>): boolean {
  if (bound === 'at least') return value >= limit;
  return bound === 'at most' ? value <= limit : value < limit;
}

/** A value with as many digits as are significant. */
export function format(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  if (Math.abs(value) >= 10) return value.toFixed(1);
  return value.toFixed(Math.abs(value) >= 1 ? 2 : 3);
}
