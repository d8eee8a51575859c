import type { Patch } from '../../core/encoding.ts';
import type { Sink } from '../../core/sink.ts';
import { partName } from './output-folder.ts';
import { writeError } from './write-error.ts';

/** Writes synchronously into a file of OPFS: by far the fastest way to a disk that a browser has. Workers only. */
export class OpfsSink implements Sink {
  readonly #folder: FileSystemDirectoryHandle;
  readonly #name: string;
  readonly #partName: string;
  #access: FileSystemSyncAccessHandle | null;
  #position = 0;

  private constructor(folder: FileSystemDirectoryHandle, name: string, access: FileSystemSyncAccessHandle) {
    this.#folder = folder;
    this.#name = name;
    this.#partName = partName(name);
    this.#access = access;
  }

  static async create(folder: FileSystemDirectoryHandle, name: string): Promise<OpfsSink> {
    let access: FileSystemSyncAccessHandle | null = null;
    try {
      const part = await folder.getFileHandle(partName(name), { create: true });
      access = await part.createSyncAccessHandle();
      access.truncate(0);
      return new OpfsSink(folder, name, access);
    } catch (error) {
      access?.close();
      // A file that another job is writing is locked, and stays.
      await folder.removeEntry(partName(name)).catch(() => undefined);
      throw writeError(name, error);
    }
  }

  /** One that is rejected for want of room may be tried again when there is some. */
  // Not a plain function: what it throws must be a rejection.
  async write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    let position = this.#position;
    for (const chunk of chunks) {
      this.#put(chunk, position);
      position += chunk.length;
    }
    this.#position = position;
  }

  async patch(patches: readonly Patch[]): Promise<void> {
    for (const { position, bytes } of patches) this.#put(bytes, position);
  }

  async commit(): Promise<void> {
    this.#close();
    try {
      const part = await this.#folder.getFileHandle(this.#partName);
      await rename(this.#folder, part, this.#name);
    } catch (error) {
      throw writeError(this.#name, error);
    }
  }

  async abort(): Promise<void> {
    this.#close();
    await this.#folder.removeEntry(this.#partName).catch(() => undefined);
  }

  /** The committed file. */
  async file(): Promise<File> {
    return (await this.#folder.getFileHandle(this.#name)).getFile();
  }

  #put(bytes: Uint8Array<ArrayBuffer>, at: number): void {
    const access = this.#access;
    if (access === null) throw writeError(this.#name, new Error('the file is closed'));
    try {
      const written = access.write(bytes, { at });
      if (written !== bytes.length) throw new DOMException('the disk took only a part', 'QuotaExceededError');
    } catch (error) {
      throw writeError(this.#name, error);
    }
  }

  #close(): void {
    this.#access?.close();
    this.#access = null;
  }
}

/** Bytes copied at a time where a file cannot be moved. */
const COPY_BYTES = 4 << 20;

/**
 * `move` is instant where it exists (Chromium, Safari, Firefox from 111). Elsewhere, and where it fails, the file is copied; then the
 * name has the whole content or is not there. What a crash in the middle of that leaves is swept away when the page is opened again.
 */
async function rename(folder: FileSystemDirectoryHandle, file: FileSystemFileHandle, name: string): Promise<void> {
  await folder.removeEntry(name).catch(() => undefined);
  const movable = file as FileSystemFileHandle & { move?: (name: string) => Promise<void> };
  if (typeof movable.move === 'function') {
    try {
      return await movable.move(name);
    } catch {
      // Copied below, unless it is gone, which shows there.
    }
  }
  await copyTo(folder, file, name);
  await folder.removeEntry(file.name);
}

async function copyTo(folder: FileSystemDirectoryHandle, file: FileSystemFileHandle, name: string): Promise<void> {
  const from = await file.createSyncAccessHandle();
  let to: FileSystemSyncAccessHandle | null = null;
  try {
    to = await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
    const size = from.getSize();
    const buffer = new Uint8Array(Math.min(size, COPY_BYTES));
    to.truncate(0);
    for (let at = 0; at < size;) {
      const got = from.read(buffer, { at });
      if (got === 0) throw new Error('the file became shorter');
      if (to.write(buffer.subarray(0, got), { at }) !== got) {
        throw new DOMException('the disk took only a part', 'QuotaExceededError');
      }
      at += got;
    }
    to.flush();
    to.close();
  } catch (error) {
    to?.close();
    if (to !== null) await folder.removeEntry(name).catch(() => undefined);
    throw error;
  } finally {
    from.close();
  }
}
