import { hasExactPixels, hasStraightAlpha } from '../codecs/pixel-source.ts';

/** What this browser and device can do, as far as planning needs to know. Found in the job worker by trying. */
export interface Environment {
  /** SharedArrayBuffer can be posted to workers. */
  readonly isolated: boolean;
  /** WebAssembly with 128-bit SIMD compiles. */
  readonly simd: boolean;
  /** Workers can be started from a worker. */
  readonly nestedWorkers: boolean;
  /** createImageBitmap exists in workers and gives exact pixels. */
  readonly imageBitmap: boolean;
  /** The browser gives back straight alpha without loss; only tried for pictures with alpha. */
  readonly straightAlpha: boolean;
  readonly cores: number;
  /** Bytes that a job's own buffers may take. */
  readonly memoryBudget: number;
}

/** More workers than this only queue up behind the one that writes. */
const MOST_CORES = 16;

/** The smallest module with a SIMD instruction: (func (result v128) (i8x16.splat (i32.const 0))). */
const SIMD_MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

export const hasSimd = (): boolean => WebAssembly.validate(SIMD_MODULE);

export const hasNestedWorkers = (): boolean => typeof Worker === 'function';

/** Workers worth starting. */
export const coreCount = (): number => Math.min(MOST_CORES, Math.max(1, navigator.hardwareConcurrency));

/** A quarter of the device's memory as far as the browser tells (it never tells more than 8 GiB), from 512 MiB to 2 GiB. */
export function memoryBudget(): number {
  const gibibytes = (navigator as Navigator & { deviceMemory?: number }).deviceMemory ?? 4;
  return Math.min(2, Math.max(0.5, gibibytes / 4)) * 2 ** 30;
}

/** Tries what the browser can do, as far as a picture with or without alpha needs it. */
export async function detectEnvironment(alpha: boolean): Promise<Environment> {
  const bitmaps = typeof createImageBitmap === 'function';
  return {
    isolated: globalThis.crossOriginIsolated && typeof SharedArrayBuffer === 'function',
    simd: hasSimd(),
    nestedWorkers: hasNestedWorkers(),
    imageBitmap: bitmaps && (await hasExactPixels()),
    straightAlpha: bitmaps && alpha && (await hasStraightAlpha()),
    cores: coreCount(),
    memoryBudget: memoryBudget(),
  };
}
