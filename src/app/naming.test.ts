import { describe, expect, test } from 'vitest';
import { pngMeta } from '../codecs/png/meta.ts';
import { tiffMeta } from '../codecs/tiff/meta.ts';
import { NamingStore, outputPath, templateProblem } from './naming.ts';

const source = { width: 2000, height: 3000 };
const output = { width: 7087, height: 10630 };
const place = (template: string, name = 'sea.view.jpg', folders: readonly string[] = [], meta = pngMeta): string => {
  const path = outputPath(template, { name, folders }, { source, output, kernel: 'mitchell', meta });
  return [...path.folders, path.name].join('/');
};

describe('outputPath', () => {
  test.each([
    ['{name}-{scale}x.{ext}', 'sea.view-3.54x.png'],
    ['{name}', 'sea.view.png'],
    ['{width}x{height}/{kernel}-{name}.{ext}', '7087x10630/mitchell-sea.view.png'],
    ['{name}.jpg', 'sea.view.jpg.png'],
    ['{name}.PNG', 'sea.view.PNG'],
    ['../{name}.{ext}', 'sea.view.png'],
    ['a:b*{name}.{ext}', 'a_b_sea.view.png'],
    ['/', 'sea.view.png'],
  ])('%s', (template, path) => {
    expect(place(template)).toBe(path);
  });

  test('folders are mirrored, or put where {dir} says', () => {
    expect(place('{name}.{ext}', 'a.jpg', ['trip', 'day 1'])).toBe('trip/day 1/a.png');
    expect(place('large/{dir}/{name}.{ext}', 'a.jpg', ['trip', 'day 1'])).toBe('large/trip/day 1/a.png');
    expect(place('{dir}/{name}.{ext}', 'a.jpg')).toBe('a.png');
    expect(place('{name}.{ext}', 'a.jpg', ['..', 'c:'])).toBe('c_/a.png');
  });

  test('every ending of the format is right', () => {
    expect(place('{name}.tiff', 'a.jpg', [], tiffMeta)).toBe('a.tiff');
  });
});

test('an unknown field is a problem with the ways out', () => {
  expect(templateProblem('{name}-{scale}x.{ext}')).toBeNull();
  expect(templateProblem('{nam}.{ext}')).toMatchObject({
    message: expect.stringContaining('{nam}'),
    remedy: expect.stringContaining('{name}'),
  });
});

test('the naming is kept; nonsense becomes the usual', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
  new NamingStore(storage).change({ template: '{name}!', existing: 'skip' });
  expect(new NamingStore(storage).value).toEqual({ template: '{name}!', existing: 'skip' });
  new NamingStore(storage).change({ template: '  ' });
  expect(new NamingStore(storage).value.template).toBe('{name}-{scale}x.{ext}');
  kept.set('pro-upscaler.naming', '{"template":5,"existing":"replace"}');
  expect(new NamingStore(storage).value).toEqual({ template: '{name}-{scale}x.{ext}', existing: 'number' });
});
