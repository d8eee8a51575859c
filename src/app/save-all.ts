import { AppError } from '../core/errors.ts';
import { msg } from '@lit/localize';
import { OUTPUT_FOLDER } from '../pipeline/sinks/output-folder.ts';
import { canPickFolder, pickFolder } from '../platform/pickers.ts';
import { download } from '../platform/files.ts';
import { folderAt, isThere } from './output-folders.ts';
import { freeName } from './output-name.ts';
import type { Picture, ResultPlace } from './picture.ts';

type BlobPlace = Extract<ResultPlace, { kind: 'blob' }>;

/** A result that only the browser holds. */
export interface Unsaved {
  readonly picture: Picture;
  readonly place: BlobPlace;
}

/** The results that only the browser holds, with those that were handed to its downloads. */
const heldOf = (pictures: readonly Picture[]): readonly Unsaved[] =>
  pictures.flatMap((picture) =>
    picture.state.kind === 'done' && picture.state.place.kind === 'blob'
      ? [{ picture, place: picture.state.place }]
      : [],
  );

/** The results that wait to be saved. */
export const unsavedOf = (pictures: readonly Picture[]): readonly Unsaved[] =>
  heldOf(pictures).filter(({ picture: { state } }) => state.kind === 'done' && state.saved !== true);

/** What saving all saves: the results that wait for it; when none does, those that were saved, once more. */
export function savableOf(pictures: readonly Picture[]): readonly Unsaved[] {
  const unsaved = unsavedOf(pictures);
  return unsaved.length > 0 ? unsaved : heldOf(pictures);
}

/** Paths of results that do not meet: two of one name in a folder get numbers. */
export function pathsOf(results: readonly Unsaved[]): readonly string[] {
  const taken = new Map<string, Set<string>>();
  return results.map(({ place: { folders, name } }) => {
    const folder = folders.join('/');
    const names = taken.get(folder) ?? new Set();
    taken.set(folder, names);
    const free = freeName(name, names);
    names.add(free);
    return [...folders, free].join('/');
  });
}

/** Writes results into a folder under their names, in the folders that they belong in. Nothing there is overwritten. */
async function saveToFolder(
  root: FileSystemDirectoryHandle,
  results: readonly Unsaved[],
  onSaved: (result: Unsaved, place: ResultPlace) => void,
): Promise<void> {
  for (const result of results) {
    const { blob, folders, name } = result.place;
    const folder = await folderAt(root, folders);
    const taken = new Set<string>();
    while ((await isThere(folder, freeName(name, taken))) && taken.size < 10_000) taken.add(freeName(name, taken));
    const free = freeName(name, taken);
    const handle = await folder.getFileHandle(free, { create: true });
    try {
      await blob.stream().pipeTo(await handle.createWritable());
    } catch (cause) {
      await folder.removeEntry(free).catch(() => undefined);
      throw new AppError('write-failed', msg('A result could not be written into the folder.'), {
        remedy: msg('Check that the disk is still there and has room.'),
        values: { name: free },
        cause,
      });
    }
    onSaved(result, { kind: 'folder', handle: root, folders, name: free });
  }
}

/** A ZIP of results; it lies in the private storage where there is room for it, else in memory. */
async function zipOf(results: readonly Unsaved[], name: string): Promise<Blob> {
  const { makeZip } = await import('client-zip');
  const paths = pathsOf(results);
  const entries = results.map(({ place }, i) => ({
    name: paths[i]!,
    lastModified: new Date(),
    input: place.blob.stream(),
  }));
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(OUTPUT_FOLDER, { create: true });
    const handle = await folder.getFileHandle(name, { create: true });
    await makeZip(entries).pipeTo(await handle.createWritable());
    return await handle.getFile();
  } catch {
    const again = entries.map((entry, i) => ({ ...entry, input: results[i]!.place.blob.stream() }));
    return new Response(makeZip(again)).blob();
  }
}

/**
 * Saves results that only the browser holds: into a folder that the person names, or as one ZIP among the downloads where there is no
 * picker. Needs a user gesture. False when the person dismissed the question. Rejects with an AppError when a write fails.
 */
export async function saveAll(
  results: readonly Unsaved[],
  onSaved: (result: Unsaved, place: ResultPlace) => void,
): Promise<boolean> {
  if (results.length === 0) return true;
  if (canPickFolder()) {
    const picked = await pickFolder();
    if (picked.kind === 'dismissed') return false;
    if (picked.kind === 'chosen') {
      await saveToFolder(picked.value, results, onSaved);
      return true;
    }
  }
  const name = 'pro-upscaler.zip';
  download(await zipOf(results, name), name);
  return true;
}
