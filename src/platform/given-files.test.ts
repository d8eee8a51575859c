import { describe, expect, test } from 'vitest';
import { fromDrop, fromFileList, fromPaste } from './given-files.ts';

type Tree = { readonly [name: string]: Tree | null };

const fileHandle = (name: string) => ({
  kind: 'file',
  name,
  getFile: () => Promise.resolve(new File(['x'], name)),
});

const folderHandle = (name: string, tree: Tree): unknown => ({
  kind: 'directory',
  name,
  async *values() {
    for (const [inner, content] of Object.entries(tree)) {
      await Promise.resolve();
      yield content === null ? fileHandle(inner) : folderHandle(inner, content);
    }
  },
});

/** A drop as browsers with handles give it. */
const withHandle = (handle: unknown) => ({
  kind: 'file',
  getAsFile: () => new File(['x'], (handle as { name: string }).name),
  webkitGetAsEntry: () => null,
  getAsFileSystemHandle: () => Promise.resolve(handle),
});

/** A folder as browsers without handles give it: in batches, the last of which is empty. */
function folderEntry(name: string, tree: Tree): unknown {
  return {
    isDirectory: true,
    name,
    createReader() {
      const batches = [
        ...Object.entries(tree).map(([inner, content]) => [
          content === null
            ? { isDirectory: false, name: inner, file: (done: (file: File) => void) => done(new File(['x'], inner)) }
            : folderEntry(inner, content),
        ]),
        [],
      ];
      return { readEntries: (done: (entries: unknown[]) => void) => done(batches.shift()!) };
    },
  };
}

const drop = async (...items: unknown[]) => fromDrop({ items } as unknown as DataTransfer);
const names = (given: readonly { file: File }[]) => given.map(({ file }) => file.name);

const TREE: Tree = {
  'img10.jpg': null,
  'notes.txt': null,
  'img2.JPG': null,
  trip: { 'sea.webp': null, deeper: { 'sky.tiff': null } },
};

describe('fromDrop', () => {
  test('files keep their handles', async () => {
    const handle = fileHandle('a.jpg');
    const given = await drop(withHandle(handle), { kind: 'string' });
    expect(names(given)).toEqual(['a.jpg']);
    expect(given[0]!.handle).toBe(handle);
  });

  test('a file whose handle is refused comes without one', async () => {
    const item = { ...withHandle(fileHandle('a.jpg')), getAsFileSystemHandle: () => Promise.reject(new Error('no')) };
    expect(await drop(item)).toMatchObject([{ handle: null }]);
  });

  test('a folder gives its pictures in natural order, those of inner folders after', async () => {
    const given = await drop(withHandle(folderHandle('album', TREE)));
    expect(names(given)).toEqual(['img2.JPG', 'img10.jpg', 'sea.webp', 'sky.tiff']);
    expect(given.every(({ handle }) => handle !== null)).toBe(true);
  });

  test('a folder without handles gives the same pictures', async () => {
    const item = { kind: 'file', getAsFile: () => null, webkitGetAsEntry: () => folderEntry('album', TREE) };
    expect(names(await drop(item)).sort()).toEqual(['img10.jpg', 'img2.JPG', 'sea.webp', 'sky.tiff']);
  });

  test('a folder without pictures is an error that names it', async () => {
    await expect(drop(withHandle(folderHandle('letters', { 'a.txt': null, empty: {} })))).rejects.toMatchObject({
      code: 'bad-input',
      values: { name: 'letters' },
    });
  });
});

test('a pasted picture gets a name that says when', () => {
  const files = [new File(['x'], 'image.png', { type: 'image/png' }), new File(['x'], 'photo.jpg')];
  const given = fromPaste({ files } as unknown as DataTransfer, new Date(2026, 0, 5, 7, 8, 9));
  expect(names(given)).toEqual(['Pasted 2026-01-05 07.08.09.png', 'photo.jpg']);
  expect(given[0]!.file.type).toBe('image/png');
});

test('files of an input come without handles', () => {
  expect(fromFileList([new File(['x'], 'a.png')])).toMatchObject([{ handle: null }]);
});
