import { OnnxWriter } from './onnx-writer.ts';

/** A texture as a pass reads it: as it is, or only its positive (+1) or negated negative (-1) part. */
interface PassInput {
  readonly texture: string;
  readonly sign: 0 | 1 | -1;
}

/** One product of a pass: a 4 x 4 matrix, by columns, times an input at an offset. */
interface Tap {
  readonly input: number;
  readonly x: number;
  readonly y: number;
  readonly matrix: readonly number[];
}

/** One shader: four channels from its inputs. */
export interface Pass {
  readonly output: string;
  readonly inputs: readonly PassInput[];
  readonly taps: readonly Tap[];
  readonly bias: readonly number[];
  /** The result is added to the source picture: the end of a network that does not enlarge. */
  readonly addsSource: boolean;
}

export interface Anime4kNet {
  readonly passes: readonly Pass[];
  /** The textures whose four channels become 2 x 2 pixels, one texture for all colours or one each; empty at 1x. */
  readonly shuffled: readonly string[];
}

const numbers = (text: string): number[] => text.split(',').map(Number);

/** Reads a shader module of the package anime4k.js: the shaders' text, and the textures' names out of the code that runs them. */
export function parseAnime4k(module: string): Anime4kNet {
  const shaders = [...module.matchAll(/const fragment_(\d+)_shader = `([\s\S]*?)`;/g)].map((found) => found[2]);
  const runs = module.slice(module.indexOf('constructor(gl)'));
  const outputOf = (index: number): string => {
    const from = runs.indexOf(`this.program_${index}_intermediate_texture;`);
    const name = /textures\.set\("([^"]+)"/.exec(runs.slice(Math.max(0, from)))?.[1];
    if (from < 0 || name === undefined) throw new Error(`pass ${index}: no name of its output found`);
    return name;
  };
  const passes: Pass[] = [];
  let shuffled: string[] = [];
  shaders.forEach((text, index) => {
    if (text.includes('vec4(c0, c1, c2, c3)')) {
      const textures = [...text.matchAll(/uniform sampler2D (\w+);/g)].map((found) => found[1]);
      shuffled = textures.filter((name) => name !== 'MAIN');
    } else {
      passes.push(parsePass(text, outputOf(index)));
    }
  });
  return { passes, shuffled };
}

function parsePass(text: string, output: string): Pass {
  const index = new Map<string, number>();
  const inputs: PassInput[] = [];
  for (const [, name, body] of text.matchAll(/#define (go?_\d+)(?:\(x_off, y_off\))? (.*)/g)) {
    const texture = /(\w+?)_tex(?:Off)?\(/.exec(body)?.[1];
    if (texture === undefined) throw new Error(`${output}: ${name} reads no texture`);
    index.set(name, inputs.length);
    inputs.push({ texture, sign: body.includes('max(-') ? -1 : body.includes('max(') ? 1 : 0 });
  }
  const taps: Tap[] = [];
  for (const [, matrix, name, x = '0', y = '0'] of text.matchAll(
    /mat4\(([^)]*)\) \* (go?_\d+)(?:\(([-\d.]+), ([-\d.]+)\))?/g,
  )) {
    taps.push({ input: index.get(name)!, x: Number(x), y: Number(y), matrix: numbers(matrix) });
  }
  const bias = /result \+= vec4\(([^)]*)\)/.exec(text)?.[1];
  return {
    ...{ output, inputs, taps },
    bias: bias === undefined ? [0, 0, 0, 0] : numbers(bias),
    addsSource: text.includes('gl_FragColor = result + MAIN_tex'),
  };
}

/** Where a texture's four channels lie: from channel `at` of a tensor with `size` channels. */
interface Place {
  readonly tensor: string;
  readonly at: number;
  readonly size: number;
}

/** A tensor that a merged convolution reads, whole, from channel `base` of what is put together for it. */
interface Operand extends PassInput {
  readonly tensor: string;
  readonly size: number;
  readonly base: number;
}

/**
 * Converts a network of Anime4K to ONNX. Passes with the same inputs become one convolution. The networks predict what is
 * to be added to the bilinearly enlarged picture. Where the shaders repeat border pixels, convolutions see zeros, as in training.
 */
export class Anime4kConverter {
  readonly #graph: OnnxWriter;
  readonly #places = new Map<string, Place>([['MAIN', { tensor: 'input', at: 0, size: 3 }]]);
  readonly #activated = new Map<string, string>();

  constructor(name: string, metadata: Readonly<Record<string, string>>) {
    this.#graph = new OnnxWriter(name, { metadata });
    this.#graph.input('input', [1, 3, 'height', 'width']);
  }

  convert({ passes, shuffled }: Anime4kNet): Uint8Array<ArrayBuffer> {
    let result: string | null = null;
    for (const group of groupPasses(passes)) {
      const tensor = this.#convolve(group);
      if (group[0].addsSource) result = this.#graph.node('Add', [tensor, 'input']);
    }
    if (shuffled.length > 0) {
      const { tensor, size } = this.#places.get(shuffled[0])!;
      if (size !== 4 * shuffled.length) throw new Error('the last passes do not share their inputs');
      const residual = this.#graph.node('DepthToSpace', [tensor], { blocksize: 2, mode: 'CRD' });
      result = this.#graph.node('Add', [this.#graph.resize('input', 2, 'linear'), residual]);
    }
    if (result === null) throw new Error('the network has no output');
    this.#graph.clip(result, 'output');
    this.#graph.output('output', [1, 3, 'out_height', 'out_width']);
    return this.#graph.finish();
  }

  /** One convolution for all passes of a group; enters their textures and returns the tensor. */
  #convolve(group: readonly Pass[]): string {
    const { inputs, addsSource } = group[0];
    const { operands, found } = this.#operands(inputs);
    const channels = operands.reduce((sum, { size }) => sum + size, 0);
    const size = group.some(({ taps }) => taps.some(({ x, y }) => x !== 0 || y !== 0)) ? 3 : 1;
    const out = addsSource ? 3 : 4 * group.length;
    const weights = new Float32Array(out * channels * size * size);
    const bias = new Float32Array(out);
    group.forEach((pass, n) => {
      const rows = Math.min(4, out - 4 * n);
      for (let row = 0; row < rows; row++) bias[4 * n + row] = pass.bias[row];
      for (const { input, x, y, matrix } of pass.taps) {
        const { base, at, size: present } = found[input];
        const tap = size === 1 ? 0 : (y + 1) * 3 + x + 1;
        for (let column = 0; column < Math.min(4, present); column++) {
          for (let row = 0; row < rows; row++) {
            const channel = (4 * n + row) * channels + base + at + column;
            weights[channel * size * size + tap] += matrix[4 * column + row];
          }
        }
      }
    });
    const x = this.#graph.concat(operands.map(({ tensor, sign }) => this.#activate(tensor, sign)));
    const shape = { out, in: channels, size, pad: (size - 1) / 2 };
    const tensor = this.#graph.convolution(x, shape, weights, bias);
    if (!addsSource) group.forEach(({ output }, n) => this.#places.set(output, { tensor, at: 4 * n, size: out }));
    return tensor;
  }

  /** The distinct tensors under a list of inputs, and for each input where its channels lie among theirs. */
  #operands(inputs: readonly PassInput[]): {
    operands: Operand[];
    found: { base: number; at: number; size: number }[];
  } {
    const operands: Operand[] = [];
    const found = inputs.map(({ texture, sign }) => {
      const place = this.#places.get(texture);
      if (!place) throw new Error(`the texture ${texture} is read before it is written`);
      let operand = operands.find((other) => other.tensor === place.tensor && other.sign === sign);
      if (!operand) {
        const last = operands.at(-1);
        operand = { texture, sign, ...place, base: last ? last.base + last.size : 0 };
        operands.push(operand);
      }
      return { base: operand.base, at: place.at, size: place.size };
    });
    return { operands, found };
  }

  #activate(tensor: string, sign: PassInput['sign']): string {
    if (sign === 0) return tensor;
    const key = `${sign} ${tensor}`;
    const signed = (): string => (sign < 0 ? this.#graph.node('Neg', [tensor]) : tensor);
    const value = this.#activated.get(key) ?? this.#graph.node('Relu', [signed()]);
    this.#activated.set(key, value);
    return value;
  }
}

/** Runs of passes that read the same inputs. */
function groupPasses(passes: readonly Pass[]): Pass[][] {
  const groups: Pass[][] = [];
  let key = '';
  for (const pass of passes) {
    const next = JSON.stringify(pass.inputs);
    const last = groups.at(-1);
    if (last && next === key && !pass.addsSource) last.push(pass);
    else groups.push([pass]);
    key = next;
  }
  return groups;
}
