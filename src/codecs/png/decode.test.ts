import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../core/errors.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import { chunk } from './chunks.ts';
import { openPng } from './decode.ts';
import { probePng } from './probe.ts';
import { type Sample, channelsOf, joinChunks, sampleChunks } from './sample.testing.ts';

const asFile = (bytes: Uint8Array, name = 'sample.png'): File => new File([bytes.slice()], name);

async function decode(bytes: Uint8Array, rowsAtATime = 3) {
  const file = asFile(bytes);
  const info = await probePng(file, file.name);
  const reader = await openPng(file, info);
  try {
    const stride = bytesPerRow(reader.width, reader);
    const data = new Uint8Array(reader.height * stride);
    for (let y = 0; y < reader.height; y += rowsAtATime) {
      const rows = Math.min(rowsAtATime, reader.height - y);
      await reader.read(rows, data.subarray(y * stride, (y + rows) * stride));
    }
    const { width, height, channels, depth } = reader;
    expect({ width, height, channels, depth }).toEqual({
      width: info.width,
      height: info.height,
      channels: info.channels,
      depth: info.depth,
    });
    return { info, data };
  } finally {
    await reader.close();
  }
}

/** libvips's pixels at the file's own depth, grey with alpha spread to RGBA as our reader does. */
async function libvips(bytes: Uint8Array, depth: 8 | 16): Promise<Uint8Array> {
  const { channels: stored } = await sharp(bytes).metadata();
  const wide = stored < 3 ? 'grey16' : 'rgb16';
  const image = sharp(bytes).toColourspace(depth === 16 ? wide : stored === 1 ? 'b-w' : 'srgb');
  const { data, info } = await image
    .raw({ depth: depth === 16 ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 2) return new Uint8Array(data);
  const size = depth / 8;
  const spread = new Uint8Array(data.length * 2);
  for (let pixel = 0; pixel * 2 * size < data.length; pixel++) {
    const grey = data.subarray(pixel * 2 * size, (pixel * 2 + 1) * size);
    for (let c = 0; c < 3; c++) spread.set(grey, (pixel * 4 + c) * size);
    spread.set(data.subarray((pixel * 2 + 1) * size, (pixel * 2 + 2) * size), (pixel * 4 + 3) * size);
  }
  return spread;
}

/** Repeatable sample values that make every filter matter: a slope with jumps. */
function values(count: number, bits: number): Uint16Array {
  let state = 12345;
  return Uint16Array.from({ length: count }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const smooth = (i * 37) >> 2;
    return (state % 5 === 0 ? state >>> 8 : smooth) & (2 ** bits - 1);
  });
}

const DEPTHS = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] } as const;
const SIZES = [
  [1, 1],
  [2, 3],
  [3, 1],
  [1, 7],
  [4, 5],
  [7, 8],
  [9, 9],
  [33, 19],
] as const;

function makeSample(
  colourType: Sample['colourType'],
  bits: Sample['bits'],
  interlaced: boolean,
  transparent: boolean,
  [width, height]: readonly [number, number],
): Sample {
  const samples = values(width * height * channelsOf(colourType), bits);
  const entries = 2 ** Math.min(bits, 8);
  const palette = Uint8Array.from({ length: entries * 3 }, (_, i) => (i * 89 + 13) & 255);
  const key = (c: number): number[] => [samples[c] >> 8, samples[c] & 255];
  const transparency = {
    0: key(0),
    2: [...key(0), ...key(1), ...key(2)],
    3: Array.from({ length: Math.ceil(entries / 2) }, (_, i) => (i * 61) & 255),
    4: [],
    6: [],
  }[colourType];
  return {
    width,
    height,
    colourType,
    bits,
    interlaced,
    samples,
    chunkBytes: 50,
    ...(colourType === 3 ? { palette } : {}),
    ...(transparent ? { transparency: Uint8Array.from(transparency) } : {}),
  };
}

const write = (sample: Sample): Uint8Array => joinChunks(sampleChunks(sample, (bytes) => deflateSync(bytes)));

const MATRIX = ([0, 2, 3, 4, 6] as const).flatMap((colourType) =>
  DEPTHS[colourType].flatMap((bits) =>
    (colourType === 4 || colourType === 6 ? [false] : [false, true]).flatMap((transparent) =>
      [false, true].map((interlaced) => ({ colourType, bits, transparent, interlaced })),
    ),
  ),
);

describe('PNG pixels equal libvips', () => {
  it.each(MATRIX)(
    'colour type $colourType, $bits bits, tRNS $transparent, interlaced $interlaced',
    async ({ colourType, bits, transparent, interlaced }) => {
      for (const size of SIZES) {
        const bytes = write(makeSample(colourType, bits, interlaced, transparent, size));
        const { info, data } = await decode(bytes);
        expect(info.bits).toBe(bits);
        expect(info.progressive).toBe(interlaced);
        expect(Buffer.compare(data, await libvips(bytes, info.depth))).toBe(0);
      }
    },
  );

  it.each([
    { palette: true, progressive: false },
    { palette: true, progressive: true, colours: 16 },
    { progressive: true, adaptiveFiltering: true },
    { compressionLevel: 9, adaptiveFiltering: true },
    { compressionLevel: 0 },
  ])('for a larger file written by libvips: %o', async (options) => {
    const [width, height] = [317, 133];
    const raw = Buffer.from(values(width * height * 4, 8));
    const bytes = await sharp(raw, { raw: { width, height, channels: 4 } })
      .png(options)
      .toBuffer();
    const { data } = await decode(bytes, 17);
    expect(Buffer.compare(data, await libvips(bytes, 8))).toBe(0);
  });

  it('whatever the number of rows read at a time', async () => {
    const bytes = write(makeSample(2, 8, false, false, [33, 19]));
    const whole = (await decode(bytes, 19)).data;
    for (const rows of [1, 2, 5, 18]) expect(Buffer.compare((await decode(bytes, rows)).data, whole)).toBe(0);
  });

  it('into shared memory', async () => {
    const bytes = write(makeSample(6, 8, false, false, [33, 19]));
    const file = asFile(bytes);
    const reader = await openPng(file, await probePng(file, file.name));
    const shared = new Uint8Array(new SharedArrayBuffer(33 * 19 * 4));
    await reader.read(19, shared);
    await reader.close();
    expect(Buffer.compare(Uint8Array.from(shared), (await decode(bytes)).data)).toBe(0);
  });

  it('with palette indices beyond the palette as black', async () => {
    const sample = { ...makeSample(3, 8, false, false, [9, 9]), palette: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const { data } = await decode(write(sample));
    sample.samples.forEach((index, i) => {
      const expected = index < 2 ? [1 + index * 3, 2 + index * 3, 3 + index * 3] : [0, 0, 0];
      expect([...data.subarray(i * 3, i * 3 + 3)]).toEqual(expected);
    });
  });

  it('with garbage behind the end', async () => {
    const bytes = write(makeSample(2, 8, false, false, [9, 9]));
    const longer = new Uint8Array([...bytes, ...values(5000, 8)]);
    expect((await decode(longer)).data).toEqual((await decode(bytes)).data);
  });
});

describe('a broken PNG is refused with its name and the reason', () => {
  const sample = makeSample(2, 8, false, false, [33, 19]);
  const chunks = sampleChunks({ ...sample, chunkBytes: 300 }, (bytes) => deflateSync(bytes));
  const whole = joinChunks(chunks);
  const withData = (data: Uint8Array): Uint8Array =>
    joinChunks([chunks[0], chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
  const flip = (bytes: Uint8Array, at: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] ^= 0x55;
    return copy;
  };
  const header = (change: (view: DataView) => void): Uint8Array => {
    const data = chunks[0].slice(8, 21);
    change(new DataView(data.buffer));
    return joinChunks([chunk('IHDR', data), ...chunks.slice(1)]);
  };
  const rows = (count: number): Uint8Array => deflateSync(new Uint8Array(count * (33 * 3 + 1)));
  const lastIdat = whole.length - 12 - chunks.at(-2)!.length;

  it.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(), /does not begin as a PNG/],
    ['text', new TextEncoder().encode('hello, I am no picture at all'), /does not begin as a PNG/],
    ['only the signature', whole.slice(0, 8), /ends before its picture begins/],
    ['cut within IHDR', whole.slice(0, 20), /ends before its pixels|cut off/],
    ['bad CRC of IHDR', flip(whole, 17), /IHDR chunk.*damaged/],
    ['IHDR of a wrong length', joinChunks([chunk('IHDR', new Uint8Array(12)), ...chunks.slice(1)]), /IHDR.*12 bytes/],
    ['no IHDR', joinChunks(chunks.slice(1)), /first chunk is not IHDR/],
    ['two IHDRs', joinChunks([chunks[0], ...chunks]), /second IHDR/],
    ['no IDAT', joinChunks([chunks[0], chunks.at(-1)!]), /no IDAT/],
    ['no IEND', joinChunks(chunks.slice(0, -1)), /no IEND/],
    ['cut within IDAT', whole.slice(0, 300), /ends within its IDAT/],
    ['cut in the last IDAT', whole.slice(0, lastIdat + 20), /ends within its IDAT/],
    ['an IDAT missing', joinChunks([...chunks.slice(0, 3), ...chunks.slice(4)]), /damaged|wrong checksum/],
    ['bad CRC of the first IDAT', flip(whole, 8 + 25 + 8 + 290), /damaged/],
    ['bad CRC of the last IDAT', flip(whole, lastIdat + chunks.at(-2)!.length - 1), /wrong checksum/],
    [
      'IDATs apart, which ends the pixels at the first gap',
      joinChunks([...chunks.slice(0, 2), chunk('tEXt', Uint8Array.of(65, 0)), ...chunks.slice(2)]),
      /unexpected end/,
    ],
    ['a wrong chunk length', flip(whole, 8 + 25 + chunks[1].length + 2), /no PNG chunk|ends within|IDAT/],
    [
      'an unknown critical chunk',
      joinChunks([chunks[0], chunk('ABCD', new Uint8Array(3)), ...chunks.slice(1)]),
      /ABCD/,
    ],
    ['no zlib stream', withData(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)), /compressed pixels are damaged/],
    ['too few rows', withData(rows(18)), /pixels end at row 18 of 19/],
    ['too many rows', withData(rows(20)), /more pixels than its size needs/],
    ['a wrong Adler-32', withData(flip(rows(19), rows(19).length - 1)), /compressed pixels are damaged/],
    ['an unknown filter', withData(deflateSync(new Uint8Array(19 * 100).fill(7))), /filter type 7/],
    ['width zero', header((view) => view.setUint32(0, 0)), /0 x 19 pixels/],
    ['height beyond 31 bits', header((view) => view.setUint32(4, 0x80000000)), /2,147,483,648 pixels/],
    ['colour type 5', header((view) => view.setUint8(9, 5)), /colour type 5/],
    ['RGB of 4 bits', header((view) => view.setUint8(8, 4)), /colour type 2 with 4 bits/],
    ['compression method 1', header((view) => view.setUint8(10, 1)), /compression 1/],
    ['interlace method 2', header((view) => view.setUint8(12, 2)), /interlace 2/],
    ['a palette missing', header((view) => view.setUint8(9, 3)), /PLTE/],
    ['tRNS too short', joinChunks([chunks[0], chunk('tRNS', Uint8Array.of(1, 2)), ...chunks.slice(1)]), /tRNS/],
    ['100000 x 100000', header((view) => (view.setUint32(0, 100_000), view.setUint32(4, 100_000))), /100000 x 100000/],
  ])('%s', async (_, bytes, reason) => {
    const error: AppError = await decode(bytes).then(
      () => expect.unreachable('it was decoded'),
      (e: unknown) => e as AppError,
    );
    expect(error.name).toBe('AppError');
    expect(error.code).toBe('bad-input');
    expect(error.message).toContain('sample.png');
    expect(error.message).toMatch(reason);
    expect(error.remedy).not.toBe('');
  });

  it('never hangs or crashes on random damage', async () => {
    let state = 99;
    for (let round = 0; round < 150; round++) {
      const copy = whole.slice();
      for (let n = 0; n < 3; n++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        copy[state % copy.length] = state >>> 24;
      }
      const error: unknown = await decode(copy).then(
        () => null,
        (e: unknown) => e,
      );
      if (error !== null) expect((error as AppError).name).toBe('AppError');
    }
  });
});

describe('streaming', () => {
  it('holds little of a file that is never read to its end', async () => {
    const file = asFile(write(makeSample(2, 8, false, false, [33, 19])));
    const reader = await openPng(file, await probePng(file, file.name));
    await reader.read(1, new Uint8Array(99));
    await reader.close();
    await reader.close();
  });

  it('does not inflate ahead of its reader', async () => {
    // 300 MB of zeros in 300 KB: only the first rows are asked for.
    const [width, height] = [10_000, 10_000];
    const header = new Uint8Array(13);
    new DataView(header.buffer).setUint32(0, width);
    new DataView(header.buffer).setUint32(4, height);
    header.set([8, 2], 8);
    const data = deflateSync(Buffer.alloc(height * (width * 3 + 1)), { level: 1 });
    const bytes = joinChunks([chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
    const file = asFile(bytes);
    const before = process.memoryUsage().arrayBuffers;
    const reader = await openPng(file, await probePng(file, file.name));
    await reader.read(2, new Uint8Array(2 * width * 3));
    const grown = process.memoryUsage().arrayBuffers - before;
    await reader.close();
    expect(grown).toBeLessThan(64 << 20);
  });
});
