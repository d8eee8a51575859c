import { AppError } from '../../core/errors.ts';
import { say, str } from '../../core/text.ts';

/** What libvips wrote about a failure, on one line; its exceptions are WebAssembly ones, whose message is a pair. */
export function vipsReason(error: unknown): string {
  const message: unknown = (error as { message?: unknown } | null)?.message;
  const text = Array.isArray(message) ? String(message.at(-1)) : typeof message === 'string' ? message : String(error);
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^unable to (call|load|write)|bad seek to/.test(line));
  // What loaders survived stays in the library's log until an exception empties it: the end is what counts.
  return [...new Set(lines)].slice(-2).join('; ') || text.trim();
}

const MEMORY = /out of memory|insufficient memory|memory allocation|cannot enlarge memory|malloc/i;
const UNSUPPORTED = /unsupported|not supported|not implemented|samples out of range|not a recognised/i;

/** A failure of libvips while reading a file, as the error to show; AppErrors pass through. */
export function decodeError(error: unknown, name: string): AppError {
  if (error instanceof AppError) return error;
  const reason = vipsReason(error);
  const detail = { values: { file: name, reason }, cause: error };
  if (error instanceof RangeError || MEMORY.test(reason)) {
    return new AppError(
      'too-large-input',
      say(str`${name} needs more memory than the decoder has (2 GiB): ${reason}.`),
      {
        ...detail,
        remedy: say('Save it as PNG or TIFF first: those are read in strips.'),
      },
    );
  }
  if (UNSUPPORTED.test(reason)) {
    return new AppError('unsupported-input', say(str`${name} uses a variant that is not read here: ${reason}.`), {
      ...detail,
      remedy: say('Convert it to PNG or to a TIFF of 8 or 16 bits.'),
    });
  }
  return new AppError('bad-input', say(str`${name} is damaged or cut short: ${reason}.`), {
    ...detail,
    remedy: say('Check that the file was copied or downloaded completely, or open another one.'),
  });
}
