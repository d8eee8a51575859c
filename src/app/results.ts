import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import { findFolder } from './output-folders.ts';
import type { ResultPlace } from './picture.ts';

/** The finished file's name in its folder. */
export const placeName = (place: ResultPlace): string => (place.kind === 'file' ? place.handle.name : place.name);

/** The finished file, wherever it lies. Rejects with an AppError `read-failed` when it is gone. */
export async function resultFile(place: ResultPlace): Promise<Blob> {
  try {
    switch (place.kind) {
      case 'folder': {
        const folder = await findFolder(place.handle, place.folders);
        if (folder === null) throw new DOMException('the folder is gone', 'NotFoundError');
        return await (await folder.getFileHandle(place.name)).getFile();
      }
      case 'file':
        return await place.handle.getFile();
      case 'blob':
        return place.blob;
      default:
        return place satisfies never;
    }
  } catch (cause) {
    const name = placeName(place);
    throw new AppError('read-failed', msg(str`“${name}” cannot be read any more.`), {
      remedy: msg('It was moved, renamed or deleted, or the permission for it has ended.'),
      values: { name },
      cause,
    });
  }
}
