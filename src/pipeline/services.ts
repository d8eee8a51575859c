import type { EngineName } from '../core/engine.ts';
import type { OutputFormat, SourceInfo } from '../core/formats.ts';
import type { Metadata } from '../core/metadata.ts';
import type { JobOptions } from '../core/options.ts';
import type { Raster } from '../core/pixels.ts';
import type { RowReader } from '../core/source.ts';
import type { Text, Words } from '../core/text.ts';
import type { TileStore } from '../core/tile-store.ts';
import type { GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import type { ModelRunners, ModelSource } from '../models/runner.ts';
import type { EngineFactory } from './engine-chain.ts';
import type { Environment } from './environment.ts';
import type { DecoderName } from './open-decoder.ts';
import type { PauseGate } from './pause-gate.ts';
import type { StageFile } from './stage/band-stage.ts';
import type { WindowMemory } from './window-memory.ts';

/** What the choice of an engine depends on beside the device. */
export interface EngineChoiceFacts {
  /** Pixels of the finished picture. */
  readonly pixels: number;
  /**
   * The GPU codes this format itself. Others cost it a read-back of every pixel for the processor to code, which resamples
   * faster than that: on 16 cores beside an H200, 15x to PNG takes 1.0 s without the GPU and 1.5 s with it.
   */
  readonly gpuCoded: boolean;
  /** The GPU may run the networks of the job with its bands: of whatever size and format, that is where the time goes. */
  readonly networked: boolean;
  /** There are hook functions to call. */
  readonly hooked: boolean;
  /** There is sharpening or grain, which the processor does. */
  readonly finished: boolean;
}

export interface EngineChoice {
  readonly factories: readonly EngineFactory[];
  /** Why these, in sentences. */
  readonly reasons: readonly Words[];
}

/** What the pipeline needs from the floor above, which owns the workers. */
export interface JobServices {
  /** What this device can do for such a file; tries nothing that the file does not need. */
  environment(info: SourceInfo): Promise<Environment>;
  openReader(decoder: DecoderName, file: Blob, info: SourceInfo, environment: Environment): Promise<RowReader>;
  /** Shared memory for source rows. */
  readonly windows: WindowMemory;
  /** The engines to try for a job, in this order, and why. */
  engines(choice: EngineName | 'auto', environment: Environment, job: EngineChoiceFacts): Promise<EngineChoice>;
  /** Where the job waits between bands while it is paused; absent where nothing pauses. */
  readonly gate?: PauseGate;
  /** Where finished bands outlive a crash; absent where nothing does. `build` stands for the code that computes them. */
  readonly stages?: { readonly build: string; open(id: string): Promise<StageFile> };
  /** The compiled kernels, for what the job's own thread computes; null without SIMD. */
  kernels(): Promise<WebAssembly.Module> | null;
  /** The program of the viewer that goes beside deep-zoom tiles. */
  viewerProgram(): Promise<Uint8Array<ArrayBuffer>>;
  /** Opens networks for a job with models; ended with it. */
  models(): ModelRunners;
  /** Where finished tiles outlive the job; `onTrouble` gets a sentence when nothing more can be kept. Absent where nothing is kept. */
  tiles?(onTrouble: (message: Text) => void): TileStore;
  /** The network of a model as our own shaders run it; null when they cannot. Absent where no GPU engine is. */
  network?(source: ModelSource): Promise<Network | GraphNetwork | null>;
  /** Codes a whole picture through a library. The raster's memory is shared. */
  encodeWhole(
    raster: Raster,
    format: OutputFormat,
    options: JobOptions,
    metadata: Metadata,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
}
