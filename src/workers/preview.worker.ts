/** Owns one picture that is looked at: its decoded source and the engines that compute regions of its result. */
import { expose, transfer } from 'comlink';
import { AppError, toErrorRecord } from '../core/errors.ts';
import type { EngineName } from '../core/engine.ts';
import type { Size } from '../core/geometry.ts';
import type { JobOptions } from '../core/options.ts';
import type { Raster } from '../core/pixels.ts';
import { detectEnvironment, hasSimd } from '../pipeline/environment.ts';
import { Preview } from '../pipeline/preview/preview.ts';
import { PreviewRequests } from '../pipeline/preview/requests.ts';
import type { PointValues, PreviewPlan, Region, TileView } from '../pipeline/preview/types.ts';
import type { Histogram } from '../pipeline/preview/histogram.ts';
import { openRowFile } from '../pipeline/preview/row-store.ts';
import { GiantSource } from '../pipeline/preview/giant-source.ts';
import type { PreviewServices } from '../pipeline/preview/services.ts';
import { kernelsModule } from './kernels-module.ts';
import { KEPT_TILES } from './kept-tiles.ts';
import { WorkerModelRunners } from './model-runners.ts';
import { previewEngines } from './preview-engines.ts';
import type { PreviewEvent, PreviewOpened, PreviewRequest, PreviewWorkerApi } from './preview-protocol.ts';
import { openReader } from './remote-reader.ts';
import { leaveWorkers } from './remote-worker.ts';
import { installErrorTransfer } from './transfer.ts';

/** Milliseconds between two reports of progress. */
const REPORT_MS = 100;

class PreviewWorker implements PreviewWorkerApi {
  readonly #closing = new AbortController();
  readonly #asked = new Map<number, AbortController>();
  #opening: Promise<unknown> = Promise.resolve();
  #preview: Preview | null = null;
  #requests: PreviewRequests | null = null;
  #reported = 0;

  open(request: PreviewRequest, onEvent: (event: PreviewEvent) => void): Promise<PreviewOpened> {
    const opened = this.#open(request, onEvent);
    this.#opening = opened.catch(() => undefined);
    return opened;
  }

  async #open(request: PreviewRequest, onEvent: (event: PreviewEvent) => void): Promise<PreviewOpened> {
    const services: PreviewServices = {
      environment: (info) => detectEnvironment(info.alpha),
      openReader: (decoder, file, info, { isolated }) => openReader(decoder, file, info, isolated),
      kernels: () => (hasSimd() ? kernelsModule() : null),
      engines: previewEngines,
      openStore: openRowFile,
      models: () => new WorkerModelRunners(),
      ...KEPT_TILES,
    };
    const { source, sourceName } = request;
    const { signal } = this.#closing;
    const preview = await Preview.open(source, sourceName, services, () => this.#report(onEvent), signal);
    this.#preview = preview;
    this.#requests = new PreviewRequests(preview, services);
    preview.source.ready(preview.source.height - 1, 1).catch((error: unknown) => {
      if (!signal.aborted) onEvent({ kind: 'failed', error: toErrorRecord(error) });
    });
    const { width, height } = preview.source;
    return { info: preview.info, upright: { width, height }, giant: preview.source instanceof GiantSource };
  }

  describe(options: JobOptions): Promise<PreviewPlan> {
    return Promise.resolve(this.#opened().describe(options));
  }

  async pixels(id: number, options: JobOptions, region: Region): Promise<Raster> {
    const raster = await this.#ask(id, (requests, signal) => requests.pixels(options, region, signal));
    return transfer(raster, [raster.data.buffer as ArrayBuffer]);
  }

  async tile(id: number, view: TileView, region: Region): Promise<ImageBitmap> {
    const bitmap = await this.#ask(id, (requests, signal) => requests.tile(view, region, signal));
    return transfer(bitmap, [bitmap]);
  }

  histogram(id: number, options: JobOptions, size: Size): Promise<Histogram> {
    return this.#ask(id, (requests, signal) => requests.histogram(options, size, signal));
  }

  values(id: number, options: JobOptions, size: Size, x: number, y: number): Promise<PointValues> {
    return this.#ask(id, (requests, signal) => requests.values(options, size, x, y, signal));
  }

  engine(options: JobOptions, size: Size): Promise<EngineName | null> {
    return this.#opened().engineName(options, size);
  }

  cancel(id: number): Promise<void> {
    this.#asked.get(id)?.abort(new DOMException('the preview is not needed any more', 'AbortError'));
    return Promise.resolve();
  }

  giveWay(busy: boolean): Promise<void> {
    this.#requests?.giveWay(busy);
    return Promise.resolve();
  }

  /** What is to be done before this worker is ended. */
  async close(): Promise<void> {
    leaveWorkers();
    this.#closing.abort(new DOMException('the preview was closed', 'AbortError'));
    for (const asked of this.#asked.values()) asked.abort(this.#closing.signal.reason);
    await this.#opening;
    await this.#preview?.close();
  }

  async #ask<T>(id: number, task: (requests: PreviewRequests, signal: AbortSignal) => Promise<T>): Promise<T> {
    const requests = this.#requests;
    if (requests === null) throw new AppError('internal', 'the preview was used before it was opened');
    const controller = new AbortController();
    this.#asked.set(id, controller);
    try {
      return await task(requests, controller.signal);
    } finally {
      this.#asked.delete(id);
    }
  }

  #report(onEvent: (event: PreviewEvent) => void): void {
    const fraction = this.#preview?.source.progress ?? 0;
    const now = performance.now();
    if (fraction < 1 && now - this.#reported < REPORT_MS) return;
    this.#reported = now;
    onEvent({ kind: 'decoded', fraction });
  }

  #opened(): Preview {
    if (this.#preview === null) throw new AppError('internal', 'the preview was used before it was opened');
    return this.#preview;
  }
}

kernelsModule().catch(() => undefined);

installErrorTransfer();
expose(new PreviewWorker());
