/** The list of other people's parts is complete, and nothing in it forbids what is done with it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { packages, thirdPartyText } from '../../scripts/third-party.ts';

const PERMISSIVE = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Zlib',
  '0BSD',
];

test('THIRD_PARTY.md lists what the app is built from', () => {
  expect(readFileSync('THIRD_PARTY.md', 'utf8')).toBe(thirdPartyText());
});

test('every package has a permissive licence', () => {
  const odd = packages().filter(({ license = '' }) => {
    const parts = license.replaceAll(/[()]/g, '').split(/ AND | OR /);
    return !parts.every((part) => PERMISSIVE.includes(part));
  });
  expect(odd.map(({ name, license }) => `${name}: ${license}`)).toEqual([]);
});
