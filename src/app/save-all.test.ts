import { expect, test } from 'vitest';
import { pathsOf, savableOf, unsavedOf, type Unsaved } from './save-all.ts';
import { doneNamed, pictureNamed } from './testing.ts';

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

test('what was saved waits no more, and can be saved again when nothing else waits', () => {
  const saved = pictureNamed('a', { state: doneNamed('a', { saved: true }) });
  const unsaved = pictureNamed('b', { state: doneNamed('b') });
  const names = (results: readonly Unsaved[]): string[] => results.map(({ place }) => place.name);
  expect(names(unsavedOf([saved, unsaved]))).toEqual(['b']);
  expect(names(savableOf([saved, unsaved]))).toEqual(['b']);
  expect(names(unsavedOf([saved]))).toEqual([]);
  expect(names(savableOf([saved]))).toEqual(['a']);
});
