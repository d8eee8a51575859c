import { PNG_SIGNATURE, chunk, concat } from './chunks.ts';

/** A PNG to be written by `writeSample`: an encoder for tests that shares nothing with ours but the chunk's frame. */
export interface Sample {
  readonly width: number;
  readonly height: number;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  readonly bits: 1 | 2 | 4 | 8 | 16;
  readonly interlaced: boolean;
  readonly palette?: Uint8Array;
  readonly transparency?: Uint8Array;
  /** Sample values by pixel and channel. */
  readonly samples: Uint16Array;
  /** Chunks between IHDR and the palette. */
  readonly before?: readonly Uint8Array[];
  /** Data bytes in each IDAT chunk. */
  readonly chunkBytes?: number;
}

export const channelsOf = (colourType: Sample['colourType']): number => ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 })[colourType];

/** Packs the pixels of some columns of a row, most significant bits first. */
function packRow(sample: Sample, y: number, columns: readonly number[]): Uint8Array {
  const channels = channelsOf(sample.colourType);
  const bits: number[] = [];
  for (const x of columns) {
    for (let c = 0; c < channels; c++) {
      const value = sample.samples[(y * sample.width + x) * channels + c];
      for (let b = sample.bits - 1; b >= 0; b--) bits.push((value >> b) & 1);
    }
  }
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  bits.forEach((bit, i) => (bytes[i >> 3] |= bit << (7 - (i & 7))));
  return bytes;
}

/** One filtered row, by the definition in PNG section 9.2. */
function filterRow(type: number, row: Uint8Array, above: Uint8Array, bpp: number): Uint8Array {
  const out = new Uint8Array(row.length + 1);
  out[0] = type;
  row.forEach((x, i) => {
    const a = row[i - bpp] ?? 0;
    const b = above[i] ?? 0;
    const c = above[i - bpp] ?? 0;
    const p = a + b - c;
    const nearest = [a, b, c].reduce((best, v) => (Math.abs(p - v) < Math.abs(p - best) ? v : best), a);
    out[i + 1] = x - [0, a, b, Math.floor((a + b) / 2), nearest][type];
  });
  return out;
}

const range = (from: number, end: number, step: number): number[] =>
  Array.from({ length: Math.max(0, Math.ceil((end - from) / step)) }, (_, i) => from + i * step);

/** The filtered bytes of all rows or passes; filter types take turns. */
export function filteredBytes(sample: Sample): Uint8Array<ArrayBuffer> {
  const { width, height } = sample;
  const bpp = Math.max(1, (channelsOf(sample.colourType) * sample.bits) / 8);
  // The first pixel and the spacing of Adam7's passes, as the specification's 8 x 8 pattern has them.
  const starts = ['0,0,8,8', '4,0,8,8', '0,4,4,8', '2,0,4,4', '0,2,2,4', '1,0,2,2', '0,1,1,2'];
  const passes = (sample.interlaced ? starts : ['0,0,1,1']).map((pass) => pass.split(',').map(Number));
  const rows: Uint8Array[] = [];
  for (const [x0, y0, dx, dy] of passes) {
    const columns = range(x0, width, dx);
    if (columns.length === 0) continue;
    let above: Uint8Array = new Uint8Array();
    range(y0, height, dy).forEach((y, i) => {
      const row = packRow(sample, y, columns);
      rows.push(filterRow((i * 3 + x0 + rows.length) % 5, row, above, bpp));
      above = row;
    });
  }
  return concat(rows);
}

/** The chunks of a whole file. `deflate` makes a zlib stream. */
export function sampleChunks(sample: Sample, deflate: (bytes: Uint8Array) => Uint8Array): Uint8Array<ArrayBuffer>[] {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, sample.width);
  view.setUint32(4, sample.height);
  header.set([sample.bits, sample.colourType, 0, 0, sample.interlaced ? 1 : 0], 8);
  const data = deflate(filteredBytes(sample));
  const step = sample.chunkBytes ?? 8192;
  return [
    chunk('IHDR', header),
    ...(sample.before ?? []).map((bytes) => new Uint8Array(bytes)),
    ...(sample.palette === undefined ? [] : [chunk('PLTE', sample.palette)]),
    ...(sample.transparency === undefined ? [] : [chunk('tRNS', sample.transparency)]),
    ...range(0, data.length, step).map((at) => chunk('IDAT', data.subarray(at, at + step))),
    chunk('IEND', new Uint8Array()),
  ];
}

export const joinChunks = (chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> =>
  concat([PNG_SIGNATURE, ...chunks]);
