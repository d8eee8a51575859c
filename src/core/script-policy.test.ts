import { expect, test } from 'vitest';
import { ownScript } from './script-policy.ts';

const page = { origin: 'https://pictures.example', href: 'https://pictures.example/app/index.html' };

test.each(['https://pictures.example/app/assets/band.js', './assets/band.js', '/worker.js'])(
  '%s is a script of the app',
  (url) => {
    expect(ownScript(url, page)).toBe(url);
  },
);

test.each([
  'https://pictures.example.evil.test/band.js',
  'http://pictures.example/band.js',
  '//evil.test/band.js',
  'blob:https://pictures.example/4f1d',
  'data:text/javascript,alert(1)',
  'javascript:alert(1)',
])('%s is refused', (url) => {
  expect(() => ownScript(url, page)).toThrow(TypeError);
});
