/** From the words on the command line to the list of files. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { sniff } from '../../src/codecs/sniff.ts';
import { AppError } from '../../src/core/errors.ts';

export interface InputFile {
  /** Absolute. */
  readonly path: string;
  /** Relative to the folder that was named, else the bare name. */
  readonly relative: string;
  /** Came out of a folder. */
  readonly listed: boolean;
}

/** Bytes from the beginning of a file that tell its format. */
const HEAD_BYTES = 4096;

/** Told of each file of a folder that cannot be taken, and why. */
export type OnSkipped = (path: string, error: AppError) => void;

const notUtf8 = (path: string): AppError =>
  new AppError('read-failed', `The name of ${path} is not UTF-8, and the file cannot be opened by it.`, {
    remedy: 'Rename it.',
  });

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function isPicture(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return sniff(buffer.subarray(0, bytesRead))?.supported === true;
  } finally {
    await file.close();
  }
}

/** The pictures below a folder, by content, in the order of their names; hidden files and half-written outputs are left out. */
async function listFolder(folder: string, top: string, onSkipped: OnSkipped): Promise<InputFile[]> {
  const found: InputFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name.endsWith('.part')) continue;
    // A name that is not UTF-8 comes with replacement characters, by which the file cannot be opened.
    if (entry.name.includes('\ufffd') && !(await isThere(path))) onSkipped(path, notUtf8(path));
    else if (entry.isDirectory()) found.push(...(await listFolder(path, top, onSkipped)));
    else if (entry.isFile() && (await isPicture(path)))
      found.push({ path, relative: relative(top, path), listed: true });
  }
  return found;
}

/**
 * The files of one word. Rejects with an AppError: `read-failed` when nothing is there, `bad-input` for a folder without pictures.
 * A file that is named is taken whatever it holds: the job says what is wrong with it.
 */
export async function expandInput(path: string, onSkipped: OnSkipped = () => undefined): Promise<InputFile[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AppError('read-failed', `There is no file ${path}.`, { remedy: 'Check the name.', cause });
  });
  if (!info.isDirectory()) return [{ path, relative: basename(path), listed: false }];
  let skipped = 0;
  const files = await listFolder(path, path, (name, error) => {
    skipped++;
    onSkipped(name, error);
  });
  if (files.length === 0 && skipped === 0) {
    throw new AppError('bad-input', `The folder ${path} holds no picture that can be read.`, {
      remedy: 'Name a folder with PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF or JPEG XL files.',
    });
  }
  return files;
}
