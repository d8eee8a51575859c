import { DEFAULT_OPTIONS } from '../core/options.ts';
import type { JobRequest } from '../pipeline/job-request.ts';

/** A program that starts a job as soon as this worker runs shall not wait for a rehearsal: it begins a while later. */
const REST_MS = 300;

/** Large enough that browsers find the kernels worth compiling well: 3 megapixels of output, some 20 ms of a core. */
const SIZE = { width: 256, height: 192 };
const SCALE = 8;

const FORMATS = ['jpeg', 'png'] as const;

/** A picture like a photograph: slopes with a little noise. */
function madeUpPicture(): Promise<Blob> {
  const { width, height } = SIZE;
  const image = new ImageData(width, height);
  for (let i = 0; i < image.data.length; i++) {
    const [x, y] = [(i >> 2) % width, (i >> 2) / width];
    image.data[i] = i % 4 === 3 ? 255 : ((x + y * (1 + (i % 4))) >> 2) + 64 + (Math.imul(i, 2654435761) >>> 29);
  }
  const canvas = new OffscreenCanvas(width, height);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: 'image/jpeg' });
}

/**
 * Whole jobs on a small made-up picture, whose files are dropped. Browsers compile scripts and kernels when they are first called, well only when
 * they are called often: of a first job of 66 megapixels that is more than a tenth, and it is done here while a person looks at the settings.
 */
export class Rehearsal {
  readonly #run: (request: JobRequest) => Promise<unknown>;
  readonly #timer: ReturnType<typeof setTimeout>;
  #running: Promise<void> = Promise.resolve();

  constructor(run: (request: JobRequest) => Promise<unknown>) {
    this.#run = run;
    this.#timer = setTimeout(() => {
      // Whatever fails here shows again in a real job, which says so.
      this.#running = this.#perform().catch(() => undefined);
    }, REST_MS);
  }

  /** Calls it off, or waits for its end. */
  async over(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #perform(): Promise<void> {
    const source = await madeUpPicture();
    for (const format of FORMATS) {
      await this.#run({
        ...{ source, sourceName: 'rehearsal.jpg', output: { kind: 'memory', name: 'rehearsal' } },
        options: { ...DEFAULT_OPTIONS, engine: 'simd', format, target: { kind: 'scale', x: SCALE, y: SCALE } },
      });
    }
  }
}
