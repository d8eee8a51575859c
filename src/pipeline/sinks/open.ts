import { AppError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';
import type { OutputTarget } from '../job-request.ts';
import { removeFile } from './discard.ts';
import { FileStreamSink } from './file-stream.ts';
import { MemorySink } from './memory.ts';
import { OpfsSink } from './opfs.ts';
import { OUTPUT_FOLDER } from './output-folder.ts';
import { ServerSink } from './server.ts';
import { writeError } from './write-error.ts';

/** A sink, the name that the file gets, and a way to its content where the page cannot reach it otherwise. */
export interface OpenedSink {
  readonly sink: Sink;
  readonly name: string;
  readonly file: () => Promise<Blob | null>;
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

/** How often a name is tried with the next number before the folder is given up. */
const MOST_TRIES = 10_000;

/** Makes a file whose name is not taken: `name.png`, `name (2).png`, … */
async function createUnique(folder: FileSystemDirectoryHandle, name: string): Promise<FileSystemFileHandle> {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let n = 1; n <= MOST_TRIES; n++) {
    const candidate = n === 1 ? name : `${stem} (${n})${extension}`;
    if (await isTaken(folder, candidate)) continue;
    try {
      return await folder.getFileHandle(candidate, { create: true });
    } catch (error) {
      throw writeError(candidate, error);
    }
  }
  throw new AppError('write-failed', `The folder ${folder.name} has no free name like ${name}.`, {
    remedy: 'Choose another folder.',
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
