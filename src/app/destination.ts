import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import {
  canPickFolder,
  canPickSaveFile,
  ensureWritable,
  pickFolder,
  pickSaveFile,
  type FileKind,
  type Picked,
} from '../platform/pickers.ts';
import type { OutputTarget } from '../workers/protocol.ts';
import type { ExistingChoice, OutputPath } from './naming.ts';
import { folderAt, isThere } from './output-folders.ts';
import { freeName } from './output-name.ts';
import type { Picture } from './picture.ts';
import { privateOutputs } from './private-outputs.ts';
import { Store } from './store.ts';

/** Where results go: new files in one folder, one file that the person names, or the browser's downloads. */
export type DestinationKind = 'folder' | 'file' | 'download';

export interface DestinationState {
  readonly kind: DestinationKind;
  /** The kinds that this browser offers, the best first. */
  readonly offered: readonly DestinationKind[];
  /** The folder chosen in this visit. */
  readonly folder: FileSystemDirectoryHandle | null;
  /** A whole sentence when the kind had to be changed; else empty. */
  readonly notice: string;
}

/** The browser services that are used, replaceable in tests. */
export interface DestinationServices {
  readonly folders: boolean;
  readonly saveFiles: boolean;
  pickFolder(): Promise<Picked<FileSystemDirectoryHandle>>;
  pickSaveFile(name: string, meta: FileKind): Promise<Picked<FileSystemFileHandle>>;
  ensureWritable(handle: FileSystemDirectoryHandle): Promise<boolean>;
  /** Names in the private storage; rejects where there is none. */
  privateNames(): Promise<ReadonlySet<string>>;
  /** Makes a name there this page's own; false when another page has it. */
  reserveName(name: string): Promise<boolean>;
}

export const browserServices = (): DestinationServices => ({
  folders: canPickFolder(),
  saveFiles: canPickSaveFile(),
  pickFolder,
  pickSaveFile,
  ensureWritable,
  privateNames: () => privateOutputs.names(),
  reserveName: (name) => privateOutputs.reserve(name),
});

/**
 * Turns a path below the destination into a target, and makes the folders on the way. Null when a file of that name is there and
 * is to be left alone.
 */
export type TargetFor = (path: OutputPath, existing: ExistingChoice) => Promise<OutputTarget | null>;

/**
 * Originals up to this many bytes in all are held in memory while a save picker is open, because that picker empties an
 * existing file at the moment it is chosen: if the choice falls on an original, it is put back.
 */
const RESCUE_BYTES = 256e6;

interface Rescue {
  readonly picture: Picture;
  readonly copy: Blob | null;
  /** Whether the original could be read before the picker opened. */
  readonly readable: boolean;
}

async function isReadable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

async function copyOriginals(pictures: readonly Picture[]): Promise<readonly Rescue[]> {
  let left = RESCUE_BYTES;
  const rescues: Rescue[] = [];
  for (const picture of pictures) {
    const { file } = picture;
    const readable = await isReadable(file);
    const fits = readable && file.size <= left;
    if (fits) left -= file.size;
    rescues.push({ picture, readable, copy: fits ? new Blob([await file.arrayBuffer()]) : null });
  }
  return rescues;
}

/** The original that a chosen file is, or null. Files given without a handle betray themselves by having become unreadable. */
async function originalBehind(chosen: FileSystemFileHandle, rescues: readonly Rescue[]): Promise<Rescue | null> {
  for (const rescue of rescues) {
    const { handle, file, name } = rescue.picture;
    const emptied = async (): Promise<boolean> => rescue.readable && name === chosen.name && !(await isReadable(file));
    if (handle === null ? await emptied() : await handle.isSameEntry(chosen)) return rescue;
  }
  return null;
}

async function writeBack(chosen: FileSystemFileHandle, { copy }: Rescue): Promise<void> {
  if (copy === null) return;
  const writable = await chosen.createWritable();
  await writable.write(copy);
  await writable.close();
}

function originalChosen({ picture, copy }: Rescue): AppError {
  return new AppError('bad-options', msg(str`“${picture.name}” is an original, which is never written to.`), {
    remedy:
      copy === null
        ? msg('The browser emptied it when it was chosen: restore it from a copy, and choose a new name.')
        : msg('It has been put back as it was. Choose a new name.'),
    values: { name: picture.name },
  });
}

/** Knows where results go, and asks for it when a run starts. */
export class Destination extends Store<DestinationState> {
  readonly #services: DestinationServices;

  constructor(services: DestinationServices) {
    const offered: DestinationKind[] = [];
    if (services.folders) offered.push('folder');
    if (services.saveFiles) offered.push('file');
    offered.push('download');
    super({ kind: offered[0]!, offered, folder: null, notice: '' });
    this.#services = services;
  }

  /** Takes the choice of an earlier visit; the folder's permission is asked for when a run starts. */
  restore(kind: DestinationKind, folder: FileSystemDirectoryHandle | null): void {
    if (this.value.offered.includes(kind)) this.set({ ...this.value, kind, folder, notice: '' });
  }

  choose(kind: DestinationKind): void {
    if (this.value.offered.includes(kind)) this.set({ ...this.value, kind, notice: '' });
  }

  /** Asks for another folder. Needs a user gesture. */
  async changeFolder(): Promise<void> {
    const picked = await this.#services.pickFolder();
    if (picked.kind === 'chosen') this.set({ ...this.value, kind: 'folder', folder: picked.value, notice: '' });
  }

  /**
   * Asks whatever there is to ask before a run; needs a user gesture. Null when the person dismissed the question.
   * `originals` are all pictures on the list. Rejects with an AppError when one of them was chosen as the output;
   * `onRestored` gets the file as it is after it was put back, since the one read before is no longer valid.
   */
  async prepare(
    proposal: { readonly name: string; readonly meta: FileKind },
    originals: readonly Picture[],
    onRestored: (picture: Picture, file: File) => void,
  ): Promise<TargetFor | null> {
    switch (this.value.kind) {
      case 'folder':
        return this.#prepareFolder();
      case 'file':
        return this.#prepareFile(proposal, originals, onRestored);
      case 'download':
        return this.#prepareDownload();
      default:
        return this.value.kind satisfies never;
    }
  }

  async #prepareFolder(): Promise<TargetFor | null> {
    let folder = this.value.folder;
    if (folder === null || !(await this.#services.ensureWritable(folder))) {
      const picked = await this.#services.pickFolder();
      if (picked.kind === 'dismissed') return null;
      if (picked.kind === 'unavailable') return this.#withoutPicker();
      folder = picked.value;
      this.set({ ...this.value, folder });
    }
    const handle = folder;
    return async ({ folders, name }, existing) => {
      const inner = await folderAt(handle, folders);
      if (existing === 'skip' && (await isThere(inner, name))) return null;
      return { kind: 'folder', handle: inner, name };
    };
  }

  async #prepareFile(
    { name, meta }: { readonly name: string; readonly meta: FileKind },
    originals: readonly Picture[],
    onRestored: (picture: Picture, file: File) => void,
  ): Promise<TargetFor | null> {
    const rescues = await copyOriginals(originals);
    const picked = await this.#services.pickSaveFile(name, meta);
    if (picked.kind === 'dismissed') return null;
    if (picked.kind === 'unavailable') return this.#withoutPicker();
    const handle = picked.value;
    const original = await originalBehind(handle, rescues);
    if (original !== null) {
      await writeBack(handle, original);
      if (original.copy !== null) onRestored(original.picture, await handle.getFile());
      throw originalChosen(original);
    }
    const created = (await handle.getFile()).size === 0;
    return () => Promise.resolve({ kind: 'file', handle, created });
  }

  #withoutPicker(): Promise<TargetFor> {
    const notice = msg('The browser shows no picker here, so the result is kept for you to download.');
    this.set({ ...this.value, kind: 'download', notice });
    return this.#prepareDownload();
  }

  async #prepareDownload(): Promise<TargetFor> {
    const found = await this.#services.privateNames().catch(() => null);
    const taken = new Set(found);
    return async ({ name }) => {
      for (;;) {
        const free = freeName(name, taken);
        taken.add(free);
        if (found === null) return { kind: 'memory', name: free };
        if (await this.#services.reserveName(free)) return { kind: 'opfs', name: free };
      }
    };
  }
}
