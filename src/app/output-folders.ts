import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';

/** The folder at a path below another one, made where it is missing. Rejects with `write-failed` when a file is in the way. */
export async function folderAt(
  root: FileSystemDirectoryHandle,
  folders: readonly string[],
): Promise<FileSystemDirectoryHandle> {
  let folder = root;
  for (const name of folders) {
    try {
      folder = await folder.getDirectoryHandle(name, { create: true });
    } catch (cause) {
      throw new AppError('write-failed', msg(str`The folder “${name}” could not be made.`), {
        remedy: msg('A file of that name may be in the way, or the permission has ended: choose another folder.'),
        values: { name },
        cause,
      });
    }
  }
  return folder;
}

/** The folder at a path, or null where there is none. */
export async function findFolder(
  root: FileSystemDirectoryHandle,
  folders: readonly string[],
): Promise<FileSystemDirectoryHandle | null> {
  try {
    let folder = root;
    for (const name of folders) folder = await folder.getDirectoryHandle(name);
    return folder;
  } catch {
    return null;
  }
}

/** Whether a folder holds a file or a folder of this name. */
export async function isThere(folder: FileSystemDirectoryHandle, name: string): Promise<boolean> {
  try {
    await folder.getFileHandle(name);
    return true;
  } catch (error) {
    return error instanceof DOMException && error.name === 'TypeMismatchError';
  }
}
