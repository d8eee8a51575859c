import { AppError } from '../core/errors.ts';
import type { ResultPlace } from './picture.ts';

/** The finished file, wherever it lies. Rejects with an AppError `read-failed` when it is gone. */
export async function resultFile(place: ResultPlace): Promise<Blob> {
  try {
    switch (place.kind) {
      case 'folder':
        return await (await place.handle.getFileHandle(place.name)).getFile();
      case 'file':
        return await place.handle.getFile();
      case 'blob':
        return place.blob;
      default:
        return place satisfies never;
    }
  } catch (cause) {
    const name = place.kind === 'file' ? place.handle.name : place.name;
    throw new AppError('read-failed', `“${name}” cannot be read any more.`, {
      remedy: 'It was moved, renamed or deleted, or the permission for it has ended.',
      values: { name },
      cause,
    });
  }
}
