import { describe, expect, test } from 'vitest';
import type { FormatMeta } from '../core/formats.ts';
import type { Picked } from '../platform/pickers.ts';
import { Destination, type DestinationServices } from './destination.ts';
import type { Picture } from './picture.ts';
import { fileNamed, pictureNamed } from './testing.ts';

const proposal = { name: 'photo-2x.png', meta: { label: 'PNG' } as FormatMeta };

function fileHandle(name: string, content = ''): FileSystemFileHandle & { written: string | null } {
  const handle = {
    kind: 'file' as const,
    name,
    written: null as string | null,
    getFile: () => Promise.resolve(fileNamed(name, handle.written ?? content)),
    isSameEntry: (other: unknown) => Promise.resolve(other === handle),
    createWritable: () =>
      Promise.resolve({
        write: async (blob: Blob) => {
          handle.written = await blob.text();
        },
        close: () => Promise.resolve(),
      }),
  };
  return handle as unknown as FileSystemFileHandle & { written: string | null };
}

const folder = { kind: 'directory', name: 'Prints' } as FileSystemDirectoryHandle;

function services(change: Partial<DestinationServices> = {}): DestinationServices {
  return {
    folders: true,
    saveFiles: true,
    pickFolder: () => Promise.resolve({ kind: 'chosen', value: folder }),
    pickSaveFile: () => Promise.resolve({ kind: 'dismissed' }),
    ensureWritable: () => Promise.resolve(true),
    privateNames: () => Promise.resolve(new Set()),
    reserveName: (name: string) => Promise.resolve(name !== 'a (3).png'),
    ...change,
  };
}

const picture = (name: string, handle: FileSystemFileHandle | null, file = fileNamed(name, 'original')): Picture =>
  pictureNamed(name, { handle, file });

const at = (name: string, ...folders: string[]) => ({ name, folders });

const never = (): never => {
  throw new Error('nothing was to be restored');
};

const saving = (handle: FileSystemFileHandle): Destination => {
  const chosen: Picked<FileSystemFileHandle> = { kind: 'chosen', value: handle };
  const destination = new Destination(services({ pickSaveFile: () => Promise.resolve(chosen) }));
  destination.choose('file');
  return destination;
};

describe('folder', () => {
  test('is asked for once in a visit', async () => {
    let asked = 0;
    const destination = new Destination(
      services({
        pickFolder: () => {
          asked++;
          return Promise.resolve({ kind: 'chosen', value: folder });
        },
      }),
    );
    const target = await destination.prepare(proposal, [], never);
    expect(await target!(at('photo-2x.png'), 'number')).toEqual({
      kind: 'folder',
      handle: folder,
      name: 'photo-2x.png',
    });
    await destination.prepare(proposal, [], never);
    expect(asked).toBe(1);
  });

  test('folders of the picture are made in it; a file that is there is left alone where that is wished', async () => {
    const made: string[] = [];
    const inner = (path: string): FileSystemDirectoryHandle =>
      ({
        ...{ kind: 'directory', name: path },
        getDirectoryHandle: (name: string) => {
          made.push(`${path}/${name}`);
          return Promise.resolve(inner(`${path}/${name}`));
        },
        getFileHandle: (name: string) =>
          name === 'old.png' ? Promise.resolve({}) : Promise.reject(new DOMException('none', 'NotFoundError')),
      }) as unknown as FileSystemDirectoryHandle;
    const destination = new Destination(
      services({ pickFolder: () => Promise.resolve({ kind: 'chosen', value: inner('Prints') }) }),
    );
    const target = (await destination.prepare(proposal, [], never))!;
    expect(await target(at('new.png', 'trip', 'day 1'), 'skip')).toMatchObject({
      handle: { name: 'Prints/trip/day 1' },
    });
    expect(made).toEqual(['Prints/trip', 'Prints/trip/day 1']);
    expect(await target(at('old.png'), 'skip')).toBeNull();
    expect(await target(at('old.png'), 'number')).toMatchObject({ name: 'old.png' });
  });

  test('is asked for again when the permission has ended', async () => {
    let asked = 0;
    const destination = new Destination(
      services({
        ensureWritable: () => Promise.resolve(false),
        pickFolder: () => {
          asked++;
          return Promise.resolve({ kind: 'chosen', value: folder });
        },
      }),
    );
    await destination.prepare(proposal, [], never);
    await destination.prepare(proposal, [], never);
    expect(asked).toBe(2);
  });

  test('a dismissed picker starts nothing', async () => {
    const destination = new Destination(services({ pickFolder: () => Promise.resolve({ kind: 'dismissed' }) }));
    expect(await destination.prepare(proposal, [], never)).toBeNull();
    expect(destination.value.kind).toBe('folder');
  });

  test('without a picker the result is kept for a download, and it is said', async () => {
    const destination = new Destination(services({ pickFolder: () => Promise.resolve({ kind: 'unavailable' }) }));
    const target = await destination.prepare(proposal, [], never);
    expect(await target!(at('x.png'), 'number')).toEqual({ kind: 'opfs', name: 'x.png' });
    expect(destination.value).toMatchObject({ kind: 'download' });
    expect(destination.value.notice).not.toBe('');
  });
});

describe('a file of its own', () => {
  test('is created where it was not', async () => {
    const handle = fileHandle('new.png');
    const target = await saving(handle).prepare(proposal, [picture('photo.jpg', fileHandle('photo.jpg'))], never);
    expect(await target!(at('ignored'), 'number')).toEqual({ kind: 'file', handle, created: true });
  });

  test('a file with content, where the browser did not empty it, is not ours to remove', async () => {
    const target = await saving(fileHandle('old.png', 'content')).prepare(proposal, [], never);
    expect(await target!(at(''), 'number')).toMatchObject({ created: false });
  });

  test('an original that was chosen is put back and refused', async () => {
    const handle = fileHandle('photo.png');
    const original = picture('photo.png', handle);
    const restored: string[] = [];
    const preparing = saving(handle).prepare(proposal, [picture('other.png', fileHandle('other.png')), original], (p) =>
      restored.push(p.name),
    );
    await expect(preparing).rejects.toMatchObject({ code: 'bad-options', values: { name: 'photo.png' } });
    expect(handle.written).toBe('original');
    expect(restored).toEqual(['photo.png']);
  });

  test('an original given without a handle betrays itself by having been emptied', async () => {
    const handle = fileHandle('photo.png');
    const file = fileNamed('photo.png', 'original');
    let reads = 0;
    file.slice = () => {
      if (reads++ > 0) throw new DOMException('changed on disk', 'NotReadableError');
      return new Blob();
    };
    const preparing = saving(handle).prepare(proposal, [picture('photo.png', null, file)], () => undefined);
    await expect(preparing).rejects.toMatchObject({ code: 'bad-options' });
    expect(handle.written).toBe('original');
  });

  test('a file that only has the name of an original is no original', async () => {
    const handle = fileHandle('photo.png');
    expect(await saving(handle).prepare(proposal, [picture('photo.png', null)], never)).not.toBeNull();
    expect(handle.written).toBeNull();
  });
});

describe('download', () => {
  test('names are free, also within one run', async () => {
    const destination = new Destination(services({ privateNames: () => Promise.resolve(new Set(['a.png'])) }));
    destination.choose('download');
    const target = await destination.prepare(proposal, [], never);
    expect(await Promise.all(['a.png', 'b.png', 'b.png'].map((name) => target!(at(name), 'number')))).toEqual([
      { kind: 'opfs', name: 'a (2).png' },
      { kind: 'opfs', name: 'b.png' },
      { kind: 'opfs', name: 'b (2).png' },
    ]);
  });

  test('is all there is without pickers; in memory without private storage', async () => {
    const destination = new Destination(
      services({ folders: false, saveFiles: false, privateNames: () => Promise.reject(new Error('forbidden')) }),
    );
    expect(destination.value).toMatchObject({ kind: 'download', offered: ['download'] });
    destination.choose('folder');
    const target = await destination.prepare(proposal, [], never);
    expect(await target!(at('x.png'), 'number')).toEqual({ kind: 'memory', name: 'x.png' });
  });
});
