/** The folder of the private storage for pictures that came without a handle: pasted, shared, or from a phone. */
const FOLDER = 'inputs';

/** A larger picture is not copied: it has to be opened again after a reload. */
export const LARGEST_COPY_BYTES = 64 * 2 ** 20;
/** All copies together. */
export const COPIES_BUDGET_BYTES = 512 * 2 ** 20;

const openFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

/** Keeps small copies of pictures so that they survive a reload. Never needed: where it fails, there is no copy. */
export interface InputCopies {
  /** Copies a file for a page; the copy's name, or null when it is too large, the budget is used up, or the browser cannot. */
  add(file: File, page: string): Promise<string | null>;
  /** A copy under the file's own name; null when it is gone. */
  open(copy: string, name: string): Promise<File | null>;
  remove(copy: string): Promise<void>;
  /** Removes all copies but these, and but those of the pages that `others` says live. */
  sweep(keep: ReadonlySet<string>, others: () => Promise<ReadonlySet<string>>): Promise<void>;
}

/** The page that a copy was made for. */
const pageOf = (copy: string): string => (copy.includes('.') ? copy.slice(0, copy.indexOf('.')) : '');

async function usedBytes(folder: FileSystemDirectoryHandle): Promise<number> {
  let bytes = 0;
  for await (const entry of folder.values()) {
    if (entry.kind === 'file') bytes += (await (entry as FileSystemFileHandle).getFile()).size;
  }
  return bytes;
}

export const inputCopies: InputCopies = {
  async add(file, page) {
    if (file.size > LARGEST_COPY_BYTES) return null;
    let folder: FileSystemDirectoryHandle | null = null;
    const copy = `${page}.${crypto.randomUUID()}`;
    try {
      folder = await openFolder();
      if ((await usedBytes(folder)) + file.size > COPIES_BUDGET_BYTES) return null;
      const writable = await (await folder.getFileHandle(copy, { create: true })).createWritable();
      await file.stream().pipeTo(writable);
      return copy;
    } catch {
      await folder?.removeEntry(copy).catch(() => undefined);
      return null;
    }
  },

  async open(copy, name) {
    try {
      const file = await (await (await openFolder()).getFileHandle(copy)).getFile();
      return new File([file], name, { lastModified: file.lastModified });
    } catch {
      return null;
    }
  },

  async remove(copy) {
    await openFolder()
      .then((folder) => folder.removeEntry(copy))
      .catch(() => undefined);
  },

  async sweep(keep, others) {
    try {
      const folder = await openFolder();
      const found: string[] = [];
      for await (const name of folder.keys()) if (!keep.has(name)) found.push(name);
      // Asked afterwards: what a page has made that does not live now is nobody's.
      const living = await others();
      for (const name of found) if (!living.has(pageOf(name))) await folder.removeEntry(name);
    } catch {
      // Private storage that the browser forbids has nothing to sweep.
    }
  },
};
