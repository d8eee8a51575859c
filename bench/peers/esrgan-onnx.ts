/** UpscalerJS's model esrgan-slim, from its package's folder. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { esrganOnnx, weightPaths, type EsrganFile } from './esrgan-convert.ts';

/** Reads a layers model (its folder has `model.json`). The result takes and gives planes 0..1. */
export function convertEsrgan(folder: string): Uint8Array<ArrayBuffer> {
  const file = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as EsrganFile;
  return esrganOnnx(file, Buffer.concat(weightPaths(file).map((path) => readFileSync(join(folder, path)))));
}
