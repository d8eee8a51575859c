import type { ModelBackend, ModelRef, NoiseLevel } from '../core/ai.ts';
import type { Size } from '../core/geometry.ts';

/** One network of a model. Plain data. */
export interface ModelSource {
  readonly model: ModelRef;
  readonly noise: NoiseLevel | null;
}

/**
 * One network, ready for tiles of one size: planes of red, green and blue, 0..1, in and out. Calls may overlap; they are worked off in order.
 *
 * Rejects with an AppError: `no-memory` when the tile is too large for the device, `engine-failed` or `worker-died` when the device is lost or
 * the runtime has failed; after any of these the runner is of no more use.
 */
export interface ModelRunner {
  readonly backend: ModelBackend;
  /** The memory of `input` is given away. */
  run(input: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** Frees the network; safe to call more than once. */
  close(): Promise<void>;
}

/** Opens networks, on the backends that this device has. */
export interface ModelRunners {
  /** Fastest first, safest last. */
  backends(): Promise<readonly ModelBackend[]>;
  /** `input` is the size of the tiles; of few `tiles` each may be computed by parts, side by side. */
  open(source: ModelSource, input: Size, backend: ModelBackend, tiles?: number): Promise<ModelRunner>;
  /** Ends all workers; what is pending rejects. */
  close(): void;
}
