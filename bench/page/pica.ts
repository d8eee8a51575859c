import { Pica } from 'pica';
import type { RunResult } from './main.ts';

const makeCanvas = (width: number, height: number): HTMLCanvasElement =>
  Object.assign(document.createElement('canvas'), { width, height });

async function sourceCanvas(file: Blob): Promise<HTMLCanvasElement> {
  const bitmap = await createImageBitmap(file);
  const canvas = makeCanvas(bitmap.width, bitmap.height);
  canvas.getContext('2d', { willReadFrequently: true })!.drawImage(bitmap, 0, 0);
  bitmap.close();
  return canvas;
}

/** pica with its workers and WASM, Lanczos-3, canvas to canvas. */
export async function resampleWithPica(file: Blob, width: number, height: number): Promise<RunResult> {
  const from = await sourceCanvas(file);
  const to = makeCanvas(width, height);
  const pica = new Pica();
  await pica.resize(from, to, { filter: 'lanczos3' });
  const started = performance.now();
  await pica.resize(from, to, { filter: 'lanczos3' });
  return { ms: performance.now() - started, bytes: null };
}

export async function picaToBlob(
  file: Blob,
  width: number,
  height: number,
  type: string,
  quality: number,
): Promise<RunResult> {
  const started = performance.now();
  const pica = new Pica();
  const to = await pica.resize(await sourceCanvas(file), makeCanvas(width, height), { filter: 'lanczos3' });
  const blob = await pica.toBlob(to, type, quality);
  return { ms: performance.now() - started, bytes: blob.size };
}
