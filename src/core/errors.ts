import { inEnglish, type Text, type Words } from './text.ts';

/**
 * Why something could not be done. The code is for programs; the message names what was met, the limit and the remedy.
 *
 * - `bad-input`: the file is not what it claims to be, or is damaged.
 * - `unsupported-input`: a file we know but do not read.
 * - `too-large-input` / `too-large-output`: beyond a stated limit of a decoder or a format.
 * - `bad-options`: a setting that makes no sense for this picture.
 * - `no-memory` / `no-quota`: the job does not fit the machine.
 * - `write-failed` / `read-failed`: the disk, or the permission for a file.
 * - `engine-failed`: the engine computed nothing, or nonsense; another engine may do it.
 * - `worker-died`: a worker ended without an answer.
 */
export type ErrorCode =
  | 'bad-input'
  | 'unsupported-input'
  | 'too-large-input'
  | 'too-large-output'
  | 'bad-options'
  | 'no-memory'
  | 'no-quota'
  | 'write-failed'
  | 'read-failed'
  | 'engine-failed'
  | 'worker-died'
  | 'internal';

/** The facts behind an error: names, sizes and limits, as they would be put into a sentence. */
export type ErrorValues = Readonly<Record<string, string | number>>;

/** A refusal known before anything starts: data, not an exception. */
export interface Refusal {
  readonly code: ErrorCode;
  /** A whole sentence saying what was met and which limit it breaks. */
  readonly message: string;
  /** A whole sentence saying what to do instead; empty when there is nothing to do. */
  readonly remedy: string;
  readonly values: ErrorValues;
  /** What message and remedy were made of, for other languages; of what was not written for translation, null. */
  readonly texts?: ErrorTexts;
}

export interface ErrorTexts {
  readonly message: Text | null;
  readonly remedy: Text | null;
}

const partsOf = (text: Words): Text | null => (typeof text === 'string' ? null : text);

/** A refusal of texts. */
export const refusalOf = (code: ErrorCode, message: Words, remedy: Words, values: ErrorValues): Refusal => ({
  ...{ code, message: inEnglish(message), remedy: inEnglish(remedy), values },
  texts: { message: partsOf(message), remedy: partsOf(remedy) },
});

/** An error that tells the user what happened, with which values, and what to do. */
export class AppError extends Error implements Refusal {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly values: ErrorValues;
  readonly texts: ErrorTexts;

  constructor(code: ErrorCode, message: Words, detail: { remedy?: Words; values?: ErrorValues; cause?: unknown } = {}) {
    super(inEnglish(message), detail.cause === undefined ? undefined : { cause: detail.cause });
    const { remedy = '', values = {} } = detail;
    this.code = code;
    this.remedy = inEnglish(remedy);
    this.values = values;
    this.texts = { message: partsOf(message), remedy: partsOf(remedy) };
  }
}

/** What an error says, in parts where it has them; of anything else that was thrown, its words. */
export const wordsOf = (error: unknown): Words =>
  (error instanceof AppError ? error.texts.message : null) ?? (error instanceof Error ? error.message : String(error));

/** An error as plain data, for a crossing between threads or into JSON. */
export interface ErrorRecord extends Refusal {
  readonly name: string;
  readonly stack?: string;
}

/** Flattens any thrown value; an AbortError keeps its name so that callers can tell a cancel from a failure. */
export function toErrorRecord(error: unknown): ErrorRecord {
  const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {};
  if (error instanceof AppError) {
    const { name, code, message, remedy, values, texts } = error;
    return { name, code, message, remedy, values, texts, ...stack };
  }
  const message = error instanceof Error ? error.message : String(error);
  const name = error instanceof Error ? error.name : 'Error';
  return { name, code: 'internal', message, remedy: '', values: {}, ...stack };
}

/** The inverse of `toErrorRecord`: an AppError, or a DOMException for an abort. */
export function fromErrorRecord(record: ErrorRecord): Error {
  if (record.name === 'AbortError') return new DOMException(record.message, 'AbortError');
  const error = refusalError(record);
  if (record.stack !== undefined) error.stack = record.stack;
  return error;
}

/** A refusal as an exception, for callers that went past the check. */
export const refusalError = ({ code, message, remedy, values, texts }: Refusal): AppError =>
  new AppError(code, texts?.message ?? message, { remedy: texts?.remedy ?? remedy, values });

export const isAbort = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && (error as { name?: unknown }).name === 'AbortError';

/** Whether a part of the app itself could not be fetched: a connection may bring it. */
export const isPartMissing = (error: unknown): boolean =>
  error instanceof AppError && error.code === 'read-failed' && error.values['worker'] !== undefined;
