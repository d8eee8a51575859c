/** 15x of a 2000 x 3000 photo: 1.35 gigapixels to each format, read back by libvips; and memory that does not grow with the output. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cli, comparePatches, photo, scratchFolder } from './support.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

let input = '';
beforeAll(async () => {
  input = await photo();
});

describe.each(['jpg', 'png', 'tif'])('15x to %s', (extension) => {
  it('is right in every corner and the middle', async () => {
    const out = join(scratch.path, `out.${extension}`);
    const report = await cli([input, '--scale', '15', '--out', out]);
    expect(report.output).toMatchObject({ width: 30000, height: 45000 });
    const { most, psnr } = await comparePatches(input, out, 'lanczos3');
    console.log(`${extension}: ${report.wallMs} ms, ${report.output.bytes} bytes, most ${most}, ${psnr.toFixed(1)} dB`);
    if (extension === 'jpg') expect(psnr).toBeGreaterThan(40);
    else expect(most).toBeLessThanOrEqual(1);
    rmSync(out);
  });
});

it('takes no more memory at 15x than at 4x', async () => {
  // Another browser that ends meanwhile leaves this one a larger share of the pages of its libraries, so the smallest peak counts.
  const peaks = [Infinity, Infinity] as [number, number];
  for (let run = 0; run < 3; run++) {
    for (const [i, scale] of ['4', '15'].entries()) {
      const out = join(scratch.path, `memory-${scale}.png`);
      peaks[i] = Math.min(peaks[i]!, (await cli([input, '--scale', scale, '--out', out])).peakMemory);
      rmSync(out);
    }
  }
  console.log(`peak above idle: ${peaks.map((bytes) => `${Math.round(bytes / 2 ** 20)} MB`).join(', ')}`);
  expect(peaks[1]).toBeLessThanOrEqual(1.1 * peaks[0]);
  expect(peaks[1]).toBeLessThanOrEqual(400 * 2 ** 20);
});
