import { describe, expect, test } from 'vitest';
import {
  formatBytes,
  formatDuration,
  formatMegapixels,
  formatPercent,
  formatSize,
  megabyteUnit,
  pictureCount,
  setFormatLocale,
} from './format-text.ts';
import { stemOf } from './output-name.ts';
import { localised } from './testing-locales.ts';

const setLocale = localised();

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [12_400_000, '12.4 MB'],
  [179_129_239, '179 MB'],
  [999_999, '1 MB'],
  [1_189_395_162, '1.2 GB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes, 'en')).toBe(text);
});

test.each(['en', 'fr', 'ar', 'ja'])('megabytes beside a field are called as in a text: %s', (locale) => {
  expect(formatBytes(2_600_000, locale)).toContain(megabyteUnit(locale));
});

test.each([
  [40, '0 s'],
  [840, '0.8 s'],
  [9949, '9.9 s'],
  [9960, '10 s'],
  [59_600, '1 min 00 s'],
  [185_000, '3 min 05 s'],
  [7_620_000, '2 h 07 min'],
])('%d ms are %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds, 'en')).toBe(text);
});

test('sizes, megapixels and per cent', () => {
  expect(formatSize({ width: 8000, height: 12000 }, 'en')).toBe('8,000 × 12,000');
  expect(formatMegapixels(96e6, 'en')).toBe('96 MP');
  expect(formatMegapixels(1.35e9, 'en')).toBe('1,350 MP');
  expect(formatMegapixels(310_000, 'en')).toBe('0.31 MP');
  expect(formatPercent(0.999, 'en')).toBe('99%');
  expect(formatPercent(0.29, 'en')).toBe('29%');
  expect(formatPercent(1, 'de')).toBe('100\u00a0%');
});

test.each([
  ['en', 1, '1 picture'],
  ['en', 2, '2 pictures'],
  ['de', 2, '2 Bilder'],
  ['ar', 2, 'صورتان'],
  ['ar', 3, '3 صور'],
  ['ar', 102, '102 صورة'],
])('in %s, %d pictures are %s', async (locale, count, text) => {
  await setLocale(locale);
  setFormatLocale(locale);
  expect(pictureCount(count)).toBe(text);
  setFormatLocale('en');
  await setLocale('en');
});

describe('stemOf', () => {
  test.each([
    ['photo.jpg', 'photo'],
    ['a.b.tar.jpg', 'a.b.tar'],
    ['.hidden', '.hidden'],
    ['folder/inner\\photo.tif', 'photo'],
    ['what?: "no"*.jpg', 'what__ _no__'],
    ['', 'picture'],
  ])('%j becomes %j', (name, stem) => {
    expect(stemOf(name)).toBe(stem);
  });

  test('long names are cut between characters', () => {
    expect([...stemOf('😀'.repeat(300))]).toHaveLength(120);
  });
});
