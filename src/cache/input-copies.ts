/** The folder of the private storage for pictures that came without a handle: pasted, shared, or from a phone. */
const FOLDER = 'inputs';

/** A larger picture is not copied: it has to be opened again after a reload. */
export const LARGEST_COPY_BYTES = 64 * 2 ** 20;
/** All copies together. */
export const COPIES_BUDGET_BYTES = 512 * 2 ** 20;

const openFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });

/** A copy in the storage. */
export interface FoundCopy {
  readonly copy: string;
  /** The page that it was made for. */
  readonly page: string;
  /** The name of the picture, or nearly; empty in copies of earlier versions. */
  readonly name: string;
}

/** Keeps small copies of pictures so that they survive a reload. Never needed: where it fails, there is no copy. */
export interface InputCopies {
  /** Copies a file for a page; the copy's name, or null when it is too large, the budget is used up, or the browser cannot. */
  add(file: File, page: string): Promise<string | null>;
  /** A copy under the file's own name; null when it is gone. */
  open(copy: string, name: string): Promise<File | null>;
  remove(copy: string): Promise<void>;
  /** All copies, of any page. */
  list(): Promise<readonly FoundCopy[]>;
  /** Removes all copies but these, and but those of the pages that `others` says live. */
  sweep(keep: ReadonlySet<string>, others: () => Promise<ReadonlySet<string>>): Promise<void>;
}

/** The end of a picture's name, of characters that every file system takes: enough to know it by when its record is lost. */
const NAME_CHARACTERS = 60;
const nameInFolder = (name: string): string =>
  name
    .slice(-NAME_CHARACTERS)
    .replace(/[^\p{L}\p{N} ._()-]/gu, '_')
    .replace(/[ .]+$/, '');

/** Pages are named without dots. */
function parse(copy: string): FoundCopy {
  const [page, , ...name] = copy.split('.');
  return copy.includes('.') ? { copy, page: page!, name: name.join('.') } : { copy, page: '', name: '' };
}

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
    const copy = `${page}.${crypto.randomUUID()}.${nameInFolder(file.name)}`;
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

  async list() {
    const found: FoundCopy[] = [];
    try {
      for await (const name of (await openFolder()).keys()) found.push(parse(name));
    } catch {
      // Private storage that the browser forbids has none.
    }
    return found;
  },

  async sweep(keep, others) {
    try {
      const folder = await openFolder();
      const found: string[] = [];
      for await (const name of folder.keys()) if (!keep.has(name)) found.push(name);
      // Asked afterwards: what a page has made that does not live now is nobody's.
      const living = await others();
      for (const name of found) if (!living.has(parse(name).page)) await folder.removeEntry(name);
    } catch {
      // Private storage that the browser forbids has nothing to sweep.
    }
  },
};
