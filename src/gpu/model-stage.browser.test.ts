import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BandModel, EngineJob } from '../core/engine.ts';
import { wholeOf } from '../core/geometry.ts';
import { randomGraph } from '../core/graph-network.testing.ts';
import { graphRadius, isGraph, type GraphNetwork } from '../core/graph-network.ts';
import type { Network } from '../core/network.ts';
import { receptiveRadius } from '../core/network.ts';
import { enlargedRegion, BAND_LOCK_REACH, networkTiles, sampleTiles } from '../core/plan/band-model.ts';
import { reflect } from '../core/plan/tiles.ts';
import { runGraph } from '../core/reference/graph-network.ts';
import { runNetwork } from '../core/reference/network.ts';
import { resampleRect } from '../core/reference/resample.ts';
import type { SourceWindow } from '../core/source.ts';
import smallUrl from '../models/generated/anime4k-s.onnx?url';
import { networkOf } from '../models/network-of.ts';
import { readOnnx } from '../models/onnx.ts';
import { ColourLock, LOCK_REACH } from '../pipeline/ai/colour-lock.ts';
import type { GpuContext } from './context.ts';
import { compare, directSpec, jobOf, never, openContext, testSource, withEngine } from './support.testing.ts';

const SIZE = { width: 45, height: 37 };
const ENLARGED = { width: 90, height: 74 };
const RGB = { channels: 3, depth: 8 } as const;
const source = testSource(SIZE, RGB);

let context: GpuContext;
let network: Network;
beforeAll(async () => {
  const bytes = new Uint8Array(await (await fetch(smallUrl)).arrayBuffer());
  network = networkOf(readOnnx(bytes), [])!;
  context = await openContext();
});
afterAll(() => context.destroy());

/** A network once over the whole picture with mirrored borders, rounded to samples and held to the picture's colours. */
function enlargedBy(network: Network | GraphNetwork, picture: SourceWindow, colourLock: boolean): SourceWindow {
  const radius = isGraph(network) ? graphRadius(network) : receptiveRadius(network);
  const { width, height, data } = picture;
  const multiple = isGraph(network) ? network.multiple : 1;
  const wide = Math.ceil(width / multiple) * multiple + 2 * radius;
  const high = Math.ceil(height / multiple) * multiple + 2 * radius;
  const padded = Float32Array.from({ length: 3 * wide * high }, (_, i) => {
    const x = reflect((i % wide) - radius, width);
    const y = reflect((Math.floor(i / wide) % high) - radius, height);
    return data[3 * (y * width + x) + Math.floor(i / wide / high)]! / 255;
  });
  const input = { width: wide, height: high, data: padded };
  const result = isGraph(network) ? runGraph(network, input) : runNetwork(network, input);
  const { scale } = network;
  const size = { width: scale * width, height: scale * height };
  const samples = Uint8Array.from({ length: 3 * size.width * size.height }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % size.width, Math.floor(i / 3 / size.width)];
    const value = result.data[((i % 3) * result.height + y) * result.width + x]!;
    return Math.round(Math.min(1, Math.max(0, value)) * 255);
  });
  const planes = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = i % (width * height);
    return data[3 * pixel + Math.floor(i / (width * height))]! / 255;
  });
  const lock = new ColourLock({ width, height, channels: 3, data: planes }, samples, 3, 3, scale, 255);
  const row = new Float32Array(size.width);
  const held = samples.slice();
  for (let y = 0; y < size.height && colourLock; y++) {
    for (let c = 0; c < 3; c++) {
      lock.row(c, y, 0, row);
      for (let x = 0; x < size.width; x++) {
        const at = 3 * (y * size.width + x) + c;
        held[at] = Math.floor(Math.min(255, Math.max(0, samples[at]! + row[x]!)) + 0.5);
      }
    }
  }
  return { ...size, ...RGB, capacity: size.height, data: held };
}

const withModel = (job: EngineJob, colourLock: boolean, networks: BandModel['networks'] = [network]): EngineJob => ({
  ...job,
  model: { networks, colourLock },
});

/** A network whose averages are taken over the whole picture, which halves a tensor; what it adds to the picture is faint, so that colours stay. */
const averaging = ((): GraphNetwork => {
  const network = randomGraph(
    [
      { from: 0, kernel: 3, channels: 36 },
      { from: 1, kernel: 2, channels: 24 },
      { from: 2, kernel: 3, channels: 20 },
      { from: 3, kernel: 1, gate: 0, spread: 2, channels: 36, add: { tensor: 1, gate: null, crop: 2 } },
      { from: 4, kernel: 3, channels: 3, sloped: false },
    ],
    [{ of: 3, hidden: 5 }],
    { scale: 1, multiple: 2, spread: 1, base: 'nearest' },
  );
  const last = network.layers.at(-1)!;
  const faint = { ...last, weights: last.weights.map((value) => value * 0.3), bias: last.bias.map(() => 0) };
  return { ...network, layers: [...network.layers.slice(0, -1), faint] };
})();

describe('a network before the resampling', () => {
  it.each([
    { to: ENLARGED, colourLock: true },
    { to: ENLARGED, colourLock: false },
    { to: { width: 71, height: 66 }, colourLock: true },
    { to: { width: 200, height: 120 }, colourLock: true },
  ])(
    'gives what it gives by itself, resampled: $to.width x $to.height, lock $colourLock',
    async ({ to, colourLock }) => {
      const spec = directSpec(ENLARGED, to, 'lanczos3', 3, 8);
      const reference = enlargedBy(network, source, colourLock);
      await withEngine(context, withModel(jobOf(spec, source), colourLock), async (engine) => {
        for (const rect of [wholeOf(to), { x: 13, y: 9, width: 40, height: 33 }]) {
          const pixels = await engine.pixels(rect, never);
          const { largest, at } = compare(pixels, resampleRect(spec, reference, rect), rect.width, RGB);
          expect(largest, at).toBeLessThanOrEqual(1);
        }
      });
    },
  );

  it('takes rows of whole words as they lie, also those of a part', async () => {
    const size = { width: 44, height: 40 };
    const to = { width: 88, height: 80 };
    const words = testSource(size, RGB);
    const spec = directSpec(to, to, 'lanczos3', 3, 8);
    const reference = enlargedBy(network, words, true);
    await withEngine(context, withModel(jobOf(spec, words), true), async (engine) => {
      for (const rect of [wholeOf(to), { x: 0, y: 40, width: 88, height: 16 }]) {
        const pixels = await engine.pixels(rect, never);
        const { largest, at } = compare(pixels, resampleRect(spec, reference, rect), rect.width, RGB);
        expect(largest, at).toBeLessThanOrEqual(1);
      }
    });
  });

  it.each([
    { what: 'averages', networks: () => [averaging], scale: 1 },
    { what: 'two runs', networks: () => [network, network], scale: 4 },
    { what: 'two networks, the second with averages', networks: () => [network, averaging], scale: 2 },
  ])('goes through $what', async ({ networks, scale }) => {
    const to = { width: SIZE.width * scale, height: SIZE.height * scale };
    const spec = directSpec(to, to, 'lanczos3', 3, 8);
    const reference = networks().reduce((picture: SourceWindow, each) => enlargedBy(each, picture, true), source);
    // Where a sample of the first picture is rounded to the other side, the second follows.
    const most = networks().length === 1 ? 1 : 3;
    await withEngine(context, withModel(jobOf(spec, source), true, networks()), async (engine) => {
      for (const rect of [wholeOf(to), { x: 3, y: 2, width: 41, height: 33 }]) {
        const pixels = await engine.pixels(rect, never);
        const { largest, at } = compare(pixels, resampleRect(spec, reference, rect), rect.width, RGB);
        expect(largest, at).toBeLessThanOrEqual(most);
      }
    });
  });

  it('shares averages between tiles: a part of a picture is what it is in the whole one', async () => {
    const size = { width: 420, height: 52 };
    const spec = directSpec(size, size, 'lanczos3', 3, 8);
    const job = withModel(jobOf(spec, testSource(size, RGB)), true, [averaging]);
    await withEngine(context, job, async (engine) => {
      const whole = await engine.pixels(wholeOf(size), never);
      const rect = { x: 301, y: 11, width: 103, height: 37 };
      const part = await engine.pixels(rect, never);
      const cut = part.map((_, i) => {
        const [x, y] = [Math.floor(i / 3) % rect.width, Math.floor(i / 3 / rect.width)];
        return whole[3 * ((rect.y + y) * size.width + rect.x + x) + (i % 3)]!;
      });
      expect(compare(part, cut, rect.width, RGB).largest).toBeLessThanOrEqual(1);
    });
  });

  it('takes averages in parts of a picture that is too large', async () => {
    // Each part sees the same as the others, and nearly the same as the whole: columns of the same stripes.
    const size = { width: 420, height: 20 };
    const stripes = testSource(size, RGB);
    stripes.data.forEach((_, i) => (stripes.data[i] = [30, 90, 200, 140][Math.floor(i / 3) % 4]!));
    const job = withModel(jobOf(directSpec(size, size, 'lanczos3', 3, 8), stripes), false, [averaging]);
    const [inParts, inOne] = await Promise.all(
      [{ scratchBytes: 1 << 19 }, {}].map((options) =>
        withEngine(context, job, (engine) => engine.pixels(wholeOf(size), never), options),
      ),
    );
    const { largest, at } = compare(inParts!, inOne!, size.width, RGB);
    expect(largest, at).toBeLessThanOrEqual(1);
  });

  it('does not depend on how it is cut', async () => {
    const spec = directSpec(ENLARGED, ENLARGED, 'lanczos3', 3, 8);
    const job = withModel(jobOf(spec, source), true);
    const rect = wholeOf(ENLARGED);
    const whole = await withEngine(context, job, (engine) => engine.pixels(rect, never));
    const cut = await withEngine(context, job, (engine) => engine.pixels(rect, never), { scratchBytes: 16 * 90 * 20 });
    expect(compare(cut, whole, rect.width, RGB).largest).toBeLessThanOrEqual(1);
  });

  it('rejects when the network computes nonsense', async () => {
    const last = network.layers.at(-1)!;
    const lighter = { ...last, bias: last.bias.map((value) => value + 0.6) };
    const broken = { ...network, layers: [...network.layers.slice(0, -1), lighter] };
    const job = {
      ...jobOf(directSpec(ENLARGED, ENLARGED, 'lanczos3', 3, 8), source),
      model: { networks: [broken], colourLock: true },
    };
    await withEngine(context, job, async (engine) => {
      await expect(engine.pixels(wholeOf(ENLARGED), never)).rejects.toMatchObject({ code: 'engine-failed' });
    });
  });

  it('leaves no buffers', async () => {
    const job = withModel(jobOf(directSpec(ENLARGED, ENLARGED, 'lanczos3', 3, 8), source), true);
    const engine = await withEngine(context, job, async (opened) => {
      await opened.pixels(wholeOf(ENLARGED), never);
      return opened;
    });
    expect(engine.stats).toMatchObject({ liveBuffers: 0, bytes: 0 });
  });
});

describe('its plan', () => {
  it('looks as far as the colour lock does', () => expect(BAND_LOCK_REACH).toBe(LOCK_REACH));

  it('covers a region once', () => {
    const region = enlargedRegion({ width: 1000, height: 700 }, { x: 100, y: 60, width: 900, height: 500 }, 2);
    expect(region).toEqual({ x: 41, y: 21, width: 468, height: 268 });
    const fits = (width: number, height: number): boolean => width * height <= 130 * 130;
    const tiles = networkTiles(region, { radius: 8, multiple: 1, fits });
    expect(tiles.every(({ width, height }) => fits(width + 16, height + 16))).toBe(true);
    const seen = new Uint8Array(region.width * region.height);
    for (const { x, y, width, height } of tiles) {
      for (let row = y - region.y; row < y - region.y + height; row++) {
        for (let column = x - region.x; column < x - region.x + width; column++) seen[row * region.width + column]!++;
      }
    }
    expect(seen.every((count) => count === 1)).toBe(true);
  });

  it('begins tiles at even places where a network halves', () => {
    const fits = (width: number, height: number): boolean => width * height <= 200 * 200;
    const tiles = networkTiles({ x: 41, y: 21, width: 468, height: 269 }, { radius: 18, multiple: 2, fits });
    expect(tiles[0]).toMatchObject({ x: 40, y: 20 });
    expect(tiles.at(-1)!.x + tiles.at(-1)!.width).toBe(510);
    expect(tiles.flatMap(({ x, y, width, height }) => [x, y, width, height]).every((n) => n % 2 === 0)).toBe(true);
  });

  it('takes averages in all of a picture that fits, else in nine parts of it', () => {
    const needs = { radius: 18, multiple: 2, fits: (w: number, h: number): boolean => w * h <= 300 * 300 };
    expect(sampleTiles({ width: 201, height: 150 }, needs)).toEqual([{ x: 0, y: 0, width: 202, height: 150 }]);
    const parts = sampleTiles({ width: 3000, height: 2001 }, needs);
    expect(parts).toHaveLength(9);
    expect(parts[4]).toEqual({ x: 1436, y: 936, width: 128, height: 128 });
    expect(parts.every(({ x, y }) => x % 2 === 0 && y % 2 === 0 && x + 128 <= 3000 && y + 128 <= 2002)).toBe(true);
  });
});
