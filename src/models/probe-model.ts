import type { ModelBackend, ModelShape } from '../core/ai.ts';
import { AppError } from '../core/errors.ts';
import type { Size } from '../core/geometry.ts';
import { throughLayout } from './network.ts';
import { ONNX_FLOAT, readOnnx, type OnnxGraph } from './onnx.ts';
import { OrtSession } from './ort.ts';
import type { ModelLayout, OwnModel } from './own-models.ts';
import { sha256Of } from './sha256.ts';
import { say, str, type Text } from '../core/text.ts';

const unfit = (
  message: Text,
  remedy = say('Choose a super-resolution model: pictures in, larger pictures out.'),
): AppError => new AppError('unsupported-input', message, { remedy });

/** Sides that free models are tried with; two of them tell factor and border apart. */
const SIDES = [96, 128] as const;
const MULTIPLES = [1, 2, 4, 8, 16, 32] as const;
const MOST_SCALE = 8;

/** Below this, 0..1, a change does not count: half a level of 255. */
const UNSEEN = 0.5 / 255;
/** What a model may differ from its own input on average, 0..1, once made small again; one that gives something else is at 0.2. */
const MOST_ERROR = 0.12;

/** What the header tells: order and channels, and the size where it is fixed. Throws when this cannot be a picture model. */
export function layoutOf({ inputs, outputs }: Pick<OnnxGraph, 'inputs' | 'outputs'>): {
  order: ModelLayout['order'];
  channels: 1 | 3;
  fixed: Size | null;
} {
  const [input, output] = [inputs[0], outputs[0]];
  if (inputs.length !== 1 || outputs.length !== 1)
    throw unfit(say(str`Its inputs: ${inputs.length}, its outputs: ${outputs.length}; one of each is needed.`));
  if (input.type !== ONNX_FLOAT || output.type !== ONNX_FLOAT) {
    throw unfit(say('Its numbers are not single-precision floats.'), say('Export it with float32 inputs and outputs.'));
  }
  const { dims } = input;
  if (dims.length !== 4)
    throw unfit(say(str`Its input has ${dims.length} dimensions; a picture has 4: one, colours, rows, columns.`));
  if (output.dims.length !== 4 && output.dims.length !== 0) {
    throw unfit(
      output.dims.length === 2
        ? say('It gives a list of numbers, as a classifier does, not a picture.')
        : say(str`It gives ${output.dims.length} dimensions, not a picture.`),
    );
  }
  if (typeof dims[0] === 'number' && dims[0] > 1)
    throw unfit(say(str`It takes ${dims[0]} pictures at a time; one is needed.`));
  const isColours = (dim: number | string): dim is 1 | 3 => dim === 1 || dim === 3;
  const last = dims[3];
  const order = isColours(dims[1]) || !isColours(last) ? 'nchw' : 'nhwc';
  const found = order === 'nchw' ? dims[1] : last;
  if (typeof found === 'number' && !isColours(found))
    throw unfit(say(str`It takes ${found} channels; pictures have 1 or 3.`));
  const [height, width] = order === 'nchw' ? [dims[2], dims[3]] : [dims[1], dims[2]];
  const free = typeof height === 'string' || typeof width === 'string' || height <= 0 || width <= 0;
  return { order, channels: found === 1 ? 1 : 3, fixed: free ? null : { width, height } };
}

/** A picture with texture and edges, planes 0..1, in which nothing repeats. */
function testPicture({ width, height }: Size, channels: number): Float32Array<ArrayBuffer> {
  const data = new Float32Array(channels * width * height);
  let state = 7;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const wave = 0.25 * Math.sin((x * (c + 2)) / 9) + 0.2 * Math.cos((x + y * (c + 1)) / 14);
        data[(c * height + y) * width + x] = 0.5 + wave + 0.1 * (state / 2 ** 32 - 0.5);
      }
    }
  }
  return data;
}

/** Runs an unknown model on pictures whose properties are known. */
class Trial {
  readonly #session: OrtSession;
  readonly layout: ModelLayout;

  constructor(session: OrtSession, layout: ModelLayout) {
    this.#session = session;
    this.layout = layout;
  }

  run(planes: Float32Array, size: Size): Promise<Float32Array<ArrayBuffer>> {
    return throughLayout(this.#session, this.layout, size, Float32Array.from(planes));
  }

  /** Size of the output for an input of a size; null when the model refuses it. */
  async outputSize(size: Size): Promise<Size | null> {
    const { order, channels } = this.layout;
    const dims = order === 'nchw' ? [1, channels, size.height, size.width] : [1, size.height, size.width, channels];
    let result;
    try {
      result = await this.#session.run({ dims, data: testPicture(size, channels) });
    } catch (error) {
      if (error instanceof AppError && error.code === 'no-memory') throw error;
      return null;
    }
    if (result.dims.length !== 4) throw unfit(say(str`It gives ${result.dims.length} dimensions, not a picture.`));
    const given = order === 'nchw' ? result.dims[1] : result.dims[3];
    if (given !== channels)
      throw unfit(say(str`It takes ${channels} channels and gives ${given}: not a picture of the same kind.`));
    return order === 'nchw'
      ? { width: result.dims[3], height: result.dims[2] }
      : { width: result.dims[2], height: result.dims[1] };
  }
}

/** Factor, and pixels of the input that are missing on each side of the output. */
async function measureScale(trial: Trial, fixed: Size | null): Promise<{ scale: number; trim: number }> {
  const sizes = fixed === null ? SIDES.map((side) => ({ width: side, height: side })) : [fixed];
  const given = [];
  for (const size of sizes) {
    const output = await trial.outputSize(size);
    if (output === null) throw unfit(say(str`It cannot be run on a picture of ${size.width} x ${size.height}.`));
    given.push(output.width);
  }
  const scale = fixed === null ? (given[1] - given[0]) / (SIDES[1] - SIDES[0]) : Math.round(given[0] / fixed.width);
  const trim = (sizes[0].width - given[0] / scale) / 2;
  if (!Number.isInteger(scale) || scale < 1 || scale > MOST_SCALE || !Number.isInteger(trim) || trim < 0) {
    throw unfit(
      say(
        str`It makes a width of ${given[0]} px out of ${sizes[0].width} px: no whole factor from 1 to ${MOST_SCALE}.`,
      ),
    );
  }
  return { scale, trim };
}

async function measureMultiple(trial: Trial, scale: number, trim: number): Promise<number> {
  for (const multiple of MULTIPLES) {
    const side = SIDES[0] + multiple;
    const output = await trial.outputSize({ width: side, height: side });
    const expected = (side - 2 * trim) * scale;
    if (output !== null && output.width === expected && output.height === expected) return multiple;
  }
  return MULTIPLES.at(-1)!;
}

/** Mean difference, 0..1, of an output made small again from its input. */
function meanError(
  input: Float32Array,
  output: Float32Array,
  { width, height }: Size,
  scale: number,
  trim: number,
): number {
  const [columns, rows] = [width - 2 * trim, height - 2 * trim];
  let sum = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let mean = 0;
      for (let k = 0; k < scale * scale; k++) {
        mean += output[(y * scale + Math.floor(k / scale)) * columns * scale + x * scale + (k % scale)];
      }
      sum += Math.abs(mean / (scale * scale) - input[(y + trim) * width + x + trim]);
    }
  }
  return sum / (columns * rows);
}

/**
 * How far, in input pixels, a change is felt: everything left of the middle is turned into its negative, and the farthest output
 * column that notices is looked for.
 */
async function measureHalo(trial: Trial, size: Size, scale: number, trim: number): Promise<number> {
  const { channels } = trial.layout;
  const picture = testPicture(size, channels);
  const middle = size.width >> 1;
  const disturbed = picture.map((value, i) => (i % size.width < middle ? 1 - value : value));
  const a = await trial.run(picture, size);
  const b = await trial.run(disturbed, size);
  const columns = (size.width - 2 * trim) * scale;
  let farthest = 0;
  for (let i = 0; i < a.length; i++) if (Math.abs(a[i] - b[i]) > UNSEEN) farthest = Math.max(farthest, i % columns);
  return Math.max(0, Math.floor(farthest / scale) + 1 + trim - middle);
}

/** Feels changes everywhere: it averages over its input. */
const FADE = 16;
/** Side of tiles: of 512 a network with 64 channels takes twice as long for the same pixels, as its tensors leave the processor's caches. */
const TILE = 256;

/** A network on the product's own kernels, for tiles of one size: planes of red, green and blue in and out; null for one that they cannot run. */
export type KernelTrial = (
  graph: OnnxGraph,
  shape: ModelShape,
  input: Size,
) => Promise<{
  run(planes: Float32Array<ArrayBuffer>): Promise<Float32Array<ArrayBuffer>>;
  /** Input pixels at each side that it needs around what it gives. */
  readonly radius: number;
  /** Memory for tiles of a size. */
  bytes(input: Size): number;
} | null>;

/** Milliseconds that a picture takes, the least of some runs: the first ones of a network are slow. */
async function fastest(run: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 2; i++) {
    const started = performance.now();
    await run();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

/** What the product's own kernels take for a picture and for each pixel of a tile; null where they do not give what ONNX Runtime gives. */
async function measureKernels(
  open: KernelTrial,
  graph: OnnxGraph,
  shape: ModelShape,
  { picture, size, expected }: { picture: Float32Array; size: Size; expected: Float32Array },
): Promise<{ readonly ms: number; readonly halo: number; readonly bytes: number } | null> {
  const network = await open(graph, shape, size);
  if (network === null) return null;
  const halo = Math.ceil(network.radius);
  const missing = (halo - shape.trim) * shape.scale;
  const width = (size.width - 2 * shape.trim) * shape.scale;
  const height = expected.length / 3 / width;
  if (2 * missing >= Math.min(width, height)) return null;
  const result = await network.run(Float32Array.from(picture));
  const isSame = result.every((value, i) => {
    const [x, y] = [i % width, Math.floor(i / width) % height];
    // Around that, borders are not those of the model.
    const isKept = Math.min(x, y, width - 1 - x, height - 1 - y) >= missing;
    return !isKept || Math.abs(value - Math.min(1, Math.max(0, expected[i]))) <= UNSEEN;
  });
  if (!isSame || result.length !== expected.length) return null;
  const ms = await fastest(() => network.run(Float32Array.from(picture)));
  const side = TILE + 2 * Math.ceil((halo + shape.overlap) / shape.multiple) * shape.multiple;
  return { ms, halo, bytes: network.bytes({ width: side, height: side }) / side ** 2 };
}

/**
 * Finds out what an .onnx file is by reading and running it. Rejects with an AppError that says, in a sentence, why it will not do.
 */
export async function probeModel(
  file: Blob,
  name: string,
  backend: ModelBackend,
  openKernels: KernelTrial,
): Promise<OwnModel> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const graph = readOnnx(bytes);
  const { order, channels, fixed } = layoutOf(graph);
  const session = await OrtSession.open(bytes, backend, null);
  try {
    const first = new Trial(session, { order, channels, white: 1 });
    const { scale, trim } = await measureScale(first, fixed);
    const multiple = fixed === null ? await measureMultiple(first, scale, trim) : 1;
    const size = fixed ?? { width: SIDES[1], height: SIDES[1] };
    const picture = testPicture(size, channels);
    const errors = [];
    for (const white of [1, 255] as const) {
      const result = await new Trial(session, { order, channels, white }).run(picture, size);
      errors.push({ white, error: meanError(picture, result, size, scale, trim) });
    }
    const { white, error } = errors.reduce((best, other) => (other.error < best.error ? other : best));
    if (!(error < MOST_ERROR))
      throw unfit(say('What it gives does not look like its input, larger: it does something else.'));
    const trial = new Trial(session, { order, channels, white });
    const felt = await measureHalo(trial, size, scale, trim);
    const everywhere = felt >= (size.width >> 1) - trim;
    const overlap = everywhere ? Math.min(FADE, size.width >> 4) : 0;
    const halo = Math.max(trim, everywhere ? Math.min(32, size.width >> 3) : felt);
    const shape: ModelShape = { scale, halo, trim, multiple, overlap, tile: TILE, fixed };
    const expected = await trial.run(picture, size);
    const isPlain = order === 'nchw' && white === 1 && channels === 3 && fixed === null;
    const kernels = isPlain ? await measureKernels(openKernels, graph, shape, { picture, size, expected }) : null;
    const ms = kernels?.ms ?? (await fastest(() => trial.run(picture, size)));
    const pixels = (size.width - 2 * trim) * (size.height - 2 * trim) * scale * scale;
    return {
      ...{ name, sha256: await sha256Of(bytes), bytes: bytes.length, layout: { order, white, channels } },
      msPerMegapixel: ((ms * (channels === 1 ? 3 : 1)) / pixels) * 1e6,
      // The farthest pixels hardly count, but the kernels do not assume anything in their place.
      shape: { ...shape, halo: Math.max(halo, kernels?.halo ?? 0) },
      ...(kernels === null ? {} : { kernelBytes: Math.ceil(kernels.bytes) }),
    };
  } finally {
    await session.close();
  }
}
