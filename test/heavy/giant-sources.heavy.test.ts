/** 24000 x 25000 pixels as a source: larger than a browser decodes, in bounded memory. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { cli, comparePatches, giant, scratchFolder } from './support.ts';

const scratch = scratchFolder();
afterAll(scratch.remove);

describe.each(['jpg', 'png'] as const)('a %s of 24000 x 25000', (extension) => {
  it.each([
    { scale: '1.1', kernel: 'lanczos3', width: 26400, height: 27500 },
    { scale: '0.25', kernel: 'area', width: 6000, height: 6250 },
  ] as const)('at $scale', async ({ scale, kernel, width, height }) => {
    const source = await giant(scratch.path, extension);
    const out = join(scratch.path, 'out.png');
    const report = await cli([source, '--scale', scale, '--kernel', kernel, '--out', out]);
    expect(report.output).toMatchObject({ width, height });
    const megabytes = Math.round(report.peakMemory / 2 ** 20);
    const { most } = await comparePatches(source, out, kernel);
    console.log(`${extension} ${scale}x: ${report.wallMs} ms, peak ${megabytes} MB above idle, most ${most}`);
    // The decoders of libvips here and in the browser may round a JPEG's colours differently by a level or two.
    expect(most).toBeLessThanOrEqual(extension === 'jpg' ? 4 : 1);
    expect(megabytes).toBeLessThan(900);
    rmSync(out);
    rmSync(source);
  });
});
