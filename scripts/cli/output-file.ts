/** The file that the browser's pieces are written to, and the server route that takes them. */
import { randomBytes } from 'node:crypto';
import { unlinkSync } from 'node:fs';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../src/core/errors.ts';
import { answer, type Route } from './server.ts';

const hasCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException | null)?.code === code;

/** What to say when the disk refuses. */
export function writeError(path: string, cause: unknown): AppError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (hasCode(cause, 'ENOSPC') || hasCode(cause, 'EDQUOT')) {
    const remedy = 'Free some space, or write to another disk.';
    return new AppError('no-quota', `The disk is full: ${path} could not be written.`, { remedy, cause });
  }
  if (hasCode(cause, 'ENOENT')) {
    const remedy = 'Make the folder first, or name another one.';
    return new AppError('write-failed', `The folder ${dirname(path)} does not exist.`, { remedy, cause });
  }
  if (hasCode(cause, 'ENOTDIR')) {
    const remedy = 'Name another folder.';
    return new AppError('write-failed', `${path} cannot be made: a part of its path is a file and no folder.`, {
      remedy,
      cause,
    });
  }
  if (hasCode(cause, 'EACCES') || hasCode(cause, 'EPERM') || hasCode(cause, 'EROFS')) {
    const remedy = 'Check the permissions of the folder, or write somewhere else.';
    return new AppError('write-failed', `${path} may not be written.`, { remedy, cause });
  }
  if (hasCode(cause, 'ENAMETOOLONG')) {
    const remedy = 'Choose a shorter name with --out.';
    return new AppError('write-failed', `The name ${path} is too long for this disk.`, { remedy, cause });
  }
  const remedy = 'Check the permissions, or write somewhere else.';
  return new AppError('write-failed', `${path} could not be written: ${message}.`, { remedy, cause });
}

/** A file that grows under the name `PATH.part` and gets its own name when it is complete. */
export class OutputFile {
  readonly path: string;
  readonly #part: string;
  readonly #handle: FileHandle;
  #end = 0;
  #state: 'open' | 'committed' | 'aborted' = 'open';
  #failure: AppError | null = null;

  private constructor(path: string, part: string, handle: FileHandle) {
    this.path = path;
    this.#part = part;
    this.#handle = handle;
  }

  /** Rejects with an AppError `write-failed` when PATH or PATH.part is there and `force` is not set. */
  static async create(path: string, force: boolean): Promise<OutputFile> {
    const part = `${path}.part`;
    const present = await stat(path).catch(() => null);
    if (present?.isDirectory()) throw new AppError('write-failed', `${path} is a folder.`, { remedy: 'Name a file.' });
    if (present && !force) {
      throw new AppError('write-failed', `${path} is already there.`, {
        remedy: 'Name another file, or add --force to replace it.',
      });
    }
    try {
      return new OutputFile(path, part, await open(part, force ? 'w' : 'wx'));
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw writeError(path, cause);
      throw new AppError('write-failed', `${part} is already there: another run writes it, or one was killed.`, {
        remedy: 'Delete it, or add --force to replace it.',
        cause,
      });
    }
  }

  /** Bytes from the beginning to the furthest one written. */
  get bytes(): number {
    return this.#end;
  }

  get committed(): boolean {
    return this.#state === 'committed';
  }

  /** The first refusal of the disk, which says more than what came of it in the browser. */
  get failure(): AppError | null {
    return this.#failure;
  }

  /** Writes at a position up to the end so far: further on would leave a hole, which no file format wants. */
  async write(position: number, chunk: Uint8Array): Promise<void> {
    if (this.#state !== 'open') throw new AppError('write-failed', `${this.path} is closed.`);
    if (!Number.isSafeInteger(position) || position < 0 || position > this.#end) {
      throw new AppError(
        'write-failed',
        `A piece of ${this.path} came for ${position}, with ${this.#end} bytes there.`,
      );
    }
    try {
      for (let done = 0; done < chunk.byteLength;) {
        const left = chunk.byteLength - done;
        done += (await this.#handle.write(chunk, done, left, position + done)).bytesWritten;
      }
    } catch (cause) {
      this.#failure ??= writeError(this.path, cause);
      throw this.#failure;
    }
    this.#end = Math.max(this.#end, position + chunk.byteLength);
  }

  /** Gives the file its name. */
  async commit(): Promise<void> {
    if (this.#state !== 'open') throw new AppError('write-failed', `${this.path} is closed.`);
    try {
      await this.#handle.close();
      await rename(this.#part, this.path);
    } catch (cause) {
      throw (this.#failure ??= writeError(this.path, cause));
    }
    this.#state = 'committed';
  }

  /** Removes what was written; safe at any time and more than once, without effect after the commit. */
  async abort(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'aborted';
    await this.#handle.close().catch(() => undefined);
    await rm(this.#part, { force: true });
  }

  /** As `abort`, at once, for the moment when the process ends. */
  abortSync(): void {
    if (this.#state !== 'open') return;
    this.#state = 'aborted';
    try {
      unlinkSync(this.#part);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) console.error(`${this.#part} is left behind: ${String(error)}`);
    }
  }
}

/** The server's side of the target `server`: one file at a time has an address that cannot be guessed. */
export class OutputRoute {
  static readonly prefix = '/out/';
  #current: { readonly token: string; readonly file: OutputFile } | null = null;

  /** The path that the job is to send this file's pieces to. */
  offer(file: OutputFile): string {
    const token = randomBytes(16).toString('hex');
    this.#current = { token, file };
    return OutputRoute.prefix + token;
  }

  /**
   * `PUT ?position=N` writes the body there, `POST` commits, `DELETE` aborts. A refusal's status is 409 for a wrong
   * call, 507 for a full disk and 500 for another write error; its body is the message.
   */
  readonly handle: Route = async (request, response, url) => {
    const current = this.#current;
    if (current === null || url.pathname !== OutputRoute.prefix + current.token) {
      return answer(response, 404, 'No file is expected here.');
    }
    const { file } = current;
    try {
      switch (request.method) {
        case 'PUT': {
          let position = Number(url.searchParams.get('position') ?? Number.NaN);
          // Not destroyed by an error in the loop: the answer needs its connection.
          for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
            await file.write(position, chunk);
            position += chunk.byteLength;
          }
          return answer(response, 200);
        }
        case 'POST':
          await file.commit();
          return answer(response, 200);
        case 'DELETE':
          await file.abort();
          return answer(response, 200);
        default:
          return answer(response, 405, 'PUT, POST or DELETE.');
      }
    } catch (error) {
      // The rest of a refused body is let go, so that the answer reaches a sender that is still sending.
      request.resume();
      const status = file.failure === null ? 409 : file.failure.code === 'no-quota' ? 507 : 500;
      answer(response, status, error instanceof Error ? error.message : String(error));
    }
  };
}
