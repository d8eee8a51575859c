import { AppError } from '../core/errors.ts';
import { PICTURE_EXTENSIONS } from './pickers.ts';
import { say, str } from '../core/text.ts';

/** A file that came in by drop, paste or picker, with the handle of the original where the browser gives one. */
export interface GivenFile {
  readonly file: File;
  readonly handle: FileSystemFileHandle | null;
  /** The folder that was given, where the file came in one that has a handle. */
  readonly root?: FileSystemDirectoryHandle;
  /** The folders that lead to the file, the given one first; none when it was given by itself. */
  readonly folders?: readonly string[];
}

const withoutHandle = (file: File): GivenFile => ({ file, handle: null });

/** Files of an `<input type="file">`, of the clipboard, or of a launch, which come without handles. */
export const fromFileList = (files: Iterable<File>): GivenFile[] => [...files].map(withoutHandle);

/** Pictures of an `<input webkitdirectory>`, in natural order. Throws an AppError when there is none. */
export function fromFolderInput(files: Iterable<File>): GivenFile[] {
  const all = [...files];
  const pictures = all
    .filter(({ name }) => looksLikePicture(name))
    .map((file): GivenFile => ({ file, handle: null, folders: file.webkitRelativePath.split('/').slice(0, -1) }));
  const first = all[0]?.webkitRelativePath.split('/')[0] ?? '';
  if (pictures.length === 0 && all.length > 0) throw noPictures(first);
  const path = (given: GivenFile): string => [...(given.folders ?? []), given.file.name].join('/');
  return pictures.sort((a, b) => path(a).localeCompare(path(b), undefined, { numeric: true }));
}

/** Pictures of a folder that a picker gave, and of all folders in it. Rejects with an AppError when there is none. */
export async function fromFolderHandle(root: FileSystemDirectoryHandle): Promise<GivenFile[]> {
  const files = await fromFolder(root, root, [root.name]);
  if (files.length === 0) throw noPictures(root.name);
  return files;
}

/** Reads the files behind handles that a picker gave. */
export const fromHandles = (handles: readonly FileSystemFileHandle[]): Promise<GivenFile[]> =>
  Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), handle })));

const looksLikePicture = (name: string): boolean => {
  const extension = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  return PICTURE_EXTENSIONS.includes(extension);
};

const byName = (a: GivenFile, b: GivenFile): number =>
  a.file.name.localeCompare(b.file.name, undefined, { numeric: true });

async function fromFolder(
  folder: FileSystemDirectoryHandle,
  root: FileSystemDirectoryHandle,
  folders: readonly string[],
): Promise<GivenFile[]> {
  const files: GivenFile[] = [];
  const inner: FileSystemDirectoryHandle[] = [];
  for await (const entry of folder.values()) {
    if (entry.kind === 'directory') inner.push(entry);
    else if (looksLikePicture(entry.name)) files.push({ file: await entry.getFile(), handle: entry, root, folders });
  }
  files.sort(byName);
  inner.sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  for (const next of inner) files.push(...(await fromFolder(next, root, [...folders, next.name])));
  return files;
}

/** The browsers without handles tell folders by entries; reads one to its end. */
async function fromEntry(entry: FileSystemDirectoryEntry, folders: readonly string[]): Promise<GivenFile[]> {
  const reader = entry.createReader();
  const files: GivenFile[] = [];
  const inner: GivenFile[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return [...files.sort(byName), ...inner];
    for (const next of batch) {
      if (next.isDirectory) inner.push(...(await fromEntry(next as FileSystemDirectoryEntry, [...folders, next.name])));
      else if (looksLikePicture(next.name)) {
        const file = await new Promise<File>((resolve, reject) => (next as FileSystemFileEntry).file(resolve, reject));
        files.push({ file, handle: null, folders });
      }
    }
  }
}

const noPictures = (name: string): AppError =>
  new AppError('bad-input', say(str`The folder “${name}” holds no pictures.`), {
    remedy: say(str`Pictures end in ${PICTURE_EXTENSIONS.slice(0, 3).join(', ')} and the like.`),
    values: { name },
  });

async function fromItem(
  file: File | null,
  entry: FileSystemEntry | null,
  handle: Promise<FileSystemHandle | null> | null,
): Promise<GivenFile[]> {
  // A handle is a convenience: where the browser refuses one, the plain file does.
  const found = await handle?.catch(() => null);
  if (found?.kind === 'directory' || entry?.isDirectory === true) {
    const files =
      found?.kind === 'directory'
        ? await fromFolderHandle(found as FileSystemDirectoryHandle)
        : await fromEntry(entry as FileSystemDirectoryEntry, [entry!.name]);
    if (files.length === 0) throw noPictures(entry?.name ?? '');
    return files;
  }
  if (file === null) return [];
  return [{ file, handle: found?.kind === 'file' ? (found as FileSystemFileHandle) : null }];
}

/**
 * Files and whole folders of a drop, with handles where there are any. The transfer must be read during its event,
 * so everything is asked for before the first wait. Rejects with an AppError for a folder without pictures.
 */
export async function fromDrop(transfer: DataTransfer): Promise<GivenFile[]> {
  const pending = [...transfer.items]
    .filter((item) => item.kind === 'file')
    .map((item) =>
      fromItem(
        item.getAsFile(),
        item.webkitGetAsEntry(),
        typeof item.getAsFileSystemHandle === 'function' ? item.getAsFileSystemHandle() : null,
      ),
    );
  return (await Promise.all(pending)).flat();
}

/** Pictures of a paste, which browsers call image.png, under a name that says where they came from. */
export function fromPaste(transfer: { readonly files: Iterable<File> }, now: Date): GivenFile[] {
  const two = (value: number): string => String(value).padStart(2, '0');
  const stamp =
    `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}` +
    ` ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
  return [...transfer.files].map((file) => {
    const anonymous = /^image\.(\w+)$/.exec(file.name);
    if (anonymous === null) return withoutHandle(file);
    return withoutHandle(new File([file], `Pasted ${stamp}.${anonymous[1]}`, { type: file.type }));
  });
}
