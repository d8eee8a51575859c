import { describe, expect, test } from 'vitest';
import { numberText } from './format-text.ts';
import { parseNumber } from './parse-number.ts';

describe('parseNumber', () => {
  test.each([
    ['de', '2,5', 2.5],
    ['de', '2.5', 2.5],
    ['de', '2,', 2],
    ['de', ',5', 0.5],
    ['de', '1.000', 1000],
    ['de', '1,000', 1],
    ['de', '0.125', 0.125],
    ['de', '1.234,5', 1234.5],
    ['de', '1,234.5', 1234.5],
    ['de', '1,000,000', 1e6],
    ['de-CH', '1’000.5', 1000.5],
    ['en', '2.5', 2.5],
    ['en', '2,5', 2.5],
    ['en', '1,000', 1000],
    ['en', '1.000', 1],
    ['en', '1,234,567.25', 1234567.25],
    ['en-IN', '12,34,567', 1234567],
    ['fr', '1 000,5', 1000.5],
    ['fr', '1\u202f000', 1000],
    ['fr', '2.5', 2.5],
    ['ar', '٢٫٥', 2.5],
    ['ar-EG', '٢,٥', 2.5],
    ['ar', '2,5', 2.5],
    ['ar-EG', '2،5', 2.5],
    ['ar', '١٬٠٠٠٫٥', 1000.5],
    ['ar', '\u200f۱۵', 15],
    ['de', '٢٫٥', 2.5],
    ['ja', '２．５', 2.5],
    ['en', ' 15 ', 15],
    ['en', '−3', -3],
  ])('%s: %s', (locale, text, number) => {
    expect(parseNumber(text, locale)).toBe(number);
  });

  test.each(['', '.', '-', 'abc', '1e3', '0x10', '2 5', '1,00,0', '1.2.3', '1,2,3.4', '٢٫٥٫١', 'Infinity'])(
    'no number: %s',
    (text) => {
      expect(parseNumber(text, 'en')).toBeUndefined();
    },
  );

  test.each(['en', 'de', 'ar', 'ar-EG', 'fa', 'fr', 'de-CH', 'ja', 'pt', 'zh-CN'])(
    '%s: what a field shows',
    (locale) => {
      for (const value of [0, 0.05, 1.125, 2.5, 1000, 16384, 1234.567, 0.1 + 0.2]) {
        expect(parseNumber(numberText(value, locale), locale)).toBe(value);
      }
    },
  );
});
