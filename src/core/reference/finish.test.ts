import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { finishArea, grainFilter, type Finish } from '../finish.ts';
import type { Channels, Depth } from '../pixels.ts';
import { finishRect, noiseAt } from './finish.ts';

const PICTURE = { width: 60, height: 44 };
const WHOLE = { x: 0, y: 0, ...PICTURE };

function noise(channels: Channels, smooth = false): Uint16Array {
  let state = 5;
  return Uint16Array.from({ length: PICTURE.width * PICTURE.height * channels }, (_, i) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    if (channels === 4 && i % 4 === 3) return state >>> 31 ? 65535 : state >>> 17;
    return smooth ? 30000 + ((i * 37) % 4000) : state >>> 16;
  });
}

function finished(finish: Finish, samples: Uint16Array, channels: Channels, depth: Depth, rect = WHOLE): number[] {
  const area = finishArea(finish, PICTURE, rect);
  const part = new Uint16Array(area.width * area.height * channels);
  for (let y = 0; y < area.height; y++) {
    const start = ((area.y + y) * PICTURE.width + area.x) * channels;
    part.set(samples.subarray(start, start + area.width * channels), y * area.width * channels);
  }
  const bytes = finishRect(finish, { samples: part, area, channels, picture: PICTURE }, rect, depth);
  return [...(depth === 8 ? bytes : new Uint16Array(bytes.buffer))];
}

/** ImageMagick's unsharp mask of a 16-bit grey picture. Its gain is not weighed by a threshold of 0. */
function imageMagick(samples: Uint16Array, sigma: number, gain: number): Uint16Array {
  const reach = Math.ceil(3 * sigma);
  const raw = ['-size', `${PICTURE.width}x${PICTURE.height}`, '-depth', '16', '-endian', 'LSB'];
  const run = spawnSync(
    'convert',
    [...raw, 'gray:-', '-virtual-pixel', 'edge', '-unsharp', `${reach}x${sigma}+${gain}+0`, ...raw.slice(2), 'gray:-'],
    { input: Buffer.from(samples.buffer) },
  );
  if (run.status !== 0) throw new Error(run.stderr.toString());
  return new Uint16Array(new Uint8Array(run.stdout).buffer);
}

describe('sharpening', () => {
  it.each([
    [0.7, 0.8],
    [1.5, 2],
    [4, 0.5],
  ])('of radius %f is what ImageMagick makes', (radius, gain) => {
    const samples = noise(1, true);
    const ours = finished({ sharpen: { radius, amount: gain * 100, threshold: 0 }, grain: null }, samples, 1, 16);
    const theirs = imageMagick(samples, radius, gain);
    const worst = ours.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i]!)), 0);
    // Its kernels end sooner or later than ours: some hundredths of the contrast of 4000 that there is.
    expect(worst).toBeLessThan(120);
    expect(ours.some((value, i) => Math.abs(value - samples[i]!) > 400)).toBe(true);
  });

  it('moves the three colours alike, and leaves alpha', () => {
    const samples = noise(4).map((value, i) => (i % 4 === 3 ? value : 20000 + (value >> 2)));
    const ours = finished({ sharpen: { radius: 2, amount: 60, threshold: 0 }, grain: null }, samples, 4, 16);
    for (let i = 0; i < ours.length; i += 4) {
      const [r, g, b, a] = [0, 1, 2, 3].map((c) => ours[i + c]! - samples[i + c]!) as [number, number, number, number];
      expect(a).toBe(0);
      expect(Math.abs(r - g) + Math.abs(g - b)).toBeLessThanOrEqual(2);
      if (samples[i + 3] === 0) expect(r).toBe(0);
    }
  });

  it('makes no halo at the edge of what is transparent', () => {
    const samples = Uint16Array.from({ length: PICTURE.width * PICTURE.height * 4 }, (_, i) =>
      (i >> 2) % PICTURE.width < 30 ? (i % 4 === 3 ? 65535 : 40000) : 0,
    );
    const ours = finished({ sharpen: { radius: 3, amount: 200, threshold: 0 }, grain: null }, samples, 4, 16);
    expect(ours).toEqual([...samples]);
  });

  it('leaves differences below the threshold', () => {
    const samples = noise(3, true);
    const untouched = { sharpen: { radius: 2, amount: 300, threshold: 20 }, grain: null };
    expect(finished(untouched, samples, 3, 16)).toEqual([...samples]);
  });
});

describe('grain', () => {
  const moments = (values: readonly number[]): { mean: number; deviation: number } => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { mean, deviation: Math.sqrt(squares / values.length) };
  };

  it('is as strong as it is said to be, whatever its size', () => {
    const grey = new Uint16Array(PICTURE.width * PICTURE.height).fill(32768);
    for (const size of [1, 2, 4]) {
      const ours = finished({ sharpen: null, grain: { strength: 5, size, seed: 3 } }, grey, 1, 16);
      const { mean, deviation } = moments(ours);
      expect(Math.abs(mean - 32768) / 65535).toBeLessThan(0.01);
      expect(deviation / 65535 / 0.05).toBeGreaterThan(0.85);
      expect(deviation / 65535 / 0.05).toBeLessThan(1.15);
    }
  });

  it('is of mean 0 and variance 1 before, without lines', () => {
    const row = (y: number): number[] => Array.from({ length: 4000 }, (_, x) => noiseAt(x - 2000, y, 9));
    const [a, b] = [row(7), row(8)];
    expect(Math.abs(moments(a).mean)).toBeLessThan(0.06);
    expect(Math.abs(moments(a).deviation - 1)).toBeLessThan(0.05);
    const correlation = (other: readonly number[]): number => Math.abs(moments(a.map((v, i) => v * other[i]!)).mean);
    expect(correlation(b)).toBeLessThan(0.06);
    expect(correlation([...a.slice(1), 0])).toBeLessThan(0.06);
    expect(correlation(Array.from({ length: 4000 }, (_, x) => noiseAt(x - 2000, 7, 10)))).toBeLessThan(0.06);
  });

  it('has filters whose squares sum to 1', () => {
    const half = grainFilter({ strength: 1, size: 3, seed: 0 })!;
    expect(half.reduce((sum, w, k) => sum + (k === 0 ? 1 : 2) * w * w, 0)).toBeCloseTo(1, 12);
  });
});

describe('finishRect', () => {
  it.each([
    [1, 8],
    [3, 16],
    [4, 8],
  ] as const)('of %i channels at %i bits is the same in any rectangle', (channels, depth) => {
    const finish: Finish = {
      sharpen: { radius: 1.7, amount: 130, threshold: 1 },
      grain: { strength: 4, size: 2.5, seed: 8 },
    };
    const samples = noise(channels);
    const whole = finished(finish, samples, channels, depth);
    for (const rect of [
      { x: 0, y: 7, width: 60, height: 5 },
      { x: 13, y: 30, width: 22, height: 14 },
      { x: 59, y: 43, width: 1, height: 1 },
    ]) {
      const part = finished(finish, samples, channels, depth, rect);
      const expected = Array.from({ length: rect.height }, (_, y) => {
        const start = ((rect.y + y) * PICTURE.width + rect.x) * channels;
        return whole.slice(start, start + rect.width * channels);
      }).flat();
      expect(part).toEqual(expected);
    }
  });
});
