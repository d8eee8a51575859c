import { makeZip } from 'client-zip';
import { UNFINISHED } from '../../core/exports.ts';
import type { Sink } from '../../core/sink.ts';
import { FileStreamSink } from '../sinks/file-stream.ts';
import { MemorySink } from '../sinks/memory.ts';
import { writeError } from '../sinks/write-error.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Takes many files, and keeps all of them or none. Paths have slashes. Rejects as a `Sink` does. */
export interface FileSet {
  /** A small file, whole. */
  add(path: string, chunks: readonly Bytes[]): Promise<void>;
  /** A file that is written bit by bit, several at a time; it is in the set when it is committed. */
  create(path: string): Promise<Sink>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** Small files that are written at a time: each costs the browser some milliseconds, most of them waiting. */
const FILES_AT_A_TIME = 8;

/** Files in a folder of their own. */
export class FolderSet implements FileSet {
  readonly #parent: FileSystemDirectoryHandle;
  readonly #folder: FileSystemDirectoryHandle;
  readonly #inner = new Map<string, Promise<FileSystemDirectoryHandle>>();
  readonly #open = new Set<Sink>();
  readonly #writing = new Set<Promise<void>>();
  #failure: unknown = null;
  #ended = false;

  private constructor(parent: FileSystemDirectoryHandle, folder: FileSystemDirectoryHandle) {
    this.#parent = parent;
    this.#folder = folder;
  }

  /** `folder` was made for this set, in `parent`. */
  static async create(parent: FileSystemDirectoryHandle, folder: FileSystemDirectoryHandle): Promise<FolderSet> {
    const set = new FolderSet(parent, folder);
    try {
      await set.#write(UNFINISHED, [new TextEncoder().encode('This folder is not complete. It can be deleted.\n')]);
      return set;
    } catch (error) {
      await set.abort();
      throw error;
    }
  }

  async add(path: string, chunks: readonly Bytes[]): Promise<void> {
    while (this.#writing.size >= FILES_AT_A_TIME) await Promise.race(this.#writing);
    if (this.#failure !== null) throw this.#failure;
    const task = this.#write(path, chunks)
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => this.#writing.delete(task));
    this.#writing.add(task);
  }

  async create(path: string): Promise<Sink> {
    const sink = await FileStreamSink.create(await this.#handle(path), null);
    this.#open.add(sink);
    return sink;
  }

  async commit(): Promise<void> {
    await Promise.all(this.#writing);
    if (this.#failure !== null) throw this.#failure;
    await this.#folder.removeEntry(UNFINISHED);
    this.#ended = true;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await Promise.all(this.#writing);
    for (const sink of this.#open) await sink.abort();
    await this.#parent.removeEntry(this.#folder.name, { recursive: true }).catch(() => undefined);
  }

  async #write(path: string, chunks: readonly Bytes[]): Promise<void> {
    const sink = await FileStreamSink.create(await this.#handle(path), null);
    await sink.write(chunks);
    await sink.commit();
  }

  async #handle(path: string): Promise<FileSystemFileHandle> {
    const parts = path.split('/');
    try {
      const folder = await this.#folderOf(parts.slice(0, -1));
      return await folder.getFileHandle(parts.at(-1)!, { create: true });
    } catch (error) {
      throw writeError(path, error);
    }
  }

  #folderOf(parts: readonly string[]): Promise<FileSystemDirectoryHandle> {
    if (parts.length === 0) return Promise.resolve(this.#folder);
    const key = parts.join('/');
    let found = this.#inner.get(key);
    if (found === undefined) {
      found = this.#folderOf(parts.slice(0, -1)).then((folder) =>
        folder.getDirectoryHandle(parts.at(-1)!, { create: true }),
      );
      this.#inner.set(key, found);
    }
    return found;
  }
}

/** Where the files of a ZIP that are written side by side wait until they are complete. */
export interface Scratch {
  /** A file, and its content once it is committed. */
  create(): Promise<{ readonly sink: Sink; readonly content: () => Promise<Blob> }>;
  /** Takes everything away. */
  clear(): Promise<void>;
}

/** Holds them in memory: where there is nothing else. */
export const memoryScratch = (): Scratch => ({
  create: () => {
    const sink = new MemorySink();
    return Promise.resolve({ sink, content: () => Promise.resolve(sink.blob('')) });
  },
  clear: () => Promise.resolve(),
});

interface Entry {
  readonly name: string;
  readonly lastModified: Date;
  readonly input: Bytes | Blob;
}

/** Files in a ZIP without compression, which goes to a sink as it is made. */
export class ZipSet implements FileSet {
  readonly #sink: Sink;
  readonly #scratch: Scratch;
  readonly #pump: Promise<void>;
  /** The entry that waits to be taken; null for the end. */
  #offer: ((entry: Entry | null) => void) | null = null;
  #wanted: Promise<Entry | null>;
  /** Entries are offered one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  #taken: (() => void) | null = null;
  readonly #date = new Date();
  #closed = false;

  constructor(sink: Sink, scratch: Scratch) {
    this.#sink = sink;
    this.#scratch = scratch;
    this.#wanted = this.#nextOffer();
    this.#pump = this.#run();
    // Heard by whoever adds next.
    this.#pump.catch(() => undefined);
  }

  add(path: string, chunks: readonly Bytes[]): Promise<void> {
    return this.#put({ name: path, lastModified: this.#date, input: joined(chunks) });
  }

  async create(path: string): Promise<Sink> {
    const { sink, content } = await this.#scratch.create();
    return {
      write: (chunks) => sink.write(chunks),
      patch: (patches) => sink.patch(patches),
      commit: async () => {
        await sink.commit();
        await this.#put({ name: path, lastModified: this.#date, input: await content() });
      },
      abort: () => sink.abort(),
    };
  }

  async commit(): Promise<void> {
    await this.#turn;
    this.#offer?.(null);
    await this.#pump;
    await this.#scratch.clear();
    await this.#sink.commit();
  }

  async abort(): Promise<void> {
    this.#closed = true;
    this.#offer?.(null);
    await this.#pump.catch(() => undefined);
    await this.#scratch.clear();
    await this.#sink.abort();
  }

  /** Settles when the entry is in the ZIP. */
  #put(entry: Entry): Promise<void> {
    const put = this.#turn.then(async () => {
      const taken = new Promise<void>((resolve) => (this.#taken = resolve));
      this.#offer?.(entry);
      await Promise.race([taken, this.#pump]);
    });
    this.#turn = put.catch(() => undefined);
    return put;
  }

  #nextOffer(): Promise<Entry | null> {
    return new Promise((resolve) => (this.#offer = resolve));
  }

  async *#entries(): AsyncGenerator<Entry> {
    for (;;) {
      const entry = this.#closed ? null : await this.#wanted;
      if (entry === null) return;
      this.#wanted = this.#nextOffer();
      yield entry;
      // Asked for the next one: this one has been read to its end.
      this.#taken?.();
    }
  }

  async #run(): Promise<void> {
    const reader = makeZip(this.#entries()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      await this.#sink.write([value as Bytes]);
    }
  }
}

function joined(chunks: readonly Bytes[]): Bytes {
  if (chunks.length === 1) return chunks[0]!;
  const all = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
