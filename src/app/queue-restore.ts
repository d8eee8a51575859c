import { msg, str } from '@lit/localize';
import { LARGEST_COPY_BYTES, type InputCopies } from '../cache/input-copies.ts';
import type { SavedQueue } from '../cache/queue-storage.ts';
import type { QueueRecord, StoredPlace, StoredResult, StoredState } from '../cache/schema.ts';
import { OUTPUT_FOLDER } from '../pipeline/sinks/output-folder.ts';
import { findFolder } from './output-folders.ts';
import { heldResult, type Picture, type PictureState, type Problem, type ResultPlace } from './picture.ts';
import { readSettings } from './settings.ts';

/** A picture of an earlier visit, and how it stood. */
export interface Restored {
  readonly picture: Picture;
  /** What it becomes when its file can be read again. */
  readonly then: PictureState;
  /** It was waiting or being worked on in a run. */
  readonly queued: boolean;
}

/** Files of handles, where no permission is asked for; null stands for one that must be asked for. */
export async function fileWithoutAsking(handle: FileSystemFileHandle): Promise<File | null> {
  // Handles of the private storage, and browsers without permissions for handles, have no such method.
  const { queryPermission } = handle as { queryPermission?: FileSystemHandle['queryPermission'] };
  if (queryPermission !== undefined && (await handle.queryPermission({ mode: 'read' })) !== 'granted') return null;
  return handle.getFile();
}

async function resultOf(place: StoredPlace): Promise<ResultPlace | null> {
  if (place.kind !== 'private') return place;
  try {
    const folder = await findFolder(await navigator.storage.getDirectory(), [OUTPUT_FOLDER]);
    const blob = await (await folder!.getFileHandle(place.stored)).getFile();
    return { kind: 'blob', blob, folders: place.folders, name: place.name, stored: place.stored };
  } catch {
    return null;
  }
}

async function doneWith({ receipt, place: stored, saved }: StoredResult): Promise<PictureState> {
  const place = await resultOf(stored);
  return place === null ? { kind: 'ready' } : { kind: 'done', receipt, place, ...(saved === true && { saved }) };
}

async function stateOf(state: StoredState): Promise<PictureState> {
  switch (state.kind) {
    case 'done':
      return doneWith(state);
    case 'queued':
      return state.earlier === undefined ? { kind: 'ready' } : doneWith(state.earlier);
    case 'ready':
    case 'cancelled':
    case 'skipped':
    case 'failed':
      return state;
    default:
      // A later version may know more states.
      state satisfies never;
      return { kind: 'ready' };
  }
}

/** Why there is no copy of a picture without a handle. */
const unkept = (bytes: number): string =>
  bytes > LARGEST_COPY_BYTES
    ? msg('It was too large to be kept over a reload of the page: add it again.')
    : msg('The page was closed before it was kept, or there was no room to keep it: add it again.');

const gone = ({ name, bytes, handle }: QueueRecord): Problem =>
  handle !== null
    ? {
        message: msg(str`“${name}” is not where it was.`),
        remedy: msg('It was moved, renamed or deleted: add it again.'),
      }
    : {
        message: msg(str`“${name}” has to be opened again.`),
        remedy: unkept(bytes),
      };

async function restoreOne(record: QueueRecord, copies: InputCopies): Promise<Restored> {
  const { id, name, bytes, handle, root, folders, copy } = record;
  const then = await stateOf(record.state);
  const picture: Picture = {
    ...{ id, name, bytes, handle, root, folders, copy },
    file: new File([], name),
    settings: readSettings(record.settings),
    ...{ info: null, size: null, profile: null },
    state: { kind: 'reading' },
  };
  const restored = { then, queued: record.state.kind === 'queued' };
  try {
    const file =
      copy !== null ? await copies.open(copy, name) : handle === null ? null : await fileWithoutAsking(handle);
    if (file !== null) return { ...restored, picture: { ...picture, file, bytes: file.size } };
    if (copy === null && handle !== null) return { ...restored, picture: { ...picture, state: { kind: 'locked' } } };
  } catch {
    // Moved, renamed or deleted: said below.
  }
  const problem = gone(record);
  // A result that only the browser holds is not lost with the picture that it was made of.
  const held = heldResult(then);
  const state: PictureState = held === undefined ? { kind: 'failed', problem } : { ...held, again: problem };
  return { ...restored, queued: false, picture: { ...picture, state } };
}

/** Pictures of an earlier visit in their order. Those whose records cannot be made sense of are left out. */
export async function restorePictures(saved: SavedQueue, copies: InputCopies): Promise<readonly Restored[]> {
  const place = new Map(saved.session?.order.map((id, index) => [id, index]));
  const restored: Restored[] = [];
  for (const record of saved.records) {
    try {
      restored.push(await restoreOne(record, copies));
    } catch {
      // Told by who asks for them.
    }
  }
  const at = ({ picture }: Restored): number => place.get(picture.id) ?? saved.records.length + picture.id;
  return restored.sort((a, b) => at(a) - at(b));
}
