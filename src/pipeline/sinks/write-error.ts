import { AppError } from '../../core/errors.ts';
import { say, str } from '../../core/text.ts';

/** What a failed write means to the user: no room, no permission, or a fault of the disk. */
export function writeError(name: string, error: unknown): AppError {
  if (error instanceof AppError) return error;
  const kind = error instanceof Error ? error.name : '';
  const cause = error instanceof Error ? error.message : String(error);
  if (kind === 'QuotaExceededError') {
    return new AppError('no-quota', say(str`There is no room left to write ${name}.`), {
      remedy: say('Free some disk space, or choose a smaller size or a more compact format, and start again.'),
      values: { name, cause },
      cause: error,
    });
  }
  if (kind === 'NotAllowedError' || kind === 'NoModificationAllowedError') {
    return new AppError('write-failed', say(str`Writing ${name} was not allowed.`), {
      remedy: say('Allow the page to change files there, or save to another folder.'),
      values: { name, cause },
      cause: error,
    });
  }
  return new AppError('write-failed', say(str`Writing ${name} failed: ${cause}`), {
    remedy: say('Check that the disk is still there and has room, then start again.'),
    values: { name, cause },
    cause: error,
  });
}
