import { STAGE_FOLDER, stageLock } from '../../cache/stage-storage.ts';
import { holdLock } from '../hold-lock.ts';
import type { StageFile } from './band-stage.ts';

/**
 * Opens, or makes, the file of a stage in OPFS, and keeps others from sweeping it away as long as it is open. Rejects where there is no
 * private storage, or another job has this stage. Workers only.
 */
export async function openStageFile(id: string): Promise<StageFile> {
  const release = await holdLock(stageLock(id));
  if (release === null) throw new Error('another job has this stage');
  try {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle(STAGE_FOLDER, { create: true });
    const handle = await folder.getFileHandle(id, { create: true });
    const access = await handle.createSyncAccessHandle();
    return {
      size: () => access.getSize(),
      read(at, length) {
        const bytes = new Uint8Array(Math.max(0, Math.min(length, access.getSize() - at)));
        const got = bytes.length === 0 ? 0 : access.read(bytes, { at });
        return got === bytes.length ? bytes : bytes.slice(0, got);
      },
      write(at, bytes) {
        const written = access.write(bytes as Uint8Array<ArrayBuffer>, { at });
        if (written !== bytes.length) throw new DOMException('the disk took only a part', 'QuotaExceededError');
      },
      truncate: (size) => access.truncate(size),
      flush: () => access.flush(),
      async remove() {
        access.close();
        await folder.removeEntry(id).catch(() => undefined);
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
