/** Networks with branches, as exporters write them, are read as graphs of layers that give what ONNX Runtime makes of the same file. */
import { describe, expect, it } from 'vitest';
import { convertEsrgan } from '../../../bench/peers/esrgan-onnx.ts';
import { OnnxWriter } from '../../../scripts/models/onnx-writer.ts';
import { graphRadius, type GraphNetwork } from '../../../src/core/graph-network.ts';
import { randomNumbers, randomPlanes } from '../../../src/core/network.testing.ts';
import { runGraph } from '../../../src/core/reference/graph-network.ts';
import { fileFor, findBundled } from '../../../src/models/catalogue.ts';
import { simdGraphOf } from '../../../src/models/gpu-network-of.ts';
import { graphOf } from '../../../src/models/graph-of.ts';
import { readOnnx } from '../../../src/models/onnx.ts';
import { GRAPH_BYTES } from '../../../src/models/ranges.ts';
import { graphBytes, GRAPH_TOLERANCE, SimdGraph } from '../../../src/wasm/graph-network.ts';
import { openKernels } from '../../support/kernels.ts';
import { cropped, differenceOf, modelBytes, runModel, type Planes } from '../../support/models.ts';

/** Writes convolutions with random weights, under which values keep about their size. */
class Builder {
  readonly writer = new OnnxWriter('test');
  readonly #random = randomNumbers(11);

  numbers(length: number, size: number): Float32Array {
    return Float32Array.from({ length }, () => this.#random() * size);
  }

  conv(x: string, inputs: number, out: number, size = 3, pad = (size - 1) / 2): string {
    const weights = this.numbers(out * inputs * size ** 2, 1.5 / Math.sqrt(inputs * size ** 2));
    return this.writer.convolution(x, { out, in: inputs, size, pad }, weights, this.numbers(out, 0.2));
  }

  node(op: string, ...inputs: string[]): string {
    return this.writer.node(op, inputs, op === 'LeakyRelu' ? { alpha: { float: 0.2 } } : {});
  }

  scaled(x: string, factor: number): string {
    return this.node('Mul', x, this.writer.constant([], [factor]));
  }
}

/** A model of one input of any size; `make` gives the value before the end. */
function model(make: (builder: Builder, input: string) => string): Uint8Array<ArrayBuffer> {
  const builder = new Builder();
  const end = make(builder, builder.writer.input('input', [1, 3, 'height', 'width']));
  builder.writer.clip(end, 'output');
  builder.writer.output('output', [1, 3, 'rows', 'columns']);
  return builder.writer.finish();
}

const BRANCHED: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  'dense blocks, whose sums are scaled, and repeated pixels': model((b, x) => {
    const first = b.conv(x, 3, 16);
    const one = b.node('LeakyRelu', b.conv(first, 16, 8));
    const two = b.node('LeakyRelu', b.conv(b.writer.concat([first, one]), 24, 8));
    const three = b.conv(b.writer.concat([first, one, two]), 32, 16);
    const block = b.node('Add', b.scaled(three, 0.2), first);
    const body = b.node('Add', first, b.conv(b.node('Add', b.scaled(block, 0.5), first), 16, 16));
    const enlarged = b.node('LeakyRelu', b.conv(b.writer.resize(body, 2, 'nearest'), 16, 12));
    return b.conv(b.node('LeakyRelu', b.conv(enlarged, 12, 12, 5)), 12, 3);
  }),
  'residual blocks with an activation after the sum, and channels that become pixels': model((b, x) => {
    const first = b.conv(x, 3, 20, 5);
    const block = b.node('Relu', b.node('Add', b.conv(b.node('Relu', b.conv(first, 20, 20)), 20, 20), first));
    const slopes = b.writer.constant([8, 1, 1], b.numbers(8, 1));
    const sloped = b.node('PRelu', b.conv(block, 20, 8), slopes);
    const columns = b.writer.node('DepthToSpace', [b.conv(sloped, 8, 24)], { blocksize: 2, mode: 'CRD' });
    const rows = b.writer.node('DepthToSpace', [b.conv(columns, 6, 12)], { blocksize: 2, mode: 'DCR' });
    return rows;
  }),
  'results that are read before and after what follows them': model((b, x) => {
    const plain = b.conv(x, 3, 12);
    const relu = b.node('Relu', plain);
    const alias = b.node('Identity', plain);
    const scaled = b.scaled(alias, -0.7);
    const sum = b.node('Add', b.node('Add', relu, scaled), b.conv(b.writer.concat([plain, relu]), 24, 12, 1));
    const doubled = b.node('Add', sum, sum);
    return b.conv(b.node('LeakyRelu', b.node('LeakyRelu', doubled)), 12, 3);
  }),
  'no border, cut tensors and pixels repeated four times': model((b, x) => {
    const first = b.conv(x, 3, 8, 3, 0);
    const second = b.conv(b.node('Relu', first), 8, 8, 5, 0);
    const sum = b.node('Add', b.writer.crop(first, 2), second);
    const joined = b.writer.concat([b.writer.crop(x, 3), sum, b.conv(sum, 8, 4, 3, 1)]);
    const small = b.conv(joined, 15, 8, 1, 0);
    return b.conv(b.conv(b.writer.resize(small, 4, 'nearest'), 8, 8, 5, 0), 8, 3, 1, 0);
  }),
};

/** What `expected` has where a network without borders gives something. */
function innerOf(expected: Planes, { width, height }: { readonly width: number; readonly height: number }): Planes {
  const [x, y] = [(expected.width - width) / 2, (expected.height - height) / 2];
  return cropped(expected, { x, y, width, height });
}

async function runSimd(network: GraphNetwork, picture: ReturnType<typeof randomPlanes>): Promise<Planes> {
  const result = new SimdGraph(await openKernels(), network, picture.width, picture.height).run(picture.data);
  return { ...result, data: new Float32Array(result.data) };
}

describe.each(Object.entries(BRANCHED))('%s', (_, bytes) => {
  it('gives what ONNX Runtime gives', async () => {
    const network = graphOf(readOnnx(bytes));
    if (network === null) throw new Error('not recognised');
    const picture = randomPlanes(50, 42);
    const expected = await runModel(bytes, { ...picture, data: picture.data.slice() });
    const reference = runGraph(network, picture);
    const plain = { ...reference, data: new Float32Array(reference.data) };
    const inner = innerOf(expected, reference);
    expect(reference.width).toBeGreaterThan(20);
    expect(new Set(inner.data).size).toBeGreaterThan(1000);
    expect(differenceOf(plain, inner).most).toBeLessThan(0.01);
    expect(differenceOf(await runSimd(network, picture), inner).most).toBeLessThan(255 * GRAPH_TOLERANCE);
  });
});

it.each([2, 4])("runs UpscalerJS's esrgan-slim at %ix", async (scale) => {
  const bytes = convertEsrgan(`node_modules/@upscalerjs/esrgan-slim/models/x${scale}`);
  const network = simdGraphOf(readOnnx(bytes))!;
  expect(network.scale).toBe(scale);
  const picture = randomPlanes(70, 46);
  const expected = await runModel(bytes, { ...picture, data: picture.data.slice() });
  const actual = await runSimd(network, picture);
  expect(actual.width).toBe((picture.width - 2 * graphRadius(network)) * scale);
  expect(differenceOf(actual, innerOf(expected, actual)).most).toBeLessThan(0.01);
});

describe.each([
  { id: 'cunet', noise: null },
  { id: 'cunet', noise: 1 },
  { id: 'upconv7', noise: null },
  { id: 'animevideo', noise: null },
] as const)('$id, noise $noise, on the SIMD kernels', ({ id, noise }) => {
  const bytes = modelBytes(fileFor(findBundled(id)!, noise)!);
  const network = simdGraphOf(readOnnx(bytes))!;

  it('gives what ONNX Runtime gives for a whole picture', async () => {
    const picture = randomPlanes(118, 86);
    const expected = await runModel(bytes, { ...picture, data: picture.data.slice() });
    const actual = await runSimd(network, picture);
    const { most, mean } = differenceOf(actual, innerOf(expected, actual));
    expect(most).toBeLessThan(255 * GRAPH_TOLERANCE);
    expect(mean).toBeLessThan(0.001);
  });

  it.each([128, 256, 512])('takes the memory that is said, in tiles of %i', (side) => {
    const { halo, overlap } = findBundled(id)!.shape;
    const whole = side + 2 * (halo + overlap);
    expect(graphBytes(network, whole, whole) / whole ** 2).toBeLessThan(GRAPH_BYTES[id]!);
  });
});

describe('what is no such network is left alone:', () => {
  it.each([
    ['an activation of another kind', model((b, x) => b.node('Tanh', b.conv(x, 3, 3)))],
    ['values that are cut off in between', model((b, x) => b.conv(b.writer.clip(b.conv(x, 3, 3)), 3, 3))],
    ['a kernel of 7 x 7', model((b, x) => b.conv(x, 3, 3, 7))],
    ['pixels in between', model((b, x) => b.conv(b.writer.resize(b.conv(x, 3, 3), 2, 'linear'), 3, 3))],
    ['factors of channels', model((b, x) => b.node('Mul', b.conv(x, 3, 3), b.writer.constant([3, 1, 1], [1, 2, 3])))],
    ['four colours', model((b, x) => b.conv(x, 3, 4))],
  ])('%s', (_, bytes) => {
    expect(graphOf(readOnnx(bytes))).toBeNull();
  });
});
