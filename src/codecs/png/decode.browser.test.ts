import { describe, expect, it } from 'vitest';
import { NO_METADATA } from '../../core/metadata.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import { cutBands } from '../../core/plan/bands.ts';
import { createReferencePngCoder } from '../../core/reference/png.ts';
import { chunk, concat } from './chunks.ts';
import { openPng } from './decode.ts';
import { createPngFile } from './file.ts';
import { probePng } from './probe.ts';
import { joinChunks } from './sample.testing.ts';

const shape = { width: 700, height: 300, channels: 3, depth: 8 } as const;
const stride = bytesPerRow(shape.width, shape);

const pixels = Uint8Array.from({ length: shape.height * stride }, (_, i) => {
  const x = Math.floor(i / 3) % shape.width;
  return 128 + 90 * Math.sin(x / 30 + (i % 3)) * Math.cos(i / stride / 20);
});

function written(): Uint8Array<ArrayBuffer> {
  const file = createPngFile(shape, NO_METADATA);
  const coder = createReferencePngCoder(shape, 'fast');
  const parts = [...file.begin()];
  for (const place of cutBands(shape.height, 64)) {
    const rows = pixels.subarray(place.y * stride, (place.y + place.rows) * stride);
    parts.push(...file.segment(coder.encode(rows, place), place));
  }
  return concat([...parts, ...file.end().bytes]);
}

async function decode(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const file = new File([bytes], 'own.png');
  const info = await probePng(file, file.name);
  const reader = await openPng(file, info);
  try {
    const data = new Uint8Array(info.height * stride);
    for (let y = 0; y < info.height; y += 50) await reader.read(50, data.subarray(y * stride, (y + 50) * stride));
    return data;
  } finally {
    await reader.close();
  }
}

/** `expect(...).toEqual` takes seconds for this many bytes. */
const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.prototype.every.call(a, (value, i) => value === b[i]);

describe('PNG in the browser', () => {
  it('reads its own files', async () => {
    expect(same(await decode(written()), pixels)).toBe(true);
  });

  it('writes files that the browser itself shows', async () => {
    const bitmap = await createImageBitmap(new Blob([written()], { type: 'image/png' }), {
      colorSpaceConversion: 'none',
    });
    const context = new OffscreenCanvas(shape.width, shape.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const shown = context.getImageData(0, 0, shape.width, shape.height).data;
    expect(
      same(
        shown.filter((_, i) => i % 4 !== 3),
        pixels,
      ),
    ).toBe(true);
  });

  it.each([
    ['cut off', (bytes: Uint8Array) => bytes.slice(0, -4000), /ends within its IDAT/],
    ['a wrong checksum', (bytes: Uint8Array) => bytes.map((b, i) => (i === 5000 ? b ^ 1 : b)), /damaged|filter type/],
    ['garbage within IDAT', () => damagedStream(), /compressed pixels are damaged/],
  ])('refuses %s', async (_, damage, reason) => {
    const bytes = new Uint8Array(damage(written()));
    await expect(decode(bytes)).rejects.toMatchObject({ code: 'bad-input', message: expect.stringMatching(reason) });
  });

  it('inflates no further than it is read', async () => {
    // 190 MB of zeros in 190 KB.
    const [width, height] = [8000, 8000];
    const header = new Uint8Array(13);
    new DataView(header.buffer).setUint32(0, width);
    new DataView(header.buffer).setUint32(4, height);
    header.set([8, 2], 8);
    const row = new Blob([new Uint8Array((width * 3 + 1) * 100)]);
    const raw = new Blob(new Array<Blob>(height / 100).fill(row));
    const packed = raw.stream().pipeThrough(new CompressionStream('deflate'));
    const data = new Uint8Array(await new Response(packed).arrayBuffer());
    const file = new File(
      [joinChunks([chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', new Uint8Array())])],
      'zeros.png',
    );
    const reader = await openPng(file, await probePng(file, file.name));
    const rows = new Uint8Array(width * 3 * 10).fill(1);
    await reader.read(10, rows);
    expect(rows.every((value) => value === 0)).toBe(true);
    await reader.close();
    await expect(reader.read(10, rows)).rejects.toThrow();
  });

  function damagedStream(): Uint8Array {
    const bytes = written();
    const data = new Uint8Array(4000).fill(0xaa);
    return joinChunks([bytes.slice(8, 33), chunk('IDAT', data), chunk('IEND', new Uint8Array())]);
  }
});
