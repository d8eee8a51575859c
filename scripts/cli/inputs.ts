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
async function listFolder(folder: string, top: string): Promise<InputFile[]> {
  const found: InputFile[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || entry.name.endsWith('.part')) continue;
    if (entry.isDirectory()) found.push(...(await listFolder(path, top)));
    else if (entry.isFile() && (await isPicture(path)))
      found.push({ path, relative: relative(top, path), listed: true });
  }
  return found;
}

/**
 * The files of one word. Rejects with an AppError: `read-failed` when nothing is there, `bad-input` for a folder without pictures.
 * A file that is named is taken whatever it holds: the job says what is wrong with it.
 */
export async function expandInput(path: string): Promise<InputFile[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new AppError('read-failed', `There is no file ${path}.`, { remedy: 'Check the name.', cause });
  });
  if (!info.isDirectory()) return [{ path, relative: basename(path), listed: false }];
  const files = await listFolder(path, path);
  if (files.length === 0) {
    throw new AppError('bad-input', `The folder ${path} holds no picture that can be read.`, {
      remedy: 'Name a folder with PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF or JPEG XL files.',
    });
  }
  return files;
}
