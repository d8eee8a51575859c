import type { Size } from '../../core/geometry.ts';
import type { JobOptions } from '../../core/options.ts';
import type { Raster } from '../../core/pixels.ts';
import { createReferenceJpegCoder } from '../../core/reference/jpeg.ts';
import { createJpegCoder } from '../../wasm/jpeg.ts';
import { Kernels } from '../../wasm/kernels.ts';
import { breathe } from '../breathe.ts';
import type { MakeJpegCoder } from '../encodings.ts';
import { codedBitmap, codedRect } from './coded.ts';
import { differenceOf, toBitmap, toRgba } from './display.ts';
import { histogramOf, type Histogram } from './histogram.ts';
import { sameSize } from './level-spec.ts';
import { checkRect, type Preview } from './preview.ts';
import { RequestStack } from './request-stack.ts';
import type { PreviewServices } from './services.ts';
import type { PointValues, Region, TileView } from './types.ts';

/** Pixels that a histogram is made of at most: more would not change it visibly. */
const HISTOGRAM_PIXELS = 1e6;

/** The share of time that is left to a job that runs beside. */
const YIELDED = 1;

/** Answers what is asked of a preview: one request at a time, the latest first. */
export class PreviewRequests {
  readonly #preview: Preview;
  readonly #services: Pick<PreviewServices, 'kernels'>;
  readonly #stack: RequestStack;
  #busy = false;
  #rested = performance.now();

  constructor(preview: Preview, services: Pick<PreviewServices, 'kernels'>) {
    this.#preview = preview;
    this.#services = services;
    this.#stack = new RequestStack(() => this.#rest());
  }

  /** A job runs: half of the time, and one core of several, are enough for looking. */
  giveWay(busy: boolean): void {
    this.#busy = busy;
  }

  /** Pixels as the file has them. */
  async pixels(options: JobOptions, { size, rect }: Region, signal: AbortSignal): Promise<Raster> {
    checkRect(size, rect);
    await this.#preview.ready(options, size, rect);
    return this.#stack.run('seen', signal, () => this.#preview.region(options, size, rect, signal));
  }

  /** Pixels as the screen has them. */
  async tile(view: TileView, { size, rect }: Region, signal: AbortSignal): Promise<ImageBitmap> {
    checkRect(size, rect);
    const preview = this.#preview;
    const { icc } = preview;
    if (view.kind === 'difference') {
      await Promise.all([preview.ready(view.before, size, rect), preview.ready(view.after, size, rect)]);
      return this.#stack.run('seen', signal, async () => {
        const before = await preview.region(view.before, size, rect, signal);
        const after = await preview.region(view.after, size, rect, signal);
        return toBitmap(differenceOf(before, after, view.gain), rect.width, rect.height, null);
      });
    }
    const { options } = view;
    const plan = preview.describe(options);
    const coded = view.kind === 'coded' && plan.kind === 'plan' && sameSize(plan.picture, size);
    const around = coded ? codedRect(rect, size) : rect;
    await preview.ready(options, size, around);
    return this.#stack.run('seen', signal, async () => {
      const raster = await preview.region(options, size, around, signal);
      if (coded) return codedBitmap(raster, around, rect, options, icc, this.#makeJpegCoder);
      return toBitmap(toRgba(raster), rect.width, rect.height, icc, raster.channels === 1);
    });
  }

  /** How often each level occurs in the picture, counted at a reduced size where it is large. */
  async histogram(options: JobOptions, size: Size, signal: AbortSignal): Promise<Histogram> {
    const factor = Math.min(1, Math.sqrt(HISTOGRAM_PIXELS / (size.width * size.height)));
    const side = (pixels: number): number => Math.max(1, Math.round(pixels * factor));
    const reduced = { width: side(size.width), height: side(size.height) };
    const whole = { x: 0, y: 0, ...reduced };
    await this.#preview.ready(options, reduced, whole);
    return this.#stack.run('later', signal, async () =>
      histogramOf(await this.#preview.region(options, reduced, whole, signal)),
    );
  }

  /** Samples at a pixel of the result, and at the source's pixel under it. */
  async values(options: JobOptions, size: Size, x: number, y: number, signal: AbortSignal): Promise<PointValues> {
    const rect = { x, y, width: 1, height: 1 };
    checkRect(size, rect);
    const preview = this.#preview;
    await preview.ready(options, size, rect);
    return this.#stack.run('now', signal, async () => {
      const { data, depth } = await preview.region(options, size, rect, signal);
      const samples = [...(depth === 8 ? data : new Uint16Array(data.buffer))];
      const edited = await preview.editedSize(options);
      const from = {
        x: Math.min(edited.width - 1, Math.floor(((x + 0.5) * edited.width) / size.width)),
        y: Math.min(edited.height - 1, Math.floor(((y + 0.5) * edited.height) / size.height)),
      };
      return {
        source: { ...from, ...(await preview.sourceAt(options, from.x, from.y)) },
        result: { x, y, samples, depth },
      };
    });
  }

  async #rest(): Promise<void> {
    if (this.#busy) {
      const worked = performance.now() - this.#rested;
      await new Promise((resolve) => setTimeout(resolve, worked * YIELDED));
    } else {
      await breathe();
    }
    this.#rested = performance.now();
  }

  readonly #makeJpegCoder: MakeJpegCoder = async (shape, encoding) => {
    const module = (await this.#services.kernels()?.catch(() => null)) ?? null;
    if (module === null) return createReferenceJpegCoder(shape, encoding);
    return createJpegCoder(await Kernels.instantiate(module), shape, encoding);
  };
}
