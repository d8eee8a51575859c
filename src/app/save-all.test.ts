import { expect, test } from 'vitest';
import { pathsOf, unsavedOf, type Unsaved } from './save-all.ts';
import { pictureNamed } from './testing.ts';

const result = (name: string, ...folders: string[]): Unsaved => {
  const place = { kind: 'blob', blob: new Blob(['x']), folders, name, stored: null } as const;
  return { picture: pictureNamed(name), place };
};

test('results of one name keep apart, those in other folders stay as they are', () => {
  expect(pathsOf([result('a.png'), result('a.png'), result('a.png', 'trip'), result('a (2).png')])).toEqual([
    'a.png',
    'a (2).png',
    'trip/a.png',
    'a (2) (2).png',
  ]);
});

test('only what the browser alone holds is unsaved', () => {
  expect(unsavedOf([pictureNamed('a'), pictureNamed('b', { state: { kind: 'cancelled' } })])).toEqual([]);
});
