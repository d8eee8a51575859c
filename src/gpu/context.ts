import { AppError } from '../core/errors.ts';
import { say, str, type Text } from '../core/text.ts';
import { openDevice, type DeviceOptions, type GpuDescription } from './device.ts';
import { Pipelines, type PassVariant } from './pipelines.ts';
import { JPEG_PASSES } from './jpeg.ts';
import { Pace } from './pace.ts';
import { SpareBuffers } from './pool.ts';

/** What nearly every job needs; compiled as soon as there is a device. */
const COMMON_PASSES: readonly PassVariant[] = [
  ...['unpack', 'horizontal', 'vertical-finish', 'pack'].map((name) => ({ name })),
  ...JPEG_PASSES,
];

/** A device with its compiled passes. Outlives jobs, since compiling takes longer than most of them. */
export class GpuContext {
  readonly device: GPUDevice;
  readonly description: GpuDescription;
  readonly pipelines: Pipelines;
  /** What jobs have learnt of the GPU's speed: without it the first submissions of each would be cut small. */
  readonly pace = new Pace();
  readonly spareBuffers = new SpareBuffers();
  #failure: AppError | null = null;
  readonly #listeners = new Set<(error: AppError) => void>();

  private constructor(device: GPUDevice, description: GpuDescription) {
    this.device = device;
    this.description = description;
    this.pipelines = new Pipelines(device);
    void device.lost.then(({ reason, message }) => {
      if (reason === 'destroyed') this.#fail(say('The GPU was given back.'));
      else this.#fail(message ? say(str`The GPU was lost: ${message}`) : say('The GPU was lost.'));
    });
    device.addEventListener('uncapturederror', ({ error }) => {
      this.#fail(say(str`The GPU reported an error: ${error.message}`));
    });
  }

  /** Opens a device and begins to compile, unless `isLazy`. Rejects with `engine-failed`. */
  static async open(options: DeviceOptions & { readonly isLazy?: boolean } = {}): Promise<GpuContext> {
    const { device, description } = await openDevice(options);
    const context = new GpuContext(device, description);
    // A failure is met again, and told, by the job that needs the pass.
    if (!options.isLazy) context.pipelines.prepare(COMMON_PASSES).catch(() => undefined);
    return context;
  }

  /** Why the device can no longer be used, or null. */
  get failure(): AppError | null {
    return this.#failure;
  }

  /** Calls back when the device fails, at once if it has. Returns a function that ends it. */
  onFailure(listener: (error: AppError) => void): () => void {
    if (this.#failure !== null) listener(this.#failure);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Gives the device back. */
  destroy(): void {
    this.spareBuffers.clear();
    this.device.destroy();
  }

  #fail(message: Text): void {
    if (this.#failure !== null) return;
    this.#failure = new AppError('engine-failed', message, {
      remedy: say('The SIMD engine does the same on the processor.'),
    });
    for (const listener of this.#listeners) listener(this.#failure);
  }
}
