/** Runs models in Node. */
import { readFileSync } from 'node:fs';
import { env, InferenceSession, Tensor } from 'onnxruntime-web';
import sharp from 'sharp';
import type { ModelFile } from '../../src/models/catalogue.ts';
import type { Planes } from './planes.ts';

export { cropped, differenceOf, padded, withoutMargin, type Planes } from './planes.ts';

env.wasm.numThreads = 1;

export const modelBytes = ({ folder, name }: ModelFile): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`../../src/models/${folder}/${name}.onnx`, import.meta.url)));

export async function readPlanes(path: string | URL): Promise<Planes> {
  const source = typeof path === 'string' ? path : readFileSync(path);
  const { data, info } = await sharp(source).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const planes = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) planes[c * width * height + i] = data[3 * i + c] / 255;
  }
  return { width, height, data: planes };
}

/** A run of a whole model on a picture of any size, without any tiling. */
export async function runModel(model: Uint8Array, { width, height, data }: Planes): Promise<Planes> {
  const session = await InferenceSession.create(model);
  const result = await session.run({ input: new Tensor('float32', data, [1, 3, height, width]) });
  const output = result['output'];
  await session.release();
  return { width: output.dims[3], height: output.dims[2], data: new Float32Array(output.data as Float32Array) };
}
