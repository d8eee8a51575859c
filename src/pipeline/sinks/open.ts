import { AppError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';
import { holdLock } from '../hold-lock.ts';
import type { OutputTarget } from '../job-request.ts';
import { FolderSet, memoryScratch, ZipSet, type FileSet, type Scratch } from '../export/file-set.ts';
import { removeFile } from './discard.ts';
import { FileStreamSink } from './file-stream.ts';
import { MemorySink } from './memory.ts';
import { OpfsSink } from './opfs.ts';
import { OUTPUT_FOLDER, outputLock, partName, SCRATCH } from './output-folder.ts';
import { ServerSink } from './server.ts';
import { writeError } from './write-error.ts';
import { say, str } from '../../core/text.ts';

/** A sink, the name that the file gets, and a way to its content where the page cannot reach it otherwise. */
export interface OpenedSink {
  readonly sink: Sink;
  readonly name: string;
  readonly file: () => Promise<Blob | null>;
}

/** A place for a set of files; `sink` keeps or drops all of them, and takes no bytes itself. */
export interface OpenedSet extends OpenedSink {
  readonly set: FileSet;
}

const none = (): Promise<null> => Promise.resolve(null);

/** Opens the place where a job's output goes. Rejects with `write-failed` or `no-quota`; nothing is left behind then. */
export async function openSink(target: OutputTarget, mime: string): Promise<OpenedSink> {
  switch (target.kind) {
    case 'file': {
      const { handle, created } = target;
      const remove = created ? () => removeFile(handle) : null;
      return { sink: await FileStreamSink.create(handle, remove), name: handle.name, file: none };
    }
    case 'folder': {
      const { handle: folder } = target;
      const file = await createUnique(folder, target.name);
      const sink = await FileStreamSink.create(file, () => folder.removeEntry(file.name));
      return { sink, name: file.name, file: none };
    }
    case 'opfs': {
      const root = await navigator.storage.getDirectory();
      const folder = await root.getDirectoryHandle(OUTPUT_FOLDER, { create: true });
      const sink = await OpfsSink.create(folder, target.name);
      return { sink, name: target.name, file: () => sink.file() };
    }
    case 'memory': {
      const sink = new MemorySink();
      return { sink, name: target.name, file: () => Promise.resolve(sink.blob(mime)) };
    }
    case 'server':
      return { sink: new ServerSink(target.url, target.name), name: target.name, file: none };
    default:
      return target satisfies never;
  }
}

/** Opens a place for a set of files: a new folder in a folder, elsewhere a ZIP. Rejects as `openSink` does. */
export async function openSet(target: OutputTarget): Promise<OpenedSet> {
  if (target.kind === 'folder') {
    const name = await freeEntry(target.handle, target.name);
    let folder: FileSystemDirectoryHandle;
    try {
      folder = await target.handle.getDirectoryHandle(name, { create: true });
    } catch (error) {
      throw writeError(name, error);
    }
    const set = await FolderSet.create(target.handle, folder);
    return { set, sink: sinkOf(set), name, file: none };
  }
  const opened = await openSink(target, 'application/zip');
  const set = new ZipSet(opened.sink, target.kind === 'memory' ? memoryScratch() : opfsScratch());
  return { ...opened, set, sink: sinkOf(set) };
}

const sinkOf = (set: FileSet): Sink => ({
  write: () => Promise.reject(new AppError('internal', 'A set of files takes no bytes of its own.')),
  patch: () => Promise.reject(new AppError('internal', 'A set of files takes no bytes of its own.')),
  commit: () => set.commit(),
  abort: () => set.abort(),
});

/** Files in the private storage that wait to go into a ZIP; where there is none, in memory. */
function opfsScratch(): Scratch {
  const names = new Map<string, () => void>();
  const inMemory = memoryScratch();
  const folder = async (): Promise<FileSystemDirectoryHandle | null> => {
    try {
      const root = await navigator.storage.getDirectory();
      return await root.getDirectoryHandle(OUTPUT_FOLDER, { create: true });
    } catch {
      return null;
    }
  };
  return {
    async create() {
      const into = await folder();
      if (into === null) return inMemory.create();
      const name = SCRATCH + crypto.randomUUID();
      const release = await holdLock(outputLock(name));
      names.set(name, release ?? (() => undefined));
      const sink = await OpfsSink.create(into, name);
      return { sink, content: () => sink.file() };
    },
    async clear() {
      const from = await folder();
      for (const [name, release] of names) {
        for (const left of [name, partName(name)]) await from?.removeEntry(left).catch(() => undefined);
        release();
      }
      names.clear();
    },
  };
}

/** How often a name is tried with the next number before the folder is given up. */
const MOST_TRIES = 10_000;

/** Makes a file whose name is not taken: `name.png`, `name (2).png`, … */
async function createUnique(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle> {
  const free = await freeEntry(folder, name);
  try {
    return await folder.getFileHandle(free, { create: true });
  } catch (error) {
    throw writeError(free, error);
  }
}

/** The name, or the first like it that neither a file nor a folder has. */
async function freeEntry(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 1; n <= MOST_TRIES; n++) {
    const candidate = n === 1 ? name : `${stem} (${n})${extension}`;
    if (!(await isTaken(folder, candidate))) return candidate;
  }
  throw new AppError('write-failed', say(str`The folder ${folder.name} has no free name like ${name}.`), {
    remedy: say('Choose another folder.'),
    values: { folder: folder.name, name },
  });
}

async function isTaken(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    const kind = error instanceof Error ? error.name : '';
    if (kind === 'NotFoundError') return false;
    if (kind === 'TypeMismatchError') return true;
    throw writeError(name, error);
  }
}
