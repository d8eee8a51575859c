import {
  readStageHead,
  readStageRecord,
  RECORD_BYTES,
  STAGE_PREFIX_BYTES,
  STAGE_SUM_BYTES,
  stageHeadLength,
} from '../core/stage-log.ts';

/** The folder of the private storage with the finished bands of jobs that are not finished. */
export const STAGE_FOLDER = 'stages';

/** The Web Lock that a job holds as long as it writes a stage: without it nobody does. */
export const stageLock = (id: string): string => `pro-upscaler.stage.${id}`;

const openFolder = async (): Promise<FileSystemDirectoryHandle> =>
  (await navigator.storage.getDirectory()).getDirectoryHandle(STAGE_FOLDER, { create: true });

/** Stages of jobs, seen from the page; the workers write them. Where there is no private storage, there are none. */
export interface StageStorage {
  /** The share 0..1 of a job that is kept, by its bands; null when nothing of it is. */
  progress(id: string): Promise<number | null>;
  /** Deletes a stage that no job writes at present. */
  remove(id: string): Promise<void>;
  /** Deletes all stages but these, and but those that a living tab writes. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}

const bytesOf = async (file: Blob, at: number, length: number): Promise<Uint8Array> =>
  new Uint8Array(await file.slice(at, at + length).arrayBuffer());

/** By the records alone; what they stand for is checked when the job goes on. */
async function progressOf(file: Blob): Promise<number | null> {
  const length = stageHeadLength(await bytesOf(file, 0, STAGE_PREFIX_BYTES));
  if (length === null) return null;
  let at = STAGE_PREFIX_BYTES + length + STAGE_SUM_BYTES;
  const head = readStageHead(
    await bytesOf(file, STAGE_PREFIX_BYTES, length),
    await bytesOf(file, at - STAGE_SUM_BYTES, STAGE_SUM_BYTES),
  );
  if (head === null) return null;
  let count = 0;
  for (; count < head.bands; count++) {
    const record = readStageRecord(await bytesOf(file, at, RECORD_BYTES));
    if (record === null || record.index !== count) break;
    at += RECORD_BYTES + record.length;
    if (at > file.size) break;
  }
  return count === 0 ? null : count / head.bands;
}

async function removeUnlessHeld(folder: FileSystemDirectoryHandle, id: string): Promise<void> {
  await navigator.locks.request(stageLock(id), { ifAvailable: true }, async (lock) => {
    if (lock !== null) await folder.removeEntry(id).catch(() => undefined);
  });
}

export const stageStorage: StageStorage = {
  async progress(id) {
    try {
      return await progressOf(await (await (await openFolder()).getFileHandle(id)).getFile());
    } catch {
      return null;
    }
  },

  async remove(id) {
    await openFolder()
      .then((folder) => removeUnlessHeld(folder, id))
      .catch(() => undefined);
  },

  async sweep(keep) {
    try {
      const folder = await openFolder();
      for await (const id of folder.keys()) if (!keep.has(id)) await removeUnlessHeld(folder, id);
    } catch {
      // Private storage that the browser forbids has nothing to sweep.
    }
  },
};
