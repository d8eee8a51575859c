import type { Patch } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import type { Sink } from '../../core/sink.ts';
import { Gatherer } from './gatherer.ts';

/** Bytes in one request: large enough that its cost hardly counts; some of them wait for the garbage collector. */
const PIECE_BYTES = 1 << 20;

/** How much is told to the collector for each byte sent: it comes every 64 MiB or so, and then four pieces wait for it. */
const TOLD_PER_BYTE = 16;

/**
 * Sends the file to the command line's local server, piece by piece; each waits for the one before, so that the server's disk
 * sets the pace.
 */
export class ServerSink implements Sink {
  readonly #url: string;
  readonly #name: string;
  readonly #gatherer = new Gatherer(PIECE_BYTES, (piece) => this.#flush(piece));
  readonly #http = new XMLHttpRequest();
  readonly #told: ArrayBuffer[] = [];
  #position = 0;
  #sending: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(url: string, name: string) {
    this.#url = url;
    this.#name = name;
  }

  write(chunks: readonly Uint8Array<ArrayBuffer>[]): Promise<void> {
    return this.#gatherer.add(chunks);
  }

  async patch(patches: readonly Patch[]): Promise<void> {
    await this.#gatherer.flush();
    await this.#sending;
    for (const { position, bytes } of patches) await this.#put(position, bytes);
  }

  async commit(): Promise<void> {
    await this.#gatherer.flush();
    await this.#sending;
    await this.#request('POST', this.#url);
    this.#ended = true;
  }

  async abort(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#sending.catch(() => undefined);
    await this.#request('DELETE', this.#url).catch(() => undefined);
  }

  /** Sends a piece, which the browser copies at once, once the one before has arrived: it is on its way while the next is gathered. */
  async #flush(piece: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#sending;
    const position = this.#position;
    this.#position += piece.length;
    // An array, not a Blob: the browser would copy that into its own process once more.
    this.#sending = this.#put(position, piece);
    // Heard at the next flush; without this an early failure would count as unhandled.
    this.#sending.catch(() => undefined);
  }

  #put(position: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    return this.#request('PUT', `${this.#url}?position=${position}`, body);
  }

  /**
   * The browser's copy of a body lives until the garbage collector takes the objects of its request, and the collector does not know how
   * large it is: 300 MB come together in a gigapixel. Memory that is never touched costs nothing and is counted.
   */
  #tellCollector(bytes: number): void {
    // In a field, as a bundler would leave out what nobody keeps.
    this.#told[0] = new ArrayBuffer(TOLD_PER_BYTE * bytes);
  }

  async #request(method: string, url: string, body: Uint8Array<ArrayBuffer> | null = null): Promise<void> {
    const request = this.#http;
    await new Promise<void>((resolve, reject) => {
      request.onload = () => resolve();
      request.onerror = () => reject(new AppError('write-failed', `Writing ${this.#name} failed: the server is gone.`));
      request.open(method, url);
      request.send(body);
      if (body !== null) this.#tellCollector(body.length);
    });
    const { status } = request;
    if (status >= 200 && status < 300) return;
    throw new AppError(
      status === 507 ? 'no-quota' : 'write-failed',
      `Writing ${this.#name} failed: ${request.responseText || request.statusText}`,
      {
        remedy: 'Check that the disk has room and that the folder can be written to.',
        values: { name: this.#name, status },
      },
    );
  }
}
