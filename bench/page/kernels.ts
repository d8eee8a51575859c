import type { Size } from '../../src/core/geometry.ts';
import type { KernelName, ResampleSpec } from '../../src/core/resampling.ts';
import type { SourceWindow } from '../../src/core/source.ts';
import kernelsUrl from '../../src/wasm/generated/kernels.wasm?url';
import { Kernels } from '../../src/wasm/kernels.ts';
import { WasmResampler } from '../../src/wasm/resample.ts';

const module = WebAssembly.compileStreaming(fetch(new URL(kernelsUrl, import.meta.url)));

/** A fresh instance of the product's kernels. */
export const loadKernels = async (): Promise<Kernels> => Kernels.instantiate(await module);

/** The file's pixels by the browser's decoder, as RGB or RGBA. */
export async function decodeToWindow(file: Blob, channels: 3 | 4): Promise<SourceWindow> {
  const bitmap = await createImageBitmap(file);
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  context.drawImage(bitmap, 0, 0);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(new SharedArrayBuffer(width * height * channels));
  if (channels === 4) data.set(rgba);
  else for (let i = 0, j = 0; i < data.length; i += 3, j += 4) data.set(rgba.subarray(j, j + 3), i);
  return { width, height, channels, depth: 8, capacity: height, data };
}

/** The spec of a plain one-pass enlargement. */
export function plainSpec(from: Size, to: Size, kernel: KernelName, channels: 3 | 4): ResampleSpec {
  const format = { channels, depth: 8 } as const;
  return {
    stages: [{ from, to, kernel }],
    input: format,
    output: format,
    curves: null,
    clampOvershoot: false,
    background: null,
  };
}

export async function openResampler(
  file: Blob,
  to: Size,
  kernel: KernelName,
): Promise<{ kernels: Kernels; window: SourceWindow; resampler: WasmResampler }> {
  const window = await decodeToWindow(file, 3);
  const kernels = await loadKernels();
  const from = { width: window.width, height: window.height };
  return { kernels, window, resampler: new WasmResampler(kernels, plainSpec(from, to, kernel, 3), from) };
}
