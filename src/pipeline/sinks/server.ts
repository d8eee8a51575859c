import type { Patch } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';

/** Bytes in one request: large enough that its cost does not count, small enough to be one buffer. */
const PIECE_BYTES = 4 << 20;

function joined(chunks: readonly Uint8Array<ArrayBuffer>[], bytes: number): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

/**
 * Sends the file to the command line's local server, piece by piece; each waits for the one before, so that the server's disk
 * sets the pace.
 */
export class ServerSink implements Sink {
  readonly #url: string;
  readonly #name: string;
  #gathered: Uint8Array<ArrayBuffer>[] = [];
  #gatheredBytes = 0;
  #position = 0;
  #sending: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(url: string, name: string) {
    this.#url = url;
    this.#name = name;
  }

  async write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    for (const chunk of chunks) {
      this.#gathered.push(chunk);
      this.#gatheredBytes += chunk.length;
    }
    if (this.#gatheredBytes >= PIECE_BYTES) await this.#flush();
  }

  async patch(patches: readonly Patch[]): Promise<void> {
    await this.#flush();
    await this.#sending;
    for (const { position, bytes } of patches) await this.#put(position, bytes);
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#sending;
    await this.#request(this.#url, { method: 'POST' });
    this.#ended = true;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#gathered = [];
    await this.#sending.catch(() => undefined);
    await fetch(this.#url, { method: 'DELETE' }).catch(() => undefined);
  }

  /** Hands over what is gathered; one piece is on its way while the next is gathered. */
  async #flush(): Promise<void> {
    if (this.#gatheredBytes === 0) return;
    // One array, not a Blob: the browser copies a Blob's parts into its own process once more.
    const body = joined(this.#gathered, this.#gatheredBytes);
    const position = this.#position;
    this.#position += this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#sending;
    this.#sending = this.#put(position, body);
    // Heard at the next flush; without this an early failure would count as unhandled.
    this.#sending.catch(() => undefined);
  }

  #put(position: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#request(`${this.#url}?position=${position}`, { method: 'PUT', body });
  }

  async #request(url: string, init: RequestInit): Promise<void> {
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw new AppError('write-failed', `Writing ${this.#name} failed: the server is gone.`, { cause });
    });
    if (response.ok) return;
    const reason = await response.text().catch(() => response.statusText);
    throw new AppError(
      response.status === 507 ? 'no-quota' : 'write-failed',
      `Writing ${this.#name} failed: ${reason}`,
      {
        remedy: 'Check that the disk has room and that the folder can be written to.',
        values: { name: this.#name, status: response.status },
      },
    );
  }
}
