import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rewriteVipsGlue } from '../../scripts/vips-glue.ts';

const original = readFileSync('node_modules/wasm-vips/lib/vips-es6.js', 'utf8');
const RUNS_TEXT = /\bFunction\(|\beval\(/;

test('the glue of wasm-vips makes no functions out of strings any more', () => {
  expect(original).toMatch(RUNS_TEXT);
  expect(rewriteVipsGlue(original)).not.toMatch(RUNS_TEXT);
});

test('another version of the glue is not guessed at', () => {
  expect(() => rewriteVipsGlue(original.replace('new Function(v', 'new Function(w'))).toThrow(/wasm-vips has changed/);
});
