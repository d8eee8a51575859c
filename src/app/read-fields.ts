import type { Range } from './size-settings.ts';

/** Readers of values that an earlier version, another device or a hand may have written: what makes no sense gives way to `otherwise`. */
export type Fields = Readonly<Record<string, unknown>>;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const oneOf = <T>(value: unknown, allowed: readonly T[], otherwise: T): T =>
  allowed.includes(value as T) ? (value as T) : otherwise;

export const numberIn = (value: unknown, range: Range, otherwise: number): number =>
  typeof value === 'number' && value >= range.min && value <= range.max ? value : otherwise;

export const flag = (value: unknown, otherwise: boolean): boolean => (typeof value === 'boolean' ? value : otherwise);
