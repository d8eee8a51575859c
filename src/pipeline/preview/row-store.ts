import { AppError } from '../../core/errors.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import type { RowReader } from '../../core/source.ts';
import { say } from '../../core/text.ts';

/** Keeps the decoded rows of a picture that is too large for memory. Rows are put in from top to bottom, and read in any order. */
export interface RowStore {
  put(first: number, rows: Uint8Array): Promise<void>;
  read(first: number, count: number, into: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The folder in OPFS of pictures that are being looked at. */
const FOLDER = 'previews';

/** Rows in a file of the browser's private storage, raw: as fast as the disk, in whatever order. */
class FileRows implements RowStore {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #name: string;
  readonly #stride: number;
  #access: FileSystemSyncAccessHandle | null;

  constructor(folder: FileSystemDirectoryHandle, name: string, access: FileSystemSyncAccessHandle, stride: number) {
    this.#folder = folder;
    this.#name = name;
    this.#access = access;
    this.#stride = stride;
  }

  put(first: number, rows: Uint8Array): Promise<void> {
    const written = this.#opened().write(plain(rows), { at: first * this.#stride });
    if (written === rows.length) return Promise.resolve();
    return Promise.reject(new AppError('no-quota', say('The browser gives no more room to look at this picture.')));
  }

  read(first: number, count: number, into: Uint8Array): Promise<void> {
    const bytes = into.subarray(0, count * this.#stride);
    const target = plain(bytes);
    const read = this.#opened().read(target, { at: first * this.#stride });
    if (target !== bytes) bytes.set(target);
    if (read === bytes.length) return Promise.resolve();
    return Promise.reject(
      new AppError('read-failed', `Rows ${first} to ${first + count} are not in the preview's file.`),
    );
  }

  async close(): Promise<void> {
    this.#access?.close();
    this.#access = null;
    await this.#folder.removeEntry(this.#name).catch(() => undefined);
  }

  #opened(): FileSystemSyncAccessHandle {
    if (this.#access === null) throw new DOMException('the preview was closed', 'AbortError');
    return this.#access;
  }
}

/** Files take no shared memory in every browser: such bytes go by way of a copy. */
function plain(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}

/** Room that is left to others. */
const SPARED_BYTES = 512 * 2 ** 20;

/** Opens a file for the rows of a picture; null where the browser has no private storage, or not enough of it. */
export async function openRowFile(
  shape: Pick<RowReader, 'width' | 'height' | 'channels' | 'depth'>,
): Promise<RowStore | null> {
  const stride = bytesPerRow(shape.width, shape);
  let folder: FileSystemDirectoryHandle;
  const name = `${crypto.randomUUID()}.rows`;
  try {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    if (quota - usage < stride * shape.height + SPARED_BYTES) return null;
    folder = await (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
    await removeLeftovers(folder);
  } catch {
    return null;
  }
  try {
    const handle = await folder.getFileHandle(name, { create: true });
    return new FileRows(folder, name, await handle.createSyncAccessHandle(), stride);
  } catch {
    await folder.removeEntry(name).catch(() => undefined);
    return null;
  }
}

/** Files of pages that were closed without notice. Those in use are locked, and stay. */
async function removeLeftovers(folder: FileSystemDirectoryHandle): Promise<void> {
  const names: string[] = [];
  for await (const name of folder.keys()) names.push(name);
  await Promise.all(names.map((name) => folder.removeEntry(name).catch(() => undefined)));
}

/** Stores nothing: reads the file again from the top whenever it has to go back. Slow, but it needs no room. */
export class RereadRows implements RowStore {
  readonly #open: () => Promise<RowReader>;
  #reader: RowReader | null = null;
  #next = 0;
  #closed = false;

  constructor(open: () => Promise<RowReader>) {
    this.#open = open;
  }

  put(): Promise<void> {
    return Promise.resolve();
  }

  async read(first: number, count: number, into: Uint8Array): Promise<void> {
    if (this.#closed) throw new DOMException('the preview was closed', 'AbortError');
    if (this.#reader === null || first < this.#next) {
      await this.#reader?.close();
      this.#reader = await this.#open();
      this.#next = 0;
    }
    const reader = this.#reader;
    const stride = bytesPerRow(reader.width, reader);
    const step = Math.max(1, Math.floor(SKIPPED_BYTES / stride));
    const skipped = new Uint8Array(Math.min(step, first - this.#next) * stride);
    while (this.#next < first) {
      const rows = Math.min(step, first - this.#next);
      await reader.read(rows, skipped.subarray(0, rows * stride));
      this.#next += rows;
    }
    await reader.read(count, into.subarray(0, count * stride));
    this.#next += count;
    if (this.#next < reader.height) return;
    await reader.close();
    this.#reader = null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reader?.close();
    this.#reader = null;
  }
}

/** Rows that are only passed over are decoded in pieces of this size. */
const SKIPPED_BYTES = 4 << 20;
