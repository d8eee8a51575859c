import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWithBrowser } from '../../src/codecs/browser-decode.ts';
import { PlaneDecoder } from '../../src/codecs/jpeg/plane-decode.ts';
import { probeSource } from '../../src/codecs/probe.ts';
import type { OpenPlaneConverter } from '../../src/core/jpeg/planes.ts';
import { convertPlanes } from '../../src/core/reference/jpeg-planes.ts';
import { planeConverters } from '../../src/wasm/jpeg-planes.ts';
import { fixture } from '../support/fixtures.ts';
import kernelsUrl from '../../src/wasm/generated/kernels.wasm?url';

const converters = async (): Promise<OpenPlaneConverter> =>
  planeConverters(await WebAssembly.compileStreaming(fetch(kernelsUrl)));

const planes = new PlaneDecoder(converters());

/** The pixels of a file, read so many rows at a time; by way of planes where a decoder of them is given. */
async function decode(file: File, by: PlaneDecoder | null, rowsAtATime = 64): Promise<Uint8Array> {
  const info = await probeSource(file, file.name);
  const reader = await openWithBrowser(file, info, by);
  const stride = reader.width * reader.channels;
  const data = new Uint8Array(new SharedArrayBuffer(stride * reader.height));
  for (let y = 0; y < reader.height; y += rowsAtATime) {
    const rows = Math.min(rowsAtATime, reader.height - y);
    await reader.read(rows, data.subarray(y * stride, (y + rows) * stride));
  }
  return data;
}

/** Whether the way over planes takes a file. */
async function isTaken(file: File, by = planes): Promise<boolean> {
  const strips = await by.open(file, await probeSource(file, file.name), []);
  strips?.close();
  return strips !== null;
}

function differing(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return Infinity;
  return a.reduce((count, value, i) => (value === b[i] ? count : count + 1), 0);
}

/** A JPEG by the browser's encoder: at such a quality with halved chroma, at full quality without. */
async function made(width: number, height: number, quality = 0.9): Promise<File> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { alpha: false })!;
  const image = context.createImageData(width, height);
  image.data.forEach(
    (_, i) => (image.data[i] = i % 4 === 3 ? 255 : (Math.imul(i, 2654435761) >>> 27) * 3 + ((i >> 5) & 127)),
  );
  context.putImageData(image, 0, 0);
  return new File([await canvas.convertToBlob({ type: 'image/jpeg', quality })], `${width}x${height}.jpg`);
}

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('JPEGs decoded to planes', () => {
  it('is trusted here', async () => {
    expect(await planes.trusted).toBe(true);
  });

  it.each(['420', 'progressive', 'arithmetic', 'p3', 'camera'])(
    '%s has exactly the pixels of libvips',
    async (name) => {
      const file = await fixture(`jpeg/${name}.jpg`);
      const bitmaps = vi.spyOn(globalThis, 'createImageBitmap');
      const data = await decode(file, planes);
      expect(bitmaps).not.toHaveBeenCalled();
      expect(differing(data, new Uint8Array(await (await fixture(`decoded/jpeg/${name}.jpg.raw`)).arrayBuffer()))).toBe(
        0,
      );
    },
  );

  it.each(['444', 'grey', 'cmyk', 'orientation-2'])('%s is left to the usual way', async (name) => {
    const file = await fixture(`jpeg/${name}.jpg`);
    expect(await isTaken(file)).toBe(false);
    expect(differing(await decode(file, planes), await decode(file, null))).toBe(0);
  });

  it.each([
    ...[5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 47, 64].map((width) => [width, 1 + (width % 5)] as const),
    ...([
      [5, 1],
      [300, 2],
      [301, 3],
      [16, 299],
      [1031, 1211],
      [20_001, 37],
    ] as const),
  ])('%i x %i pixels are those of a bitmap', async (width, height) => {
    const file = await made(width, height);
    expect(await isTaken(file)).toBe(true);
    const want = await decode(file, null);
    for (const rows of [height, 7, 349]) expect(differing(await decode(file, planes, rows), want)).toBe(0);
  });

  it.each([
    [1, 1],
    [2, 30],
    [4, 4],
    [40_001, 3],
  ])('%i x %i pixels, whose chroma is repeated or which no frame can hold, come as ever', async (width, height) => {
    const file = await made(width, height);
    expect(await isTaken(file)).toBe(false);
    expect(differing(await decode(file, planes), await decode(file, null))).toBe(0);
  });

  it('takes memory at any address', async () => {
    const file = await made(61, 40);
    const reader = await openWithBrowser(file, await probeSource(file, file.name), planes);
    const odd = new Uint8Array(61 * 40 * 3 + 3).subarray(3);
    await reader.read(40, odd);
    expect(differing(odd, await decode(file, null))).toBe(0);
  });

  it('gives of damaged data what the usual way gives', async () => {
    const file = await made(200, 150);
    const bytes = new Uint8Array(await file.arrayBuffer());
    bytes.subarray(bytes.length >> 1, (bytes.length >> 1) + 40).fill(0x2a);
    const broken = new File([bytes], 'broken.jpg');
    expect(await isTaken(broken)).toBe(true);
    expect(differing(await decode(broken, planes), await decode(broken, null))).toBe(0);
  });

  it('refuses a file that is cut off, and one that no decoder takes, as ever', async () => {
    const file = await made(200, 150);
    const info = await probeSource(file, file.name);
    const cut = new File([file.slice(0, file.size - 60)], 'cut.jpg');
    await expect(openWithBrowser(cut, info, planes)).rejects.toMatchObject({
      ...{ code: 'bad-input', values: { name: 'cut.jpg' } },
      message: expect.stringContaining('it is cut off') as string,
    });
    const bytes = new Uint8Array(await file.arrayBuffer());
    // More Huffman codes of each length than there can be.
    const table = bytes.findIndex((value, at) => value === 0xff && bytes[at + 1] === 0xc4);
    bytes.fill(0xff, table + 5, table + 21);
    await expect(openWithBrowser(new File([bytes], 'refused.jpg'), info, planes)).rejects.toMatchObject({
      ...{ code: 'bad-input', values: { name: 'refused.jpg' } },
      message: expect.stringContaining("the browser's decoder refuses it") as string,
    });
  });

  it('can be closed at any time, and read beside others', async () => {
    const file = await made(700, 900);
    const info = await probeSource(file, file.name);
    const want = await decode(file, null);
    const closed = await openWithBrowser(file, info, planes);
    const reading = closed.read(500, new Uint8Array(700 * 500 * 3));
    await closed.close();
    await closed.close();
    await expect(reading).rejects.toThrow('closed while it was read');
    const all = await Promise.all([decode(file, planes, 100), decode(file, planes, 333), decode(file, planes)]);
    expect(all.map((data) => differing(data, want))).toEqual([0, 0, 0]);
  });
});

describe('trust in planes', () => {
  /** The scalar twin in place of the kernel. */
  const scalar =
    (change: (pixels: Uint8Array) => void): OpenPlaneConverter =>
    (bytes) => {
      const memory = [new Uint8Array(bytes), new Uint8Array(bytes)] as const;
      return Promise.resolve({
        memory: (index) => memory[index],
        convert(index, strip, y, rows, into, at) {
          convertPlanes(memory[index], strip, y, rows, into, at);
          change(into);
        },
        close: () => undefined,
      });
    };
  const trusts = (open: Promise<OpenPlaneConverter>): Promise<boolean> => new PlaneDecoder(open).trusted;

  it('is refused where a single sample differs, or nothing can be converted', async () => {
    expect(await trusts(Promise.resolve(scalar(() => undefined)))).toBe(true);
    expect(await trusts(Promise.resolve(scalar((pixels) => void (pixels[1000]! ^= 1))))).toBe(false);
    expect(await trusts(Promise.resolve(() => Promise.reject(new Error('no memory'))))).toBe(false);
    expect(await trusts(Promise.reject(new Error('no kernels')))).toBe(false);
  });

  it('is refused where the browser has no such decoder', async () => {
    vi.stubGlobal('ImageDecoder', undefined);
    expect(await trusts(converters())).toBe(false);
  });

  it('is refused where the browser decodes to pixels', async () => {
    const decoding = vi.spyOn(ImageDecoder.prototype, 'decode').mockImplementation(async () => {
      const frame = new VideoFrame(new OffscreenCanvas(37, 21), { timestamp: 0 });
      return Promise.resolve({ image: frame, complete: true });
    });
    expect(await trusts(converters())).toBe(false);
    expect(decoding).toHaveBeenCalled();
  });

  it('leaves a file to the usual way where there is none', async () => {
    const distrusted = new PlaneDecoder(Promise.resolve(scalar((pixels) => void (pixels[1000]! ^= 1))));
    const file = await made(301, 200);
    // Asked before the trial has ended, and after.
    for (const when of ['early', 'late']) {
      expect(await isTaken(file, distrusted), when).toBe(false);
      expect(differing(await decode(file, distrusted), await decode(file, null)), when).toBe(0);
    }
  });
});
