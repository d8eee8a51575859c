import { AppError, type ErrorCode } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';
import { say, str } from '../core/text.ts';

const INPUT_FAULTS: readonly ErrorCode[] = ['bad-input', 'unsupported-input', 'too-large-input', 'read-failed'];

/** What engines say when an array or a WebAssembly memory cannot be had, in Chromium, Firefox and Safari. */
const NO_MEMORY = /alloc|out of memory|array (buffer )?length/i;

/** A buffer that could not be had is an error of the machine and not of ours, and there is something to do about it. */
export function withRemedy(error: unknown): unknown {
  if (!(error instanceof RangeError) || !NO_MEMORY.test(error.message)) return error;
  return new AppError('no-memory', say(str`The browser has no memory left for this job: ${error.message}.`), {
    remedy: say('Close other tabs and try again, or choose a smaller size.'),
    cause: error,
  });
}

/** Decoders see bytes, not names: their errors get the name of the file here. */
export function withFileName(error: unknown, name: string): unknown {
  if (!(error instanceof AppError) || !INPUT_FAULTS.includes(error.code) || error.message.includes(name)) return error;
  const { code, texts, remedy, values, cause } = error;
  return new AppError(code, say(str`${name}: ${texts.message ?? error.message}`), {
    remedy: texts.remedy ?? remedy,
    values: { ...values, name },
    cause,
  });
}

/** The decoder must deliver what the header promised: every plan and buffer is made for that. */
export function checkShape(reader: RowReader, info: SourceInfo): void {
  const { width, height, channels, depth } = info;
  const same =
    reader.width === width && reader.height === height && reader.channels === channels && reader.depth === depth;
  if (same) return;
  const got = `${reader.width} x ${reader.height}, ${reader.channels} x ${reader.depth} bit`;
  const promised = `${width} x ${height}, ${channels} x ${depth} bit`;
  throw new AppError('bad-input', say(str`The decoder found ${got} where the file's header says ${promised}.`), {
    remedy: say('Open the file in another program and save it again.'),
  });
}
