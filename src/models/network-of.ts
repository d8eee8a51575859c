import type { Activation, ConvolutionLayer, Network } from '../core/network.ts';
import { resultRanges } from '../core/reference/network.ts';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './onnx.ts';

/**
 * Recognises networks that the product's own kernels can run (core/network.ts) in the graph of an ONNX model: Anime4K, the compact
 * networks of Real-ESRGAN (SRVGG), waifu2x's upconv_7. Follows the graph's values symbolically: each is a list of channels of convolutions,
 * or one of the last steps.
 */

/** One channel of a convolution's result. Convolution -1 is the picture. */
interface Channel {
  readonly conv: number;
  readonly channel: number;
  /** 0 as it is, 1 its positive part, -1 the magnitude of its negative part. */
  readonly part: 0 | 1 | -1;
  readonly negated: boolean;
}

type Value =
  | { readonly kind: 'channels'; readonly channels: readonly Channel[] }
  /** Negative parts times factors: on the way to a PReLU that is written out, for want of a kernel for it. */
  | { readonly kind: 'scaled'; readonly channels: readonly Channel[]; readonly factors: Float32Array }
  /** Channels rearranged to an enlarged picture. */
  | { readonly kind: 'spread'; readonly channels: readonly Channel[]; readonly scale: number }
  /** The enlarged input. */
  | { readonly kind: 'base'; readonly base: 'nearest' | 'bilinear'; readonly scale: number }
  | {
      readonly kind: 'sum';
      readonly channels: readonly Channel[];
      readonly base: Network['base'];
      readonly scale: number;
    };

interface Convolution {
  readonly inputs: readonly Channel[];
  readonly kernel: 1 | 3;
  readonly weights: OnnxTensor;
  readonly bias: Float32Array | null;
  /** Of a PReLU that follows. */
  slopes: Float32Array | null;
}

const isSame = (a: Channel, b: Channel | undefined): boolean =>
  b !== undefined && a.conv === b.conv && a.channel === b.channel && a.part === b.part && a.negated === b.negated;

const isPicture = (value: Value): boolean =>
  value.kind === 'channels' &&
  value.channels.length === 3 &&
  value.channels.every(({ conv, channel }, i) => conv === -1 && channel === i);

/** Thrown within this file where a graph is something else. */
class NotOurs extends Error {}

const fail = (why: string): never => {
  throw new NotOurs(why);
};

class Reader {
  readonly #graph: OnnxGraph;
  readonly #values = new Map<string, Value>();
  readonly #constants: Map<string, OnnxTensor>;
  readonly convolutions: Convolution[] = [];

  constructor(graph: OnnxGraph) {
    this.#graph = graph;
    this.#constants = new Map(graph.constants);
  }

  read(): Value {
    const { inputs, outputs, nodes } = this.#graph;
    if (inputs.length !== 1 || outputs.length !== 1) fail('one input and one output are expected');
    const picture = [0, 1, 2].map((channel): Channel => ({ conv: -1, channel, part: 0, negated: false }));
    this.#values.set(inputs[0]!.name, { kind: 'channels', channels: picture });
    for (const node of nodes) this.#node(node);
    return this.#values.get(outputs[0]!.name) ?? fail('the output is a constant');
  }

  #node(node: OnnxNode): void {
    const [first = '', second = ''] = node.inputs;
    if (this.#constants.has(first) && ['Cast', 'Identity'].includes(node.op)) {
      this.#constants.set(node.outputs[0]!, this.#constants.get(first)!);
      return;
    }
    if (node.op === 'Constant') {
      const value = node.attributes.get('value');
      if (typeof value !== 'object' || !('dims' in value)) return fail('a constant of another kind');
      this.#constants.set(node.outputs[0]!, value);
      return;
    }
    this.#values.set(node.outputs[0]!, this.#result(node, first, second));
  }

  #result(node: OnnxNode, first: string, second: string): Value {
    switch (node.op) {
      case 'Conv':
        return this.#convolve(node);
      case 'ConvTranspose':
        return this.#spreadByConvolution(node);
      case 'Relu':
        return this.#mapped(first, (c) => {
          if (c.part !== 0) return c;
          return { ...c, part: c.negated ? -1 : 1, negated: false };
        });
      case 'Neg':
        return this.#mapped(first, (c) => (c.part === 0 ? { ...c, negated: !c.negated } : fail('a part is negated')));
      case 'PRelu':
        return this.#slope(this.#channels(first), this.#constant(second).data);
      case 'LeakyRelu':
        return this.#slope(this.#channels(first), Float32Array.of(Number(node.attributes.get('alpha') ?? 0.01)));
      case 'Sub':
        return this.#negativeParts(this.#channels(first), this.#channels(second));
      case 'Mul':
        return this.#constants.has(first) ? this.#scaled(second, first) : this.#scaled(first, second);
      case 'Concat':
        if (node.attributes.get('axis') !== 1) return fail('values are joined along another axis');
        return { kind: 'channels', channels: node.inputs.flatMap((name) => this.#channels(name)) };
      case 'DepthToSpace':
        return this.#spread(node, this.#channels(first));
      case 'Resize':
      case 'Upsample':
        return this.#enlarged(node, first);
      case 'Add':
        return this.#sum(this.#value(first), this.#value(second));
      case 'Clip':
      case 'Identity':
        return this.#value(first);
      default:
        return fail(`the operator ${node.op}`);
    }
  }

  #value(name: string): Value {
    return this.#values.get(name) ?? fail(`${name} is no value of the picture`);
  }

  #channels(name: string): readonly Channel[] {
    const value = this.#value(name);
    return value.kind === 'channels' ? value.channels : fail(`${name} is already enlarged`);
  }

  #constant(name: string): OnnxTensor {
    return this.#constants.get(name) ?? fail(`${name} is not constant`);
  }

  #mapped(name: string, change: (channel: Channel) => Channel): Value {
    return { kind: 'channels', channels: this.#channels(name).map(change) };
  }

  #convolve({ inputs, attributes }: OnnxNode): Value {
    const [input = '', weightName = '', biasName] = inputs;
    const weights = this.#constant(weightName);
    const [out = 0, count = 0, rows = 0, columns = 0] = weights.dims;
    const channels = this.#channels(input);
    const isPlain = (name: string, plain: number): boolean => {
      const value = attributes.get(name) ?? [];
      return Array.isArray(value) && value.every((number) => number === plain);
    };
    const reach = (rows - 1) / 2;
    const padded = isPlain('pads', reach) || isPlain('pads', 0);
    if (rows !== columns || (rows !== 1 && rows !== 3)) fail(`a kernel of ${rows} x ${columns}`);
    if (!padded || !isPlain('strides', 1) || !isPlain('dilations', 1) || (attributes.get('group') ?? 1) !== 1) {
      fail('a convolution with steps, groups or wide borders');
    }
    if (count !== channels.length || channels.some(({ negated }) => negated)) fail('a convolution of other channels');
    const bias = biasName === undefined || biasName === '' ? null : this.#constant(biasName).data;
    const conv = this.convolutions.push({ inputs: channels, kernel: rows as 1 | 3, weights, bias, slopes: null }) - 1;
    const results = Array.from({ length: out }, (_, channel): Channel => ({ conv, channel, part: 0, negated: false }));
    return { kind: 'channels', channels: results };
  }

  /**
   * A transposed convolution of 4 x 4 with steps of 2 and a border of 3: each pixel becomes 2 x 2, and each of these depends on two
   * pixels each way. As a convolution of 3 x 3 with four times the channels: of rows and columns -1, 0, 1, the first output of a
   * pair takes kernel places 3 and 1 of the first two, the second 2 and 0 of the last two.
   */
  #spreadByConvolution({ inputs, attributes }: OnnxNode): Value {
    const [input = '', weightName = '', biasName] = inputs;
    const weights = this.#constant(weightName);
    const [count = 0, colours = 0, rows = 0, columns = 0] = weights.dims;
    const is = (name: string, wanted: number): boolean => {
      const value = attributes.get(name);
      return Array.isArray(value) && value.every((number) => number === wanted);
    };
    const channels = this.#channels(input);
    if (
      colours !== 3 ||
      rows !== 4 ||
      columns !== 4 ||
      count !== channels.length ||
      !is('strides', 2) ||
      !is('pads', 3)
    ) {
      return fail('a transposed convolution of another kind');
    }
    const places = [
      [3, 1, null],
      [null, 2, 0],
    ];
    const data = new Float32Array(12 * count * 9);
    let at = 0;
    for (let o = 0; o < 12; o++) {
      const [colour, dy, dx] = [o >> 2, (o >> 1) & 1, o & 1];
      for (let i = 0; i < count; i++) {
        for (let k = 0; k < 9; k++) {
          const [ky, kx] = [places[dy]![Math.floor(k / 3)], places[dx]![k % 3]];
          data[at++] = ky == null || kx == null ? 0 : weights.data[((i * 3 + colour) * 4 + ky) * 4 + kx]!;
        }
      }
    }
    const bias = biasName === undefined || biasName === '' ? null : this.#constant(biasName).data;
    const four = bias === null ? null : Float32Array.from({ length: 12 }, (_, o) => bias[o >> 2]!);
    const convolution = {
      inputs: channels,
      kernel: 3,
      weights: { dims: [12, count, 3, 3], data },
      bias: four,
      slopes: null,
    } as const;
    const conv = this.convolutions.push(convolution) - 1;
    const results = Array.from({ length: 12 }, (_, channel): Channel => ({ conv, channel, part: 0, negated: false }));
    return { kind: 'spread', channels: results, scale: 2 };
  }

  #slope(channels: readonly Channel[], slopes: Float32Array): Value {
    const { conv = -1 } = channels[0] ?? {};
    const convolution = this.convolutions[conv] ?? fail('slopes of something else');
    const isResult = channels.every((c, i) => c.conv === conv && c.channel === i && c.part === 0 && !c.negated);
    const count = convolution.weights.dims[0]!;
    if (!isResult || channels.length !== count || convolution.slopes !== null) fail('slopes of something else');
    if (slopes.length !== 1 && slopes.length !== count) fail('another number of slopes');
    convolution.slopes = slopes.length === count ? slopes : new Float32Array(count).fill(slopes[0]!);
    return { kind: 'channels', channels };
  }

  /** The whole less its positive part: the negative part, negative as it is. */
  #negativeParts(whole: readonly Channel[], positive: readonly Channel[]): Value {
    const matches = positive.every((c, i) => c.part === 1 && isSame({ ...c, part: 0 }, whole[i]));
    if (!matches || positive.length !== whole.length) return fail('a difference of other values');
    return { kind: 'channels', channels: whole.map((c) => ({ ...c, part: -1, negated: true })) };
  }

  #scaled(name: string, factorName: string): Value {
    return { kind: 'scaled', channels: this.#channels(name), factors: this.#constant(factorName).data };
  }

  #spread({ attributes }: OnnxNode, channels: readonly Channel[]): Value {
    const scale = Number(attributes.get('blocksize'));
    const area = scale * scale;
    // One luminance for the three colours, which the sum with the picture spreads.
    if (channels.length === area) return { kind: 'spread', channels: [...channels, ...channels, ...channels], scale };
    if (channels.length !== 3 * area) return fail('another number of channels at the end');
    if (attributes.get('mode') === 'CRD') return { kind: 'spread', channels, scale };
    const order = Array.from({ length: 3 * area }, (_, i) => channels[(i % area) * 3 + Math.floor(i / area)]!);
    return { kind: 'spread', channels: order, scale };
  }

  #enlarged({ inputs, attributes }: OnnxNode, first: string): Value {
    const [, , factor = 0, across = 0] = this.#constant(inputs.at(-1) ?? '').data;
    if (!isPicture(this.#value(first)) || factor !== across || !Number.isInteger(factor))
      return fail('something else is enlarged');
    const mode = attributes.get('mode') ?? 'nearest';
    const aligned = (attributes.get('coordinate_transformation_mode') ?? 'half_pixel') === 'half_pixel';
    if (mode === 'linear' && aligned) return { kind: 'base', base: 'bilinear', scale: factor };
    return mode === 'nearest' ? { kind: 'base', base: 'nearest', scale: factor } : fail(`enlarging by ${String(mode)}`);
  }

  #sum(a: Value, b: Value): Value {
    if (a.kind === 'base' && b.kind === 'spread' && a.scale === b.scale) return { ...b, kind: 'sum', base: a.base };
    if (b.kind === 'base' && a.kind === 'spread') return this.#sum(b, a);
    if (b.kind === 'scaled' && a.kind !== 'scaled') return this.#sum(b, a);
    if (a.kind === 'scaled' && b.kind === 'channels') {
      const isSplit = b.channels.every(
        (c, i) => c.part === 1 && isSame({ ...c, part: -1, negated: true }, a.channels[i]),
      );
      if (!isSplit) return fail('a sum of other parts');
      return this.#slope(
        b.channels.map((c) => ({ ...c, part: 0 })),
        a.factors,
      );
    }
    // At the picture's own size nothing is rearranged.
    if (isPicture(a) && b.kind === 'channels' && b.channels.length === 3)
      return { ...b, kind: 'sum', base: 'nearest', scale: 1 };
    if (isPicture(b) && !isPicture(a)) return this.#sum(b, a);
    return fail('a sum of other values');
  }
}

/**
 * The network of a graph; null when it is of another kind. `ranges` are the largest magnitudes of the layers' results;
 * without them the network is run over a made-up picture, which takes about a second for a million weights.
 */
export function networkOf(graph: OnnxGraph, ranges: readonly number[] | null = null): Network | null {
  const reader = new Reader(graph);
  try {
    const end = reader.read();
    if (end.kind !== 'spread' && end.kind !== 'sum') return null;
    const network = assemble(reader.convolutions, end.channels, end.scale, end.kind === 'sum' ? end.base : null);
    const measured = ranges ?? resultRanges(network, calibrationPicture());
    return { ...network, layers: network.layers.map((layer, i) => ({ ...layer, range: measured[i]! })) };
  } catch (error) {
    if (error instanceof NotOurs) return null;
    throw error;
  }
}

function assemble(
  convolutions: readonly Convolution[],
  end: readonly Channel[],
  scale: number,
  base: Network['base'],
): Network {
  const last = convolutions.length - 1;
  if (end.some(({ conv, part, negated }) => conv !== last || part !== 0 || negated)) fail('the end is no convolution');
  const activations = convolutions.map((convolution, conv) => activationOf(convolution, conv, convolutions));
  const channelsOf = (conv: number): number => {
    if (conv < 0) return 3;
    const count = convolutions[conv]!.weights.dims[0]!;
    return activations[conv]!.kind === 'crelu' ? 2 * count : count;
  };
  const layers = convolutions.map((convolution, index): ConvolutionLayer => {
    const { inputs, kernel, weights, bias } = convolution;
    const outputs = index === last ? end.map(({ channel }) => channel) : [...Array(weights.dims[0]!).keys()];
    const read = [...new Set(inputs.map(({ conv }) => conv))].sort((a, b) => a - b);
    const starts = new Map<number, number>();
    let count = 0;
    for (const conv of read) {
      starts.set(conv, count);
      count += channelsOf(conv);
    }
    const area = kernel * kernel;
    const ordered = new Float32Array(outputs.length * count * area);
    outputs.forEach((from, to) => {
      inputs.forEach(({ conv, channel, part }, i) => {
        const place = starts.get(conv)! + channel + (part === -1 ? channelsOf(conv) / 2 : 0);
        for (let k = 0; k < area; k++) {
          ordered[(to * count + place) * area + k]! += weights.data[(from * inputs.length + i) * area + k]!;
        }
      });
    });
    return {
      ...{ from: read.map((conv) => conv + 1), kernel, outChannels: outputs.length, weights: ordered, range: 1 },
      bias: Float32Array.from(outputs, (o) => bias?.[o] ?? 0),
      activation: index === last ? { kind: 'none' } : activations[index]!,
    };
  });
  return { scale, base, layers };
}

/** What the convolutions that read a result make of it. */
function activationOf({ slopes, weights }: Convolution, conv: number, all: readonly Convolution[]): Activation {
  const parts = new Set(all.flatMap(({ inputs }) => inputs.filter((c) => c.conv === conv).map(({ part }) => part)));
  const count = weights.dims[0]!;
  if (slopes !== null) return parts.has(-1) || parts.has(1) ? fail('two activations') : { kind: 'prelu', slopes };
  if (parts.has(0)) {
    return parts.size > 1
      ? fail('a result with and without activation')
      : { kind: 'prelu', slopes: new Float32Array(count).fill(1) };
  }
  return parts.has(-1) ? { kind: 'crelu' } : { kind: 'prelu', slopes: new Float32Array(count) };
}

/** Noise, edges and flat parts at full contrast: more than pictures ask of a network. */
function calibrationPicture(): { width: number; height: number; data: Float32Array } {
  const side = 40;
  let state = 1;
  const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  const data = Float32Array.from({ length: 3 * side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side) % side];
    if (x < side / 2 && y < side / 2) return random();
    if (y < side / 2) return (Math.floor(x / 3) + Math.floor(y / 5)) % 2;
    return x < side / 2 ? Number(x > y - side / 2) : random() > 0.5 ? 1 : 0;
  });
  return { width: side, height: side, data };
}
