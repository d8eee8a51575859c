import { OUTPUT_FOLDER } from '../pipeline/sinks/output-folder.ts';

const LOCK = 'pro-upscaler.outputs';

const openFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(OUTPUT_FOLDER, { create: true });

/**
 * Results that wait in the browser's private storage to be downloaded. They last as long as they are in the queue:
 * the first page that opens clears what earlier visits left behind otherwise.
 */
export interface PrivateOutputs {
  /** The names that are taken. Rejects where there is no private storage. */
  names(): Promise<ReadonlySet<string>>;
  /** Deletes a result; one that is gone already is no error. */
  remove(name: string): Promise<void>;
  /** Clears leftovers but those in `keep` when no other page of the app is open, and keeps later pages from clearing ours. */
  claim(keep: ReadonlySet<string>): Promise<void>;
}

export const privateOutputs: PrivateOutputs = {
  async names() {
    const names = new Set<string>();
    for await (const name of (await openFolder()).keys()) names.add(name);
    return names;
  },

  async remove(name) {
    await openFolder()
      .then((folder) => folder.removeEntry(name))
      .catch(() => undefined);
  },

  async claim(keep) {
    // Only secure pages have locks, and private storage.
    if (!('locks' in navigator)) return;
    const clear = async (lock: Lock | null): Promise<void> => {
      if (lock === null) return;
      const folder = await openFolder();
      for await (const name of folder.keys())
        if (!keep.has(name)) await folder.removeEntry(name).catch(() => undefined);
    };
    // Private storage that the browser forbids has nothing to clear.
    await navigator.locks.request(LOCK, { ifAvailable: true }, clear).catch(() => undefined);
    // Held until the page goes away.
    void navigator.locks.request(LOCK, { mode: 'shared' }, () => new Promise<never>(() => undefined));
  },
};
