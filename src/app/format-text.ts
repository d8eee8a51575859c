import { msg, str } from '@lit/localize';
import type { Size } from '../core/geometry.ts';
import type { LengthUnit } from './size-settings.ts';

/** The locale of numbers; undefined is the browser's own. */
let formatLocale: string | undefined;

/** Numbers follow this locale from now on. */
export function setFormatLocale(locale: string): void {
  formatLocale = locale;
}

const numberFormats = new Map<string, Intl.NumberFormat>();

/** Formats are made once: to make one takes longer than to use it a hundred times, and a menu of sizes needs dozens. */
function numberFormat(locale: string | undefined, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify([locale, options]);
  const format = numberFormats.get(key) ?? new Intl.NumberFormat(locale, options);
  numberFormats.set(key, format);
  return format;
}

/** A number in the reader's own digits and separators. */
export function formatNumber(value: number, maxDigits = 0, locale = formatLocale): string {
  return numberFormat(locale, { maximumFractionDigits: maxDigits }).format(value);
}

/** A number for a field: all its decimals, in the reader's digits, without grouping. */
export function numberText(value: number, locale = formatLocale): string {
  const decimals = String(value).split('.')[1]?.length ?? 0;
  return numberFormat(locale, { useGrouping: false, maximumFractionDigits: Math.min(20, decimals) }).format(value);
}

/** The decimal separator of the reader's numbers. */
export const decimalSeparator = (locale = formatLocale): string =>
  numberFormat(locale, { minimumFractionDigits: 1 })
    .formatToParts(0)
    .find(({ type }) => type === 'decimal')!.value;

/** Which of a language's plural forms a number takes. */
export const pluralForm = (count: number, locale = formatLocale): Intl.LDMLPluralRule =>
  new Intl.PluralRules(locale).select(count);

/** e.g. "8,000 × 12,000". */
export const formatSize = (size: Size, locale?: string): string =>
  `${formatNumber(size.width, 0, locale)} × ${formatNumber(size.height, 0, locale)}`;

/** Millions of pixels, e.g. "96 MP", "0.31 MP". */
export function formatMegapixels(pixels: number, locale?: string): string {
  const megapixels = pixels / 1e6;
  return msg(str`${formatNumber(megapixels, megapixels < 1 ? 3 : megapixels < 100 ? 1 : 0, locale)} MP`);
}

/** Decimal units (1 MB = 10^6 bytes), e.g. "640 B", "12.4 MB". */
export function formatBytes(bytes: number, locale = formatLocale): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];
  let unit = 0;
  let value = bytes;
  // Compared after rounding, so that 999,999 bytes are 1 MB and not 1,000 kB.
  while (unit < units.length - 1 && Math.round(value) >= 1000) {
    value /= 1000;
    unit++;
  }
  if (unit === 0) return msg(str`${formatNumber(value, 0, locale)} B`);
  return numberFormat(locale, {
    style: 'unit',
    unit: units[unit]!,
    maximumFractionDigits: value >= 100 ? 0 : 1,
  }).format(value);
}

/** What megabytes are called by `formatBytes`, e.g. "MB", "Mo". */
export const megabyteUnit = (locale = formatLocale): string =>
  numberFormat(locale, { style: 'unit', unit: 'megabyte' })
    .formatToParts(1)
    .find(({ type }) => type === 'unit')!.value;

/** What a unit of length is called beside a number, e.g. "cm", "Zoll". */
export function lengthUnit(unit: LengthUnit): string {
  switch (unit) {
    case 'cm':
      return msg('cm');
    case 'mm':
      return msg('mm');
    case 'in':
      return msg('inch');
  }
}

/** e.g. "0.8 s", "42 s", "3 min 05 s", "2 h 07 min". */
export function formatDuration(milliseconds: number, locale = formatLocale): string {
  const number = (value: number, digits = 0): string => formatNumber(value, digits, locale);
  const two = (value: number): string => numberFormat(locale, { minimumIntegerDigits: 2 }).format(value);
  const seconds = Math.max(0, milliseconds) / 1000;
  const whole = Math.round(seconds);
  if (seconds < 9.95 || whole < 60) return msg(str`${number(seconds, seconds < 9.95 ? 1 : 0)} s`);
  if (whole < 3600) return msg(str`${number(Math.floor(whole / 60))} min ${two(whole % 60)} s`);
  const minutes = Math.round(whole / 60);
  return msg(str`${number(Math.floor(minutes / 60))} h ${two(minutes % 60)} min`);
}

/** A share in per cent as the language writes it, e.g. "31%", "31 %". */
export const formatShare = (share: number, maxDigits = 0, locale = formatLocale): string =>
  numberFormat(locale, { style: 'percent', maximumFractionDigits: maxDigits }).format(share);

/** How much of something is done, rounded down: never 100 per cent before the end. */
export const formatPercent = (fraction: number, locale?: string): string =>
  formatShare(fraction >= 1 ? 1 : Math.min(99, Math.floor(fraction * 100 + 1e-9)) / 100, 0, locale);

/** Names to choose from, e.g. "PNG, JPEG or TIFF". */
export const formatChoice = (names: readonly string[], locale = formatLocale): string =>
  new Intl.ListFormat(locale, { type: 'disjunction' }).format(names);

/** A day and a time, e.g. "27 Nov 2026, 14:05". `time` is milliseconds since 1970. */
export const formatDate = (time: number, locale = formatLocale): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(time);

/** A number to two digits: an estimate has no more. */
export const roughly = (value: number): number => Number(value.toPrecision(2));

/** "1 picture", "3 pictures". */
export function pictureCount(count: number): string {
  const n = formatNumber(count);
  switch (pluralForm(count)) {
    case 'zero':
      return msg(str`${n} pictures`, { id: 'pictures-zero' });
    case 'one':
      return msg(str`${n} picture`, { id: 'pictures-one' });
    case 'two':
      // Of the languages on offer Arabic alone has a dual, of exactly two; it is a word that no number stands beside.
      return msg('two pictures', { id: 'pictures-two' });
    case 'few':
      return msg(str`${n} pictures`, { id: 'pictures-few' });
    case 'many':
      return msg(str`${n} pictures`, { id: 'pictures-many' });
    case 'other':
      return msg(str`${n} pictures`, { id: 'pictures-other' });
  }
}
