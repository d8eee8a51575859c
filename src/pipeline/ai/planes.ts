import type { Rect, Size } from '../../core/geometry.ts';
import { bytesPerPixel, maxSample, samplesOf, type Channels, type PixelFormat } from '../../core/pixels.ts';
import { reflect } from '../../core/plan/tiles.ts';

/** Pixels that can be had in any rectangle within the picture: rows unpadded, in its pixel format. */
export interface PixelSource extends Size, PixelFormat {
  region(rect: Rect): Promise<Uint8Array<ArrayBuffer>>;
}

/** What a picture shows where one looks beyond its borders: the pixel of each column or row, and the first and last of them. */
interface Mirrored {
  readonly at: Int32Array;
  readonly first: number;
  readonly count: number;
}

function mirrored(from: number, count: number, length: number): Mirrored {
  const at = Int32Array.from({ length: count }, (_, i) => reflect(from + i, length));
  const first = at.reduce((a, b) => Math.min(a, b));
  const last = at.reduce((a, b) => Math.max(a, b));
  return { at: at.map((position) => position - first), first, count: last - first + 1 };
}

/** A rectangle of samples 0..1, plane by plane. */
export interface Planes extends Size {
  readonly channels: number;
  readonly data: Float32Array<ArrayBuffer>;
}

/** Reads a rectangle that may reach beyond the picture, where it is mirrored, as planes of its own channels. */
export async function readPlanes(source: PixelSource, rect: Rect): Promise<Planes> {
  const { channels, depth } = source;
  const columns = mirrored(rect.x, rect.width, source.width);
  const rows = mirrored(rect.y, rect.height, source.height);
  const region = { x: columns.first, y: rows.first, width: columns.count, height: rows.count };
  const samples = samplesOf(await source.region(region), depth);
  const scale = 1 / maxSample(depth);
  const { width, height } = rect;
  const data = new Float32Array(channels * width * height);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = rows.at[y] * region.width * channels + c;
      const to = (c * height + y) * width;
      for (let x = 0; x < width; x++) data[to + x] = samples[from + columns.at[x] * channels] * scale;
    }
  }
  return { width, height, channels, data };
}

/** Red, green and blue for a model: grey three times; colours of transparent pixels are taken from their neighbours. */
export function colourPlanes({ width, height, channels, data }: Planes): Float32Array<ArrayBuffer> {
  const area = width * height;
  if (channels === 3) return data;
  const colours = new Float32Array(3 * area);
  if (channels === 1) {
    for (let c = 0; c < 3; c++) colours.set(data, c * area);
    return colours;
  }
  colours.set(data.subarray(0, 3 * area));
  fillTransparent(colours, data.subarray(3 * area), width, height);
  return colours;
}

/** The plane of transparency, three times. */
export function alphaPlanes({ width, height, data }: Planes): Float32Array<ArrayBuffer> {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++) planes.set(data.subarray(3 * area, 4 * area), c * area);
  return planes;
}

/** How far colours spread into transparent areas: beyond it nothing shows at any factor of one pass. */
const SPREAD = 8;

/**
 * Colours under full transparency are arbitrary, often black, and a model would draw an edge there. They are replaced, ring by ring, by
 * the mean of the neighbours that are known; what is farther than that gets the mean of all.
 */
function fillTransparent(colours: Float32Array, alpha: Float32Array, width: number, height: number): void {
  const area = width * height;
  let unknown: number[] = [];
  const known = new Uint8Array(area);
  const sums = [0, 0, 0];
  for (let i = 0; i < area; i++) {
    if (alpha[i] === 0) unknown.push(i);
    else {
      known[i] = 1;
      for (let c = 0; c < 3; c++) sums[c] += colours[c * area + i];
    }
  }
  if (unknown.length === 0) return;
  const count = Math.max(1, area - unknown.length);
  for (let ring = 0; ring < SPREAD && unknown.length > 0; ring++) {
    const left: number[] = [];
    const filled: number[] = [];
    for (const i of unknown) {
      const x = i % width;
      const near = [x > 0 ? i - 1 : -1, x < width - 1 ? i + 1 : -1, i - width, i + width];
      const from = near.filter((j) => j >= 0 && j < area && known[j] === 1);
      if (from.length === 0) left.push(i);
      else {
        for (let c = 0; c < 3; c++) {
          colours[c * area + i] = from.reduce((sum, j) => sum + colours[c * area + j], 0) / from.length;
        }
        filled.push(i);
      }
    }
    for (const i of filled) known[i] = 1;
    unknown = left;
  }
  for (const i of unknown) for (let c = 0; c < 3; c++) colours[c * area + i] = sums[c] / count;
}

/** Interleaved samples of one format with a size: what tiles are kept as. */
export interface Pixels extends Size {
  readonly channels: number;
  readonly data: Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;
}

/** Samples for a number of pixels and channels. */
export const sampleArray = (count: number, depth: 8 | 16): Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> =>
  depth === 8 ? new Uint8Array(count) : new Uint16Array(count);

/** Planes of colour, 0..1, as samples: RGB, or their mean for a grey picture. */
export function toSamples(planes: Float32Array, size: Size, channels: 1 | 3, depth: 8 | 16): Pixels {
  const area = size.width * size.height;
  const data = sampleArray(area * channels, depth);
  const most = maxSample(depth);
  if (channels === 1) {
    for (let i = 0; i < area; i++) data[i] = rounded((planes[i] + planes[area + i] + planes[2 * area + i]) / 3, most);
  } else {
    for (let i = 0; i < area; i++) {
      data[3 * i] = rounded(planes[i], most);
      data[3 * i + 1] = rounded(planes[area + i], most);
      data[3 * i + 2] = rounded(planes[2 * area + i], most);
    }
  }
  return { ...size, channels, data };
}

export const rounded = (value: number, most: number): number => Math.min(most, Math.max(0, value * most + 0.5)) | 0;

/** Colour channels of a picture: 1 or 3. */
export const colourChannels = (channels: Channels): 1 | 3 => (channels === 1 ? 1 : 3);

export const bytesOf = (rect: Size, format: PixelFormat): number => rect.width * rect.height * bytesPerPixel(format);
