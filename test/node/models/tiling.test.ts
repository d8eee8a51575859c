/** A picture in tiles is the picture in one piece; the oracle runs the whole network once, on the picture with mirrored borders. */
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type ModelShape } from '../../../src/core/ai.ts';
import type { Rect, Size } from '../../../src/core/geometry.ts';
import { maxSample, samplesOf, type Depth } from '../../../src/core/pixels.ts';
import type { AiPass } from '../../../src/core/plan/ai-passes.ts';
import { CATALOGUE, findBundled } from '../../../src/models/catalogue.ts';
import { AiPicture } from '../../../src/pipeline/ai/ai-reader.ts';
import type { PixelSource } from '../../../src/pipeline/ai/planes.ts';
import type { ModelRunners } from '../../../src/models/runner.ts';
import { LocalRunners } from '../../support/model-runners.ts';
import { differenceOf, modelBytes, padded, readPlanes, runModel, type Planes } from '../../support/models.ts';

const SOURCE = new URL('../../fixtures/models/source.png', import.meta.url);

/** Planes as an RGB picture. */
function pixelsOf({ width, height, data }: Planes, depth: Depth): PixelSource {
  const area = width * height;
  return {
    ...{ width, height, channels: 3, depth },
    region({ x, y, width: columns, height: rows }: Rect) {
      const samples = new (depth === 8 ? Uint8Array : Uint16Array)(columns * rows * 3);
      for (let i = 0; i < columns * rows; i++) {
        const from = (y + Math.floor(i / columns)) * width + x + (i % columns);
        for (let c = 0; c < 3; c++) samples[3 * i + c] = Math.round(data[c * area + from] * maxSample(depth));
      }
      return Promise.resolve(new Uint8Array(samples.buffer));
    },
  };
}

function planesOf(bytes: Uint8Array<ArrayBuffer>, { width, height }: Size, depth: Depth): Planes {
  const samples = samplesOf(bytes, depth);
  const area = width * height;
  const data = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) data[c * area + i] = samples[3 * i + c] / maxSample(depth);
  }
  return { width, height, data };
}

async function inTiles(
  id: string,
  source: Planes,
  change: Partial<ModelShape>,
  { depth = 8, runners = new LocalRunners() }: { depth?: Depth; runners?: ModelRunners } = {},
): Promise<Planes> {
  const shape = { ...findBundled(id)!.shape, ...change };
  const { width, height } = source;
  const output = { width: width * shape.scale, height: height * shape.scale };
  const pass: AiPass = { model: { kind: 'bundled', id }, noise: null, shape, input: { width, height }, output };
  const picture = new AiPicture(pixelsOf(source, depth), {
    ...{ passes: [pass], runners, hashOf: () => '', signal: new AbortController().signal },
    choices: { ...AI_DEFAULTS, colourLock: false },
  });
  expect(picture.pixels.grid.columns * picture.pixels.grid.rows).toBeGreaterThan(1);
  const samples = await picture.pixels.region({ x: 0, y: 0, ...output });
  await picture.close();
  return planesOf(samples, output, depth);
}

/** The whole network, once; borders mirrored as far as it sees. */
async function inOnePiece(id: string, source: Planes): Promise<Planes> {
  const { plain, shape } = findBundled(id)!;
  const margin = Math.ceil(shape.halo / shape.multiple) * shape.multiple;
  const result = await runModel(modelBytes(plain), padded(source, margin, 'mirror'));
  const inset = (margin - shape.trim) * shape.scale;
  const [width, height] = [source.width * shape.scale, source.height * shape.scale];
  const data = new Float32Array(3 * width * height);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * result.height + inset + y) * result.width + inset;
      data.set(result.data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { width, height, data };
}

describe('networks with a finite field', () => {
  it.each(CATALOGUE.filter(({ shape }) => shape.overlap === 0))('$id: tiles equal the whole', async ({ id }) => {
    const source = await readPlanes(SOURCE);
    const whole = await inOnePiece(id, source);
    expect(differenceOf(await inTiles(id, source, { tile: 24 }), whole).most).toBeLessThan(1);
  });

  it('shows seams when the halo is too small: this comparison can fail', async () => {
    const source = await readPlanes(SOURCE);
    const whole = await inOnePiece('anime4k-ul', source);
    expect(differenceOf(await inTiles('anime4k-ul', source, { tile: 24, halo: 1 }), whole).most).toBeGreaterThan(3);
  });
});

describe('cunet, which averages over its input', () => {
  const [WIDTH, HEIGHT, TILE] = [176, 88, 88];
  /** Beyond this no hard pattern is within the sight of the network, which is 18 pixels. */
  const SIGHT = 20;

  /** Smooth around the seam; a hard pattern in the middle of the left tile and none in the right one, so that their averages differ. */
  function picture(): Planes {
    const data = new Float32Array(3 * WIDTH * HEIGHT);
    for (let i = 0; i < data.length; i++) {
      const [x, y, c] = [i % WIDTH, Math.floor(i / WIDTH) % HEIGHT, Math.floor(i / (WIDTH * HEIGHT))];
      const isPattern = x < TILE - 2 * SIGHT;
      data[i] = isPattern
        ? ((x * 7 + y * 13 + ((x * y) >> 2)) % 5) / 4
        : 0.5 + 0.3 * Math.sin((x * (c + 1)) / 40) * Math.cos(y / 30);
    }
    return { width: WIDTH, height: HEIGHT, data };
  }

  /** The largest change, in levels of 255, of the error from one pixel to the next, as far as the network sees from the seam. */
  function largestStep(a: Planes, b: Planes): number {
    const error = a.data.map((value, i) => value - b.data[i]);
    let most = 0;
    for (let i = 0; i < error.length; i++) {
      const [x, y] = [i % a.width, Math.floor(i / a.width) % a.height];
      if (Math.abs(x - 2 * TILE) > 2 * SIGHT) continue;
      most = Math.max(most, Math.abs(error[i] - error[i - 1]));
      if (y > 0) most = Math.max(most, Math.abs(error[i] - error[i - a.width]));
    }
    return most * 255;
  }

  // In 16 bits, so that rounding makes no steps of its own.
  it('has no step above one level across a seam in smooth areas', async () => {
    const whole = await inOnePiece('cunet', picture());
    const tiled = await inTiles('cunet', picture(), { tile: TILE }, { depth: 16 });
    expect(largestStep(tiled, whole)).toBeLessThan(1);
  });

  /** Every other tile is lighter by six levels. */
  function unevenRunners(): ModelRunners {
    const inner = new LocalRunners();
    let tiles = 0;
    return {
      backends: () => inner.backends(),
      async open(source, input, backend) {
        const runner = await inner.open(source, input, backend);
        const lighter = (value: number): number => value + 6 / 255;
        return {
          ...{ backend, close: () => runner.close() },
          run: (planes) =>
            tiles++ % 2 === 0 ? runner.run(planes) : runner.run(planes).then((tile) => tile.map(lighter)),
        };
      },
      close: () => undefined,
    };
  }

  it('fades into one another what neighbours differ by; unfaded it shows as a step, so that the comparison can fail', async () => {
    const whole = await inOnePiece('anime4k-s', picture());
    const step = async (overlap: number): Promise<number> => {
      const change = { tile: TILE, overlap };
      return largestStep(await inTiles('anime4k-s', picture(), change, { depth: 16, runners: unevenRunners() }), whole);
    };
    expect(await step(findBundled('cunet')!.shape.overlap)).toBeLessThan(1);
    expect(await step(0)).toBeGreaterThan(5);
  });
});
