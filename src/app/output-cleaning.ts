import type { JournalTarget } from '../cache/schema.ts';
import { UNFINISHED } from '../core/exports.ts';
import { findFolder, isThere } from './output-folders.ts';
import type { PrivateOutputs } from './private-outputs.ts';

/** What Chromium calls the file that a write goes to until it is complete; left behind when the power goes. */
const SWAP_ENDING = '.crswap';

async function mayWrite(handle: FileSystemHandle): Promise<boolean> {
  // Handles of the private storage, and browsers without permissions for handles, have no such method.
  const { queryPermission } = handle as { queryPermission?: FileSystemHandle['queryPermission'] };
  return queryPermission === undefined || (await handle.queryPermission({ mode: 'readwrite' })) === 'granted';
}

/**
 * Takes away what a job has left that the page did not see the end of: the empty file that it made, and what the browser wrote beside
 * it; or the folder of files that it marked as incomplete. A file with content, and a folder without the mark, are somebody's, and stay. False where the browser wants to be asked first: then nothing was done. Never rejects.
 */
export async function clearUp(target: JournalTarget, outputs: PrivateOutputs): Promise<boolean> {
  try {
    switch (target.kind) {
      case 'folder': {
        if (!(await mayWrite(target.handle))) return false;
        if (!target.made) return true;
        const set = await findFolder(target.handle, [target.name]);
        if (set !== null) {
          // One without the mark is complete, or empty, and only an empty one goes by this.
          const recursive = await isThere(set, UNFINISHED);
          await target.handle.removeEntry(target.name, { recursive });
          return true;
        }
        await target.handle.removeEntry(target.name + SWAP_ENDING).catch(() => undefined);
        const file = await (await target.handle.getFileHandle(target.name)).getFile();
        if (file.size === 0) await target.handle.removeEntry(target.name);
        return true;
      }
      case 'file': {
        if (!target.made) return true;
        if (!(await mayWrite(target.handle))) return false;
        if ((await target.handle.getFile()).size === 0) {
          await (target.handle as FileSystemFileHandle & { remove?: () => Promise<void> }).remove?.();
        }
        return true;
      }
      case 'private':
        await outputs.removePart(target.name);
        return true;
      case 'memory':
        return true;
      default:
        // A later version may know more kinds.
        target satisfies never;
        return true;
    }
  } catch {
    // It is gone already, or may not be touched: then it stays.
    return true;
  }
}
