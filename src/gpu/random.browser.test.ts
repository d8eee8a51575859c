import { expect, it } from 'vitest';
import type { BandEncoding } from '../core/encoding.ts';
import { wholeOf, type Rect } from '../core/geometry.ts';
import { mcuRowHeight, restartRowsFor } from '../core/jpeg/layout.ts';
import { cutBands } from '../core/plan/bands.ts';
import { createReferenceJpegCoder } from '../core/reference/jpeg.ts';
import { resampleRect } from '../core/reference/resample.ts';
import { KERNEL_NAMES, METHOD_NAMES, outputSize, type ResampleSpec } from '../core/resampling.ts';
import { planStages } from '../core/stages.ts';
import { srgbCurves } from '../core/transfer.ts';
import type { GpuEngine } from './engine.ts';
import { compare, jobOf, jpegEncoding, never, openContext, testSource, withEngine } from './support.testing.ts';

const CASES = 60;

/** Repeatable random choices. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  chance(share: number): boolean {
    return this.#next() < share;
  }

  between(least: number, most: number): number {
    return least + Math.floor(this.#next() * (most - least + 1));
  }

  of<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)];
  }

  #next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

function randomSpec(dice: Dice): ResampleSpec {
  const from = { width: dice.between(1, 90), height: dice.between(1, 90) };
  const to = { width: dice.between(1, 220), height: dice.between(1, 220) };
  const input = { channels: dice.of([1, 3, 4] as const), depth: dice.of([8, 16] as const) };
  const isFlattened = input.channels === 4 && dice.chance(0.4);
  const output = { channels: isFlattened ? 3 : input.channels, depth: dice.of([input.depth, 8, 16] as const) };
  return {
    ...{ input, output },
    stages: planStages(dice.of(METHOD_NAMES), dice.of(KERNEL_NAMES), from, to, { budgetBytes: 100_000 }),
    curves: dice.chance(0.4) ? srgbCurves(output.channels) : null,
    clampOvershoot: dice.chance(0.3),
    background: isFlattened ? [dice.between(0, 1), 0.5, 0.2] : null,
  };
}

function randomRect(dice: Dice, whole: Rect): Rect {
  if (dice.chance(0.5)) return whole;
  const [x, y] = [dice.between(0, whole.width - 1), dice.between(0, whole.height - 1)];
  return { x, y, width: dice.between(1, whole.width - x), height: dice.between(1, whole.height - y) };
}

async function expectSameSegments(
  engine: GpuEngine,
  spec: ResampleSpec,
  encoding: BandEncoding,
  bandIntervals: number,
) {
  if (encoding.kind !== 'jpeg') throw new Error('only JPEG is coded on the GPU');
  const shape = { ...outputSize(spec), ...spec.output };
  const rows = bandIntervals * encoding.restartRows * mcuRowHeight(shape, encoding.chroma);
  const coder = createReferenceJpegCoder(shape, encoding);
  const places = cutBands(shape.height, rows);
  const segments = await Promise.all(places.map((place) => engine.segment(place, never)));
  for (const place of places) {
    const pixels = await engine.pixels({ x: 0, y: place.y, width: shape.width, height: place.rows }, never);
    expect(segments[place.index].bytes).toEqual(coder.encode(pixels, place).bytes);
  }
}

it('random jobs, cut at random, equal the reference', async () => {
  const context = await openContext();
  const dice = new Dice(20_251_121);
  for (let n = 0; n < CASES; n++) {
    const spec = randomSpec(dice);
    const source = testSource(spec.stages[0].from, spec.input, n);
    const job = jobOf(spec, source);
    const rect = randomRect(dice, wholeOf(job.picture));
    const cuts = dice.of([
      {},
      { scratchBytes: 1 << 15 },
      { mostWork: 20_000 },
      { scratchBytes: 1 << 14, mostWork: 5000 },
    ]);
    const isJpeg = spec.output.depth === 8 && spec.output.channels !== 4 && dice.chance(0.6);
    const chroma = dice.of(['420', '444'] as const);
    const encoding = isJpeg ? jpegEncoding(dice.between(1, 100), chroma, restartRowsFor(job.picture, chroma)) : null;
    const told = JSON.stringify({ n, input: spec.input, output: spec.output, stages: spec.stages, rect, cuts });
    await withEngine(
      context,
      { ...job, encoding },
      async (engine) => {
        const pixels = await engine.pixels(rect, never);
        const { largest, at } = compare(pixels, resampleRect(spec, source, rect), rect.width, spec.output);
        expect(largest, `${at} of ${told}`).toBeLessThanOrEqual(spec.output.depth === 8 ? 1 : 2);
        if (encoding !== null) await expectSameSegments(engine, spec, encoding, dice.between(1, 4));
      },
      cuts,
    );
  }
  expect(context.failure).toBeNull();
  context.destroy();
});
