import type { Planes } from './planes.ts';

const fixtures = import.meta.glob<string>('../fixtures/models/*.png', {
  eager: true,
  query: '?url',
  import: 'default',
});

/** A picture of test/fixtures/models by its name, as planes of 0..1; in the browser. */
export async function readPlanes(name: string): Promise<Planes> {
  const file = await (await fetch(fixtures[`../fixtures/models/${name}.png`]!)).blob();
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: 'none' });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const samples = context.getImageData(0, 0, width, height).data;
  const area = width * height;
  const data = Float32Array.from({ length: 3 * area }, (_, i) => samples[4 * (i % area) + Math.floor(i / area)]! / 255);
  return { width, height, data };
}
