/** Jobs whose file must keep to a number of bytes. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { QualitySearch, usualSizes } from '../../src/pipeline/byte-limit.ts';
import { runTestJob } from '../support/job.ts';

/** A picture with something to code everywhere, more of it below. */
async function scene(): Promise<Uint8Array<ArrayBuffer>> {
  const [width, height] = [300, 400];
  const data = new Uint8Array(width * height * 3);
  let state = 3;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const y = Math.floor(i / 3 / width);
    data[i] = 128 + 60 * Math.sin(i / 97) + ((state >>> 24) - 128) * (y / height) * 0.7;
  }
  return new Uint8Array(
    await sharp(data, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer(),
  );
}

describe('a JPEG with a limit', () => {
  it.each([400_000, 150_000, 40_000])('of %i bytes keeps to it, and uses it', async (maxBytes) => {
    const source = await scene();
    const options = { target: { kind: 'scale', x: 4, y: 4 }, format: 'jpeg', quality: 95, maxBytes } as const;
    const { bytes, receipt } = await runTestJob({ source, options });
    expect(bytes.length).toBeLessThanOrEqual(maxBytes);
    expect(receipt.output.bytes).toBe(bytes.length);
    const { quality } = receipt.output;
    expect(receipt.options.quality).toBe(95);
    expect((await sharp(bytes).metadata()).width).toBe(1200);
    // Some steps of quality higher, it is too large.
    const better = { ...options, quality: quality! + 4, maxBytes: null };
    expect((await runTestJob({ source, options: better })).bytes.length).toBeGreaterThan(maxBytes);
  });

  it('that is roomy has the quality that was asked for', async () => {
    const options = { format: 'jpeg', quality: 80, maxBytes: 50_000_000 } as const;
    const { receipt } = await runTestJob({ source: await scene(), options });
    expect(receipt.output.quality).toBe(80);
  });

  it('that cannot be kept is an error with the size', async () => {
    const job = runTestJob({ source: await scene(), options: { format: 'jpeg', maxBytes: 3000 } });
    await expect(job).rejects.toMatchObject({ code: 'too-large-output', remedy: 'Choose a smaller size.' });
  });
});

it('a PNG that comes out too large is refused, with formats that can be smaller', async () => {
  const job = runTestJob({ source: await scene(), options: { format: 'png', maxBytes: 20_000 } });
  await expect(job).rejects.toMatchObject({ code: 'too-large-output', remedy: expect.stringContaining('JPEG') });
});

describe('QualitySearch', () => {
  /** Files that grow faster with the quality than is thought, as pictures with much noise do. */
  const sizeOf = (quality: number): number => 1000 * usualSizesOf(quality) ** 1.7;
  const usualSizesOf = (quality: number): number => usualSizes(quality) as number;

  it.each([2000, 900, 250, 60])('finds a quality for %i bytes in few tries', async (limit) => {
    const search = new QualitySearch(limit, 98);
    let fitted = 0;
    let tries = 0;
    for (; tries < 7; tries++) {
      const quality = await search.next(usualSizes);
      if (quality === null) break;
      search.learn(quality, sizeOf(quality));
      if (sizeOf(quality) <= limit) fitted = quality;
      if (sizeOf(quality) <= limit && sizeOf(quality) >= 0.9 * limit) break;
    }
    expect(fitted).toBeGreaterThan(0);
    expect(sizeOf(fitted + 6)).toBeGreaterThan(limit);
  });
});
