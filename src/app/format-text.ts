import type { Size } from '../core/geometry.ts';

/** A number in the reader's own digits and separators. */
export function formatNumber(value: number, maxDigits = 0, locale?: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: maxDigits }).format(value);
}

/** e.g. "8,000 × 12,000". */
export const formatSize = (size: Size, locale?: string): string =>
  `${formatNumber(size.width, 0, locale)} × ${formatNumber(size.height, 0, locale)}`;

/** Millions of pixels, e.g. "96 MP", "0.31 MP". */
export function formatMegapixels(pixels: number, locale?: string): string {
  const megapixels = pixels / 1e6;
  return `${formatNumber(megapixels, megapixels < 1 ? 3 : megapixels < 100 ? 1 : 0, locale)} MP`;
}

/** Decimal units (1 MB = 10^6 bytes), e.g. "640 B", "12.4 MB". */
export function formatBytes(bytes: number, locale?: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let value = bytes;
  // Compared after rounding, so that 999,999 bytes are 1 MB and not 1,000 kB.
  while (unit < units.length - 1 && Math.round(value) >= 1000) {
    value /= 1000;
    unit++;
  }
  return `${formatNumber(value, unit === 0 || value >= 100 ? 0 : 1, locale)} ${units[unit]}`;
}

/** e.g. "0.8 s", "42 s", "3 min 05 s", "2 h 07 min". */
export function formatDuration(milliseconds: number, locale?: string): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${formatNumber(seconds, 1, locale)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${formatNumber(Math.floor(minutes / 60), 0, locale)} h ${two(minutes % 60)} min`;
}

/** e.g. "42 %" with a space that does not break; never 100 before the end. */
export const formatPercent = (fraction: number): string =>
  `${fraction >= 1 ? 100 : Math.min(99, Math.floor(fraction * 100))}\u00a0%`;

/** "1 picture", "3 pictures". */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;
