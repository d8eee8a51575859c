import { afterEach, expect, it } from 'vitest';
import type { InputCopies } from '../cache/input-copies.ts';
import type { StoredResult, StoredState } from '../cache/schema.ts';
import { DEFAULT_OPTIONS } from '../core/options.ts';
import { OUTPUT_FOLDER } from '../pipeline/sinks/output-folder.ts';
import { restorePictures } from './queue-restore.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { resultOf } from './testing.ts';

const outputs = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(OUTPUT_FOLDER, { create: true });

const STORED = 'kept of a test.png';

afterEach(async () => {
  await (await outputs()).removeEntry(STORED).catch(() => undefined);
});

const noCopies = {} as InputCopies;

const result: StoredResult = {
  receipt: resultOf({
    ...{ source: new File([], 'a.jpg'), sourceName: 'a.jpg', options: DEFAULT_OPTIONS, stage: null },
    output: { kind: 'opfs', name: STORED },
  }).receipt,
  place: { kind: 'private', folders: [], name: 'a-2x.png', stored: STORED },
};

/** A picture that came without a handle, and of which there is no copy. */
async function restoredWith(state: StoredState) {
  const record = {
    ...{ id: 1, name: 'a.jpg', bytes: 4, handle: null, root: null, folders: [], copy: null },
    ...{ settings: DEFAULT_SETTINGS, state },
  };
  const [restored] = await restorePictures({ records: [record], session: null, lost: [] }, noCopies);
  return restored!;
}

async function keep(): Promise<void> {
  const writable = await (await (await outputs()).getFileHandle(STORED, { create: true })).createWritable();
  await writable.write('a result');
  await writable.close();
}

it.each<StoredState>([
  { kind: 'done', ...result },
  { kind: 'queued', earlier: result },
])('a result that waits to be saved outlives its picture: $kind', async (state) => {
  await keep();
  const { picture, then, queued } = await restoredWith(state);
  const done = { kind: 'done', place: { kind: 'blob', stored: STORED, name: 'a-2x.png' } };
  expect(then).toMatchObject(done);
  expect(picture.state).toMatchObject({ ...done, again: { message: expect.stringContaining('opened again') } });
  expect(queued).toBe(false);
  const { place } = picture.state as { place: { blob: Blob } };
  expect(await place.blob.text()).toBe('a result');
});

it.each<[string, StoredState, boolean]>([
  ['saved', { kind: 'done', ...result, saved: true }, true],
  ['saved before the run that was cut short', { kind: 'queued', earlier: { ...result, saved: true } }, true],
  ['not, or by a version that did not keep this', { kind: 'done', ...result }, false],
])('tells a result that was saved from one that was not: %s', async (_, state, saved) => {
  await keep();
  const { picture, then } = await restoredWith(state);
  for (const one of [then, picture.state]) expect('saved' in one && one.saved).toBe(saved);
});

it.each<StoredState>([{ kind: 'done', ...result }, { kind: 'ready' }])(
  'without a result the picture has failed: $kind',
  async (state) => {
    expect((await restoredWith(state)).picture.state).toMatchObject({ kind: 'failed' });
  },
);
