import { isAbort } from '../core/errors.ts';
import { INPUT_FILE_TYPES } from '../core/input-types.ts';

/** Whether the browser can hand out a folder to write into. */
export const canPickFolder = (): boolean => typeof window.showDirectoryPicker === 'function';

/** Whether the browser can ask for the name of a file to write. */
export const canPickSaveFile = (): boolean => typeof window.showSaveFilePicker === 'function';

/** Whether files can be opened with handles, so that an original can be told from an output. */
export const canPickOpenFiles = (): boolean => typeof window.showOpenFilePicker === 'function';

/** What a picker gave: a choice, a refusal by the person, or none because the browser does not show one here. */
export type Picked<T> =
  { readonly kind: 'chosen'; readonly value: T } | { readonly kind: 'dismissed' } | { readonly kind: 'unavailable' };

/** A kind of file, as a picker offers it. */
export interface FileKind {
  readonly label: string;
  readonly mime: string;
  /** Without the dot. */
  readonly extensions: readonly string[];
}

async function ask<T>(open: () => Promise<T>): Promise<Picked<T>> {
  try {
    return { kind: 'chosen', value: await open() };
  } catch (error) {
    // Anything but a dismissal (forbidden in a frame, by policy, or without a screen) means: go without a picker.
    return { kind: isAbort(error) ? 'dismissed' : 'unavailable' };
  }
}

/** Asks for a folder to write into. Needs a user gesture. */
export const pickFolder = (): Promise<Picked<FileSystemDirectoryHandle>> =>
  ask(() => window.showDirectoryPicker({ id: 'output', mode: 'readwrite', startIn: 'pictures' }));

/**
 * Asks for a file to write. Needs a user gesture. Creates the file, or empties the one chosen, at once
 * (https://github.com/WICG/file-system-access/issues/360).
 */
export const pickSaveFile = (suggestedName: string, type: FileKind): Promise<Picked<FileSystemFileHandle>> =>
  ask(() =>
    window.showSaveFilePicker({
      id: 'output-file',
      startIn: 'pictures',
      suggestedName,
      types: [
        {
          description: type.label,
          accept: { [type.mime as `${string}/${string}`]: type.extensions.map((e): `.${string}` => `.${e}`) },
        },
      ],
    }),
  );

/** Asks for pictures to read, a model, receipts or settings, with their handles; `description` names them to the person. Needs a user gesture. */
export const pickPictures = (description: string): Promise<Picked<FileSystemFileHandle[]>> =>
  ask(() =>
    window.showOpenFilePicker({
      id: 'input',
      startIn: 'pictures',
      multiple: true,
      types: [
        {
          description,
          accept: {
            'image/*': PICTURE_EXTENSIONS.map((e): `.${string}` => `.${e}`),
            'application/octet-stream': [`.${MODEL_EXTENSION}`],
            'application/json': ['.json'],
          },
        },
      ],
    }),
  );

/** Extensions of the pictures that are read; the content decides in the end. */
export const PICTURE_EXTENSIONS: readonly string[] = Object.values(INPUT_FILE_TYPES).flat();

/** Extension of the models that are taken wherever pictures are. */
export const MODEL_EXTENSION = 'onnx';

/** Asks for a folder of pictures to read. Needs a user gesture. */
export const pickInputFolder = (): Promise<Picked<FileSystemDirectoryHandle>> =>
  ask(() => window.showDirectoryPicker({ id: 'input-folder', mode: 'read', startIn: 'pictures' }));

/** Whether a handle may be read, asking the person if need be. Needs a user gesture to ask. */
export async function ensureReadable(handle: FileSystemHandle): Promise<boolean> {
  if (typeof handle.queryPermission !== 'function') return true;
  if ((await handle.queryPermission({ mode: 'read' })) === 'granted') return true;
  return (await handle.requestPermission({ mode: 'read' })) === 'granted';
}

/** Whether a handle may be written to, asking the person if need be. Needs a user gesture to ask. */
export async function ensureWritable(handle: FileSystemDirectoryHandle): Promise<boolean> {
  // Handles of the origin's private file system, and browsers without permissions for handles, have no such method.
  if (typeof handle.queryPermission !== 'function') return true;
  if ((await handle.queryPermission({ mode: 'readwrite' })) === 'granted') return true;
  return (await handle.requestPermission({ mode: 'readwrite' })) === 'granted';
}
