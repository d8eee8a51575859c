/** Resamples and encodes bands with the SIMD kernels. Its pixels never leave it, except for previews. */
import { expose, transfer } from 'comlink';
import type { BandCoder, BandEncoding, BandPlace, PictureShape, Segment } from '../core/encoding.ts';
import type { EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect } from '../core/geometry.ts';
import { windowOfRows, type SourceRows } from '../core/source.ts';
import { applyAfterHook, hookedWindow, loadHooks, type LoadedHooks } from '../pipeline/hooks.ts';
import { createJpegCoder } from '../wasm/jpeg.ts';
import { Kernels } from '../wasm/kernels.ts';
import { createPngCoder } from '../wasm/png.ts';
import { WasmResampler } from '../wasm/resample.ts';
import { createTiffCoder } from '../wasm/tiff.ts';
import type { BandWorkerApi } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

interface OpenJob {
  readonly job: EngineJob;
  readonly hooks: LoadedHooks;
  readonly resampler: WasmResampler;
  readonly coder: BandCoder | null;
}

function createCoder(kernels: Kernels, shape: PictureShape, encoding: BandEncoding): BandCoder {
  switch (encoding.kind) {
    case 'png':
      return createPngCoder(kernels, shape, encoding.level);
    case 'jpeg':
      return createJpegCoder(kernels, shape, encoding);
    case 'tiff':
      return createTiffCoder(kernels, shape, encoding.level);
    default:
      return encoding satisfies never;
  }
}

class BandWorker implements BandWorkerApi {
  #open: OpenJob | null = null;

  async open(module: WebAssembly.Module, job: EngineJob): Promise<void> {
    const kernels = await Kernels.instantiate(module);
    const hooks = await loadHooks(job.hooks);
    const resampler = new WasmResampler(kernels, job.spec, job.source);
    const coder = job.encoding === null ? null : createCoder(kernels, job.picture, job.encoding);
    this.#open = { job, hooks, resampler, coder };
  }

  async segment(place: BandPlace, sent: SourceRows | null): Promise<Segment> {
    const open = this.#opened();
    if (open.coder === null) throw new AppError('internal', 'no encoding was given to this engine');
    const rect = { x: 0, y: place.y, width: open.job.picture.width, height: place.rows };
    const rows = await this.#compute(open, rect, sent);
    const segment = open.coder.encode(rows, place);
    return transfer(segment, [segment.bytes.buffer]);
  }

  async pixels(rect: Rect, sent: SourceRows | null): Promise<Uint8Array<ArrayBuffer>> {
    const rows = (await this.#compute(this.#opened(), rect, sent)).slice();
    return transfer(rows, [rows.buffer]);
  }

  #opened(): OpenJob {
    if (this.#open === null) throw new AppError('internal', 'the band worker was used before it was opened');
    return this.#open;
  }

  /** The result lies in the kernels' memory, where the coder reads it without a copy. */
  async #compute({ job, hooks, resampler }: OpenJob, rect: Rect, sent: SourceRows | null): Promise<Uint8Array> {
    const source = sent === null ? job.source : windowOfRows(job.source, sent);
    const window = await hookedWindow(hooks, { ...job, source }, rect);
    const rows = resampler.run(window, rect);
    await applyAfterHook(hooks, job.picture, rect, rows);
    return rows;
  }
}

installErrorTransfer();
expose(new BandWorker());
