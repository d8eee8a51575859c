/** Resamples and encodes bands with the SIMD kernels. Its pixels never leave it, except for previews. */
import { expose, transfer } from 'comlink';
import type { BandCoder, BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { SourceRows } from '../core/source.ts';
import { codeBand, createCoder, SimdBands } from '../pipeline/simd-bands.ts';
import { Kernels } from '../wasm/kernels.ts';
import type { BandWorkerApi } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

/** Memory of an instance never shrinks: one that has grown beyond this is not kept for the next job. */
const MOST_KEPT_BYTES = 64 << 20;

const notOpened = (): AppError => new AppError('internal', 'the band worker was used before it was opened');

class BandWorker implements BandWorkerApi {
  #kernels: Promise<Kernels> | null = null;
  #bands: SimdBands | null = null;
  #coder: BandCoder | null = null;

  async open(module: WebAssembly.Module, job: EngineJob): Promise<void> {
    this.#bands = await SimdBands.open(await this.#ready(module), job);
  }

  async openCoder(module: WebAssembly.Module, picture: PictureShape, encoding: BandEncoding): Promise<void> {
    this.#coder = createCoder(await this.#ready(module), picture, encoding);
  }

  async close(): Promise<void> {
    this.#leave();
    const kernels = await this.#kernels;
    if (kernels !== null && kernels.exports.memory.buffer.byteLength > MOST_KEPT_BYTES) this.#kernels = null;
  }

  async segment(place: BandPlace, sent: SourceRows | null, memory: ArrayBuffer | null): Promise<Segment> {
    const segment = await this.#opened().segment(place, sent, memory);
    return transfer(segment, [segment.bytes.buffer]);
  }

  async pixels(rect: Rect, sent: SourceRows | null): Promise<Uint8Array<ArrayBuffer>> {
    const rows = await this.#opened().pixels(rect, sent);
    return transfer(rows, [rows.buffer]);
  }

  encode(rows: Uint8Array, place: BandPlace, memory: ArrayBuffer | null): Promise<Segment> {
    if (this.#coder === null) throw notOpened();
    const segment = codeBand(this.#coder, rows, place, memory);
    return Promise.resolve(transfer(segment, [segment.bytes.buffer]));
  }

  /** The kernels, with nothing of the job before. */
  #ready(module: WebAssembly.Module): Promise<Kernels> {
    this.#leave();
    return (this.#kernels ??= Kernels.instantiate(module));
  }

  #leave(): void {
    this.#bands?.close();
    this.#bands = null;
    this.#coder = null;
  }

  #opened(): SimdBands {
    if (this.#bands === null) throw notOpened();
    return this.#bands;
  }
}

installErrorTransfer();
expose(new BandWorker());
