/** A picture in tiles is the picture in one piece; the oracle runs the whole network once, on the picture with mirrored borders. */
import { describe, expect, it } from 'vitest';
import { AI_DEFAULTS, type ModelShape } from '../../../src/core/ai.ts';
import type { Rect, Size } from '../../../src/core/geometry.ts';
import type { AiPass } from '../../../src/core/plan/ai-passes.ts';
import { CATALOGUE, findBundled } from '../../../src/models/catalogue.ts';
import { AiPicture } from '../../../src/pipeline/ai/ai-reader.ts';
import type { PixelSource } from '../../../src/pipeline/ai/planes.ts';
import { LocalRunners } from '../../support/model-runners.ts';
import { differenceOf, modelBytes, padded, readPlanes, runModel, type Planes } from '../../support/models.ts';

const SOURCE = new URL('../../fixtures/models/source.png', import.meta.url);

/** Planes as an 8-bit RGB picture. */
function pixelsOf({ width, height, data }: Planes): PixelSource {
  const area = width * height;
  return {
    ...{ width, height, channels: 3, depth: 8 },
    region({ x, y, width: columns, height: rows }: Rect) {
      const samples = new Uint8Array(columns * rows * 3);
      for (let i = 0; i < columns * rows; i++) {
        const from = (y + Math.floor(i / columns)) * width + x + (i % columns);
        for (let c = 0; c < 3; c++) samples[3 * i + c] = Math.round(data[c * area + from] * 255);
      }
      return Promise.resolve(samples);
    },
  };
}

function planesOf(samples: Uint8Array, { width, height }: Size): Planes {
  const area = width * height;
  const data = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) data[c * area + i] = samples[3 * i + c] / 255;
  return { width, height, data };
}

async function inTiles(id: string, source: Planes, change: Partial<ModelShape>): Promise<Planes> {
  const shape = { ...findBundled(id)!.shape, ...change };
  const { width, height } = source;
  const output = { width: width * shape.scale, height: height * shape.scale };
  const pass: AiPass = { model: { kind: 'bundled', id }, noise: null, shape, input: { width, height }, output };
  const picture = new AiPicture(pixelsOf(source), {
    ...{ passes: [pass], runners: new LocalRunners(), hashOf: () => '', signal: new AbortController().signal },
    choices: { ...AI_DEFAULTS, colourLock: false },
  });
  expect(picture.pixels.grid.columns * picture.pixels.grid.rows).toBeGreaterThan(5);
  const samples = await picture.pixels.region({ x: 0, y: 0, ...output });
  await picture.close();
  return planesOf(samples, output);
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
  /** A smooth picture: any step in it is a seam. */
  function smooth(width: number, height: number): Planes {
    const data = new Float32Array(3 * width * height);
    for (let i = 0; i < width * height; i++) {
      const [x, y] = [i % width, Math.floor(i / width)];
      for (let c = 0; c < 3; c++) {
        data[c * width * height + i] = 0.5 + 0.3 * Math.sin((x * (c + 1)) / 40) * Math.cos(y / 30);
      }
    }
    return { width, height, data };
  }

  /** The largest change, in levels, of the error from one pixel to its neighbour. */
  function largestStep(a: Planes, b: Planes): number {
    let most = 0;
    for (let i = 1; i < a.data.length; i++) {
      if (i % a.width === 0) continue;
      most = Math.max(most, Math.abs(a.data[i] - b.data[i] - a.data[i - 1] + b.data[i - 1]));
    }
    return most * 255;
  }

  it('has no step above one level across a seam in smooth areas', async () => {
    const source = smooth(140, 96);
    const whole = await inOnePiece('cunet', source);
    const tiled = await inTiles('cunet', source, { tile: 48 });
    // Both are rounded to levels of their own, which alone makes steps of one.
    expect(largestStep(tiled, whole)).toBeLessThan(2);
    expect(differenceOf(tiled, whole).most).toBeLessThan(4);
  });
});
