import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineJob } from '../core/engine.ts';
import { wholeOf } from '../core/geometry.ts';
import type { Network } from '../core/network.ts';
import { receptiveRadius } from '../core/network.ts';
import { enlargedRegion, BAND_LOCK_REACH, networkTiles } from '../core/plan/band-model.ts';
import { reflect } from '../core/plan/tiles.ts';
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

/** The network once over the whole picture with mirrored borders, rounded to samples and held to the source's colours. */
function enlarged(picture: SourceWindow, colourLock: boolean): SourceWindow {
  const radius = receptiveRadius(network);
  const { width, height, data } = picture;
  const [wide, high] = [width + 2 * radius, height + 2 * radius];
  const padded = Float32Array.from({ length: 3 * wide * high }, (_, i) => {
    const x = reflect((i % wide) - radius, width);
    const y = reflect((Math.floor(i / wide) % high) - radius, height);
    return data[3 * (y * width + x) + Math.floor(i / wide / high)]! / 255;
  });
  const result = runNetwork(network, { width: wide, height: high, data: padded });
  const area = ENLARGED.width * ENLARGED.height;
  const samples = Uint8Array.from({ length: 3 * area }, (_, i) =>
    Math.round(Math.min(1, Math.max(0, result.data[(i % 3) * area + Math.floor(i / 3)]!)) * 255),
  );
  const planes = Float32Array.from({ length: 3 * width * height }, (_, i) => {
    const pixel = i % (width * height);
    return data[3 * pixel + Math.floor(i / (width * height))]! / 255;
  });
  const lock = new ColourLock({ ...SIZE, channels: 3, data: planes }, samples, 3, 3, 2, 255);
  const row = new Float32Array(ENLARGED.width);
  const held = samples.slice();
  for (let y = 0; y < ENLARGED.height && colourLock; y++) {
    for (let c = 0; c < 3; c++) {
      lock.row(c, y, 0, row);
      for (let x = 0; x < ENLARGED.width; x++) {
        const at = 3 * (y * ENLARGED.width + x) + c;
        held[at] = Math.floor(Math.min(255, Math.max(0, samples[at]! + row[x]!)) + 0.5);
      }
    }
  }
  return { ...ENLARGED, ...RGB, capacity: ENLARGED.height, data: held };
}

const withModel = (job: EngineJob, colourLock: boolean): EngineJob => ({ ...job, model: { network, colourLock } });

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
      const reference = enlarged(source, colourLock);
      await withEngine(context, withModel(jobOf(spec, source), colourLock), async (engine) => {
        for (const rect of [wholeOf(to), { x: 13, y: 9, width: 40, height: 33 }]) {
          const pixels = await engine.pixels(rect, never);
          const { largest, at } = compare(pixels, resampleRect(spec, reference, rect), rect.width, RGB);
          expect(largest, at).toBeLessThanOrEqual(1);
        }
      });
    },
  );

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
      model: { network: broken, colourLock: true },
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
    const tiles = networkTiles(region, (width, height) => width * height <= 130 * 130);
    const seen = new Uint8Array(region.width * region.height);
    for (const { x, y, width, height } of tiles) {
      for (let row = y - region.y; row < y - region.y + height; row++) {
        for (let column = x - region.x; column < x - region.x + width; column++) seen[row * region.width + column]!++;
      }
    }
    expect(seen.every((count) => count === 1)).toBe(true);
  });
});
