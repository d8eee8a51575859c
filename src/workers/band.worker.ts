/** Resamples and encodes bands with the SIMD kernels. Its pixels never leave it, except for previews. */
import { expose, transfer } from 'comlink';
import type { BandPlace, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import type { SourceRows } from '../core/source.ts';
import { SimdBands } from '../pipeline/simd-bands.ts';
import type { BandWorkerApi } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

class BandWorker implements BandWorkerApi {
  #bands: SimdBands | null = null;

  async open(module: WebAssembly.Module, job: EngineJob): Promise<void> {
    this.#bands = await SimdBands.open(module, job);
  }

  async segment(place: BandPlace, sent: SourceRows | null): Promise<Segment> {
    const segment = await this.#opened().segment(place, sent);
    return transfer(segment, [segment.bytes.buffer]);
  }

  async pixels(rect: Rect, sent: SourceRows | null): Promise<Uint8Array<ArrayBuffer>> {
    const rows = await this.#opened().pixels(rect, sent);
    return transfer(rows, [rows.buffer]);
  }

  encode(rows: Uint8Array, place: BandPlace): Promise<Segment> {
    const segment = this.#opened().encode(rows, place);
    return Promise.resolve(transfer(segment, [segment.bytes.buffer]));
  }

  #opened(): SimdBands {
    if (this.#bands === null) throw new AppError('internal', 'the band worker was used before it was opened');
    return this.#bands;
  }
}

installErrorTransfer();
expose(new BandWorker());
