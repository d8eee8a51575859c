/** What crosses between the page and the worker of a preview. Types only. */
import type { EngineName } from '../core/engine.ts';
import type { ErrorRecord } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { JobOptions } from '../core/options.ts';
import type { Raster } from '../core/pixels.ts';
import type { Histogram } from '../pipeline/preview/histogram.ts';
import type { PointValues, PreviewPlan, Region, TileView } from '../pipeline/preview/types.ts';

export type { Histogram } from '../pipeline/preview/histogram.ts';
export type { PointValues, PreviewPlan, Region, TileView } from '../pipeline/preview/types.ts';

/** A picture to look at. */
export interface PreviewRequest {
  readonly source: Blob;
  readonly sourceName: string;
}

/** What is known of an opened picture before its pixels are decoded. */
export interface PreviewOpened {
  readonly info: SourceInfo;
  /** As the picture is meant to be seen. */
  readonly upright: Size;
  /** Too large to be held: it is read once from top to bottom before anything can be seen at full detail. */
  readonly giant: boolean;
}

export type PreviewEvent =
  /** 0..1 of the source that is decoded. At most ten a second, and the last. */
  | { readonly kind: 'decoded'; readonly fraction: number }
  /** The source turned out to be damaged. */
  | { readonly kind: 'failed'; readonly error: ErrorRecord };

/** preview.worker.ts: one picture that is looked at. Requests carry a number by which they can be cancelled. */
export interface PreviewWorkerApi {
  open(request: PreviewRequest, onEvent: (event: PreviewEvent) => void): Promise<PreviewOpened>;
  describe(options: JobOptions): Promise<PreviewPlan>;
  pixels(id: number, options: JobOptions, region: Region): Promise<Raster>;
  tile(id: number, view: TileView, region: Region): Promise<ImageBitmap>;
  histogram(id: number, options: JobOptions, size: Size): Promise<Histogram>;
  values(id: number, options: JobOptions, size: Size, x: number, y: number): Promise<PointValues>;
  engine(options: JobOptions, size: Size): Promise<EngineName | null>;
  cancel(id: number): Promise<void>;
  /** A job runs beside. */
  giveWay(busy: boolean): Promise<void>;
  /** Deletes what was stored; the worker can be ended then. */
  close(): Promise<void>;
}
