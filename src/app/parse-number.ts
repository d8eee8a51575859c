import { decimalSeparator } from './format-text.ts';

/** Digits of other scripts by the code point of their zero: Arabic-Indic, Persian. Full-width ones are the same to Unicode (NFKC). */
const ZEROS = [0x660, 0x6f0];

const latinDigit = (digit: string): string =>
  String(digit.codePointAt(0)! - ZEROS.findLast((zero) => zero <= digit.codePointAt(0)!)!);

/** Groups of three, or, as in India, of two before the last three. No number written in groups begins with 0. */
const GROUPED = /^[1-9]\d{0,2}(?:(?:#\d{3})+|(?:#\d{2})+#\d{3})$/.source;
const grouped = (separator: string): RegExp => new RegExp(GROUPED.replaceAll('#', separator));

/** Takes the group separators out of whole digits; undefined where they do not stand between groups. */
function ungrouped(digits: string): string | undefined {
  if (/^\d*$/.test(digits)) return digits;
  const separator = /[^\d]/.exec(digits)![0];
  return grouped(`\\${separator}`).test(digits) ? digits.replaceAll(separator, '') : undefined;
}

/** Where the decimals begin in digits with points and commas: at the length where there are none. */
function decimalsAt(text: string, decimal: '.' | ','): number {
  const last = Math.max(text.lastIndexOf('.'), text.lastIndexOf(','));
  if (last < 0) return text.length;
  const separator = text[last]!;
  // Both kinds: the last one parts the decimals. The same one again and again: groups.
  const several = text.indexOf(separator) !== last;
  const alone = !/[.,].*[.,]/.test(text);
  if (several) return text.length;
  return alone && separator !== decimal && grouped(`\\${separator}`).test(text) ? text.length : last;
}

/**
 * The number that a reader of a locale has written, in any of the digits and separators in use; undefined where it is none. What is
 * ambiguous means what it means in the locale: "1.000" is one in English and a thousand in German. A separator that is not the locale's
 * decimal one, and has three digits after it, never parts decimals, so that a thousand is not taken for one.
 */
export function parseNumber(written: string, locale?: string): number | undefined {
  const text = written
    .normalize('NFKC')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, latinDigit)
    .replace(/\u2212/g, '-')
    .replace(/[\s'\u2019\u066c]/g, ' ');
  const [, sign, unsigned] = /^([+-]?)(.*)$/s.exec(text)!;
  // The Arabic separators mean one thing each; the Arabic comma is a comma.
  const plain = unsigned!.replaceAll('\u060c', ',');
  const arabic = plain.includes('\u066b');
  const at = arabic ? plain.indexOf('\u066b') : decimalsAt(plain, decimalSeparator(locale) === ',' ? ',' : '.');
  const whole = ungrouped(plain.slice(0, at));
  const decimals = plain.slice(at + 1);
  if (whole === undefined || !/^\d*$/.test(decimals) || whole + decimals === '') return undefined;
  const number = Number(`${whole || '0'}.${decimals || '0'}`);
  return sign === '-' ? -number : number;
}
