/** Jobs whose file must keep to a number of bytes. */
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { relativeSize } from '../../src/core/estimate/bytes.ts';
import { QualitySearch, usualSizes, type PredictBytes } from '../../src/pipeline/byte-limit.ts';
import { encodeWithinLimit } from '../../src/pipeline/whole-quality.ts';
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
  const predict = usualSizes('jpeg');
  const sizeOf = (quality: number): number => 1000 * (predict(quality) as number) ** 1.7;

  it.each([2000, 900, 250, 60])('finds a quality for %i bytes in few tries', async (limit) => {
    const search = new QualitySearch(limit, 98);
    let fitted = 0;
    let tries = 0;
    for (; tries < 7; tries++) {
      const quality = await search.next(predict);
      if (quality === null) break;
      search.learn(quality, sizeOf(quality));
      if (sizeOf(quality) <= limit) fitted = quality;
      if (sizeOf(quality) <= limit && sizeOf(quality) >= 0.9 * limit) break;
    }
    expect(fitted).toBeGreaterThan(0);
    expect(sizeOf(fitted + 6)).toBeGreaterThan(limit);
  });

  /** Bytes of files of a megapixel or so, by the library's encoders. */
  const QUALITIES = [1, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 95, 98, 100];
  it.each([
    [
      'webp',
      'garden at 1x',
      [
        9002, 10326, 11580, 12558, 13594, 14536, 15380, 17392, 19384, 21548, 24016, 30624, 55124, 103986, 149764,
        161720,
      ],
    ],
    [
      'webp',
      'sample at 4x',
      [4866, 5256, 5632, 5896, 6142, 6348, 6608, 7052, 7782, 8532, 9216, 11492, 18960, 27792, 33066, 34292],
    ],
    [
      'webp',
      'photo at 1x',
      [6514, 7260, 8146, 9360, 11226, 12422, 13538, 15800, 18660, 22236, 26384, 46282, 120824, 203932, 245056, 265038],
    ],
    [
      'webp',
      'graphic at 2x',
      [4716, 5680, 6078, 6614, 6422, 6280, 6474, 7036, 7724, 8188, 8534, 9870, 13588, 18700, 20702, 22102],
    ],
    [
      'jxl',
      'garden at 1x',
      [8871, 9891, 11594, 13271, 15112, 17572, 19174, 20233, 22775, 26495, 31229, 38311, 64748, 105019, 159469, 550036],
    ],
    [
      'jxl',
      'sample at 4x',
      [3187, 3518, 3921, 4427, 5610, 6321, 6854, 7271, 8087, 9214, 10778, 13381, 23269, 35946, 51933, 111217],
    ],
    [
      'jxl',
      'photo at 1x',
      [5025, 5818, 7118, 8647, 10900, 12483, 13971, 16022, 19472, 24304, 31191, 43545, 97500, 181532, 276444, 549774],
    ],
    [
      'jxl',
      'graphic at 2x',
      [4447, 4905, 5422, 6167, 5884, 6507, 7041, 7609, 8260, 9291, 10523, 12679, 19562, 25148, 31398, 36810],
    ],
    [
      'avif',
      'sample at 2x',
      [5212, 5585, 6284, 6888, 7937, 8681, 10011, 13314, 18122, 24313, 31132, 42797, 59616, 90938, 111345, 190828],
    ],
    [
      'avif',
      'garden at 1x',
      [6702, 7127, 8137, 8829, 10023, 10915, 12363, 16425, 22208, 29213, 39271, 59350, 92671, 150477, 200706, 344796],
    ],
    [
      'avif',
      'photo at 4x',
      [3533, 3818, 4630, 5549, 7301, 8586, 11031, 18386, 27180, 35961, 46398, 63145, 92102, 129703, 161617, 355181],
    ],
  ] as const)('comes near to any limit in few tries: %s, %s', async (format, _name, sizes) => {
    const encoded = (quality: number): number => {
      const right = Math.max(
        1,
        QUALITIES.findIndex((measured) => measured >= quality),
      );
      const share = (quality - QUALITIES[right - 1]!) / (QUALITIES[right]! - QUALITIES[right - 1]!);
      return Math.round(sizes[right - 1]! * (sizes[right]! / sizes[right - 1]!) ** share);
    };
    const allTries: number[] = [];
    for (let limit = sizes[0] * 1.05; limit < encoded(95); limit *= 1.15) {
      let tries = 0;
      const encode = (quality: number): Promise<Uint8Array<ArrayBuffer>> => {
        tries++;
        return Promise.resolve(new Uint8Array(encoded(quality)));
      };
      const likely: PredictBytes = (quality) => relativeSize(quality, format) * 2 * encoded(90);
      const { bytes, quality } = await encodeWithinLimit(encode, format, new QualitySearch(limit, 95), likely);
      const share = bytes.length / limit;
      expect(share).toBeLessThanOrEqual(1);
      // A step of quality may be more than that.
      if (encoded(quality + 1) <= limit) expect(share, `${limit} bytes`).toBeGreaterThan(0.85);
      allTries.push(tries);
    }
    expect(Math.max(...allTries)).toBeLessThanOrEqual(5);
    expect(allTries.reduce((sum, tries) => sum + tries, 0) / allTries.length).toBeLessThan(3.6);
  });
});
