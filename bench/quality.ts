import sharp from 'sharp';
import { resampleRect } from '../src/core/reference/resample.ts';
import type { ResampleSpec } from '../src/core/resampling.ts';

/** Side of the patches that are compared: the four corners and the middle. */
const PATCH = 256;

/**
 * PSNR in dB of an output file against our float reference's Lanczos-3 of the same input, over five patches. Both are decoded
 * by libvips. Peers that use another kernel score lower, which is what the figure is to show.
 */
export async function psnrAgainstReference(input: string, output: string, scale: number): Promise<number> {
  const source = await sharp(input).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = source.info;
  const to = { width: width * scale, height: height * scale };
  const format = { channels: 3, depth: 8 } as const;
  const spec: ResampleSpec = {
    stages: [{ from: { width, height }, to, kernel: 'lanczos3' }],
    ...{ input: format, output: format, curves: null, clampOvershoot: false, background: null },
  };
  const window = { width, height, ...format, capacity: height, data: new Uint8Array(source.data) };
  const right = to.width - PATCH;
  const bottom = to.height - PATCH;
  const corners = [
    [0, 0],
    [right, 0],
    [0, bottom],
    [right, bottom],
    [right >> 1, bottom >> 1],
  ] as const;
  let squares = 0;
  for (const [x, y] of corners) {
    const want = resampleRect(spec, window, { x, y, width: PATCH, height: PATCH });
    const got = await sharp(output, { limitInputPixels: false, unlimited: true })
      .extract({ left: x, top: y, width: PATCH, height: PATCH })
      .removeAlpha()
      .raw()
      .toBuffer();
    for (let i = 0; i < want.length; i++) squares += (want[i]! - got[i]!) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (squares / (corners.length * PATCH * PATCH * 3)));
}
