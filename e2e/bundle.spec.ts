/** How much a person has to load. The sizes may not grow unnoticed, nor may a budget stay far above what is needed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { builtApp } from './support/cli.ts';

const assets = join(builtApp, 'assets');

const compressed = (file: string): number => gzipSync(readFileSync(join(builtApp, file)), { level: 9 }).length;

/** The files that `files` load at once: their static imports, and theirs. */
function closure(files: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const queue = [...files];
  for (const file of queue) {
    if (found.has(file)) continue;
    found.add(file);
    if (!file.endsWith('.js')) continue;
    const code = readFileSync(join(builtApp, file), 'utf8');
    for (const [, name] of code.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g))
      queue.push(`assets/${name}`);
  }
  return found;
}

const kilobytes = (files: Iterable<string>): number =>
  [...files].reduce((sum, file) => sum + compressed(file), 0) / 1000;

/** Everything that index.html names. */
function shellFiles(): ReadonlySet<string> {
  const html = readFileSync(join(builtApp, 'index.html'), 'utf8');
  return closure([...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map(([, file]) => file!));
}

const chunk = (pattern: RegExp): string => `assets/${readdirSync(assets).find((name) => pattern.test(name))!}`;

test('the shell stays under 200 kB, compressed', () => {
  const size = kilobytes(shellFiles());
  expect(size).toBeLessThan(SHELL.most);
  expect(size).toBeGreaterThan(SHELL.least);
});

test('the workspace stays within its budget, compressed', () => {
  const shell = shellFiles();
  const size = kilobytes([...closure([chunk(/^workspace-view-.*\.js$/)])].filter((file) => !shell.has(file)));
  expect(size).toBeLessThan(WORKSPACE.most);
  expect(size).toBeGreaterThan(WORKSPACE.least);
});

test('what is heavy is loaded when it is needed', () => {
  const early = new Set([...shellFiles(), ...closure([chunk(/^workspace-view-.*\.js$/)])]);
  const names = [...early].join(' ');
  expect(names).not.toMatch(/wasm|vips|ort|openseadragon|cropper|zip|about-dialog|palette|locales/i);
});

/** Kilobytes. Where a size falls below `least`, be glad and lower both. */
const SHELL = { least: 60, most: 145 };
const WORKSPACE = { least: 30, most: 110 };
