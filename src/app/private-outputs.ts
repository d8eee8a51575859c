import { OUTPUT_FOLDER, outputLock, partName, SCRATCH } from '../pipeline/sinks/output-folder.ts';

const openFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(OUTPUT_FOLDER, { create: true });

/**
 * Results that wait in the browser's private storage to be downloaded, under names that belong to one page each. They last as long as they are in
 * the queue: a page that opens clears what dead pages have left behind otherwise.
 */
export interface PrivateOutputs {
  /** The names that are taken. Rejects where there is no private storage. */
  names(): Promise<ReadonlySet<string>>;
  /** Makes a name this page's own; false when another page has it. */
  reserve(name: string): Promise<boolean>;
  /** Deletes a result and gives its name back; one that is gone already is no error. */
  remove(name: string): Promise<void>;
  /** Deletes what a job that did not end has written, if it is not written any more. */
  removePart(name: string): Promise<void>;
  /** Deletes the parts of files whose jobs have ended without doing so; settles when none of a worker that is just going away is left. */
  clearScratch(): Promise<void>;
  /** Clears what belongs to no living page, but those in `keep`, which are this page's from now on. */
  claim(keep: ReadonlySet<string>): Promise<void>;
}

const held = new Map<string, () => void>();

async function removeEntry(name: string): Promise<void> {
  await openFolder()
    .then((folder) => folder.removeEntry(name))
    .catch(() => undefined);
}

/** A worker that was ended goes away within so many milliseconds. */
const GOING_MS = 2000;
const GOING_STEP_MS = 50;

const PART_ENDING = partName('');

/** The result that a file of the folder belongs to. */
const resultOf = (file: string): string => (file.endsWith(PART_ENDING) ? file.slice(0, -PART_ENDING.length) : file);

export const privateOutputs: PrivateOutputs = {
  async names() {
    const names = new Set<string>();
    for await (const name of (await openFolder()).keys()) names.add(resultOf(name));
    return names;
  },

  reserve(name) {
    // Only secure pages have locks, and private storage.
    if (!('locks' in navigator)) return Promise.resolve(true);
    if (held.has(name)) return Promise.resolve(false);
    return new Promise<boolean>((resolve) => {
      navigator.locks
        .request(outputLock(name), { ifAvailable: true }, (lock) => {
          if (lock === null) return resolve(false);
          return new Promise<void>((release) => {
            held.set(name, release);
            resolve(true);
          });
        })
        .catch(() => resolve(false));
    });
  },

  async remove(name) {
    await removeEntry(name);
    held.get(name)?.();
    held.delete(name);
  },

  async removePart(name) {
    const part = partName(name);
    const end = performance.now() + GOING_MS;
    for (;;) {
      try {
        await (await openFolder()).removeEntry(part);
        return;
      } catch (error) {
        // A worker that has just died holds its file for a moment longer.
        const isOpen = error instanceof DOMException && error.name === 'NoModificationAllowedError';
        if (!isOpen || performance.now() > end) return;
        await new Promise((resolve) => setTimeout(resolve, GOING_STEP_MS));
      }
    }
  },

  async clearScratch() {
    if (!('locks' in navigator)) return;
    try {
      const folder = await openFolder();
      const files: string[] = [];
      for await (const file of folder.keys()) if (file.startsWith(SCRATCH)) files.push(file);
      const signal = AbortSignal.timeout(GOING_MS);
      const clear = async (file: string): Promise<void> => {
        await navigator.locks.request(outputLock(resultOf(file)), { signal }, () => removeEntry(file));
      };
      await Promise.allSettled(files.map(clear));
    } catch {
      // There is no private storage, and nothing in it.
    }
  },

  async claim(keep) {
    if (!('locks' in navigator)) return;
    for (const name of keep) await privateOutputs.reserve(name);
    try {
      const folder = await openFolder();
      const files: string[] = [];
      for await (const file of folder.keys()) files.push(file);
      for (const file of files) {
        const name = resultOf(file);
        const isPart = file !== name;
        if (keep.has(name) && !isPart) continue;
        if (held.has(name)) {
          // Ours: what a job of this page is writing stays, what one of an earlier visit has written goes with that visit.
          if (keep.has(name)) await folder.removeEntry(file).catch(() => undefined);
          continue;
        }
        await navigator.locks.request(outputLock(name), { ifAvailable: true }, async (lock) => {
          if (lock !== null) await folder.removeEntry(file).catch(() => undefined);
        });
      }
    } catch {
      // Private storage that the browser forbids has nothing to clear.
    }
  },
};
