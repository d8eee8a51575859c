/** The weights of UpscalerJS's model esrgan-slim as an ONNX file, so that both products can run the same network: in Node and in pages. */
import { OnnxWriter } from '../../scripts/models/onnx-writer.ts';

interface Layer {
  readonly class_name: string;
  readonly name: string;
  readonly config: { readonly activation?: string; readonly size?: readonly [number, number] };
  readonly inbound_nodes: readonly (readonly (readonly [string, ...unknown[]])[])[];
}

/** What its `model.json` holds. */
export interface EsrganFile {
  readonly modelTopology: {
    readonly model_config: {
      readonly config: { readonly layers: readonly Layer[]; readonly output_layers: readonly [[string, ...unknown[]]] };
    };
  };
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly { readonly name: string; readonly shape: readonly number[] }[];
  }[];
}

interface Weights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The files that a model's weights lie in, beside its `model.json`. */
export const weightPaths = ({ weightsManifest }: EsrganFile): string[] => weightsManifest.flatMap(({ paths }) => paths);

function readWeights({ weightsManifest }: EsrganFile, numbers: Uint8Array): ReadonlyMap<string, Weights> {
  const all = new Map<string, Weights>();
  const view = new DataView(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  let at = 0;
  for (const { name, shape } of weightsManifest.flatMap(({ weights }) => weights)) {
    const count = shape.reduce((a, b) => a * b, 1);
    all.set(name, { shape, data: Float32Array.from({ length: count }, (_, i) => view.getFloat32(at + 4 * i, true)) });
    at += 4 * count;
  }
  return all;
}

/** From rows, columns, inputs, outputs to outputs, inputs, rows, columns; times a factor. */
function outputsFirst({ shape, data }: Weights, factor: number): Float32Array {
  const [rows, columns, inputs, outputs] = shape as readonly [number, number, number, number];
  const result = new Float32Array(data.length);
  let at = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let k = 0; k < rows * columns; k++) result[at++] = data[(k * inputs + i) * outputs + o]! * factor;
    }
  }
  return result;
}

/** Pictures are 0..1 here and 0..255 there: the factor is folded into the first convolution and the last. */
const WHITE = 255;

/** A layers model, whose files of weights follow one upon the other in `numbers`. The result takes and gives planes 0..1. */
export function esrganOnnx(file: EsrganFile, numbers: Uint8Array): Uint8Array<ArrayBuffer> {
  const { layers, output_layers: outputs } = file.modelTopology.model_config.config;
  const weights = readWeights(file, numbers);
  const writer = new OnnxWriter('esrgan-slim');
  const values = new Map<string, string>();
  for (const { class_name: kind, name, config, inbound_nodes: inbound } of layers) {
    const inputs = (inbound[0] ?? []).map(([from]) => values.get(from)!);
    const [x = ''] = inputs;
    const result = (): string => {
      switch (kind) {
        case 'InputLayer':
          return writer.input('input', [1, 3, 'height', 'width']);
        case 'Conv2D': {
          const kernel = weights.get(`${name}/kernel`)!;
          const [size = 0, , channels = 0, out = 0] = kernel.shape;
          const isLast = outputs[0][0] === name;
          const factor = (x === 'input' ? WHITE : 1) / (isLast ? WHITE : 1);
          const bias = weights.get(`${name}/bias`)!.data.map((value) => (isLast ? value / WHITE : value));
          const shape = { out, in: channels, size, pad: (size - 1) / 2 };
          return writer.convolution(x, shape, outputsFirst(kernel, factor), bias);
        }
        case 'Activation':
          return writer.node('Relu', [x]);
        case 'Concatenate':
          return writer.concat(inputs);
        case 'Add':
          return writer.node('Add', inputs);
        case 'UpSampling2D':
          return writer.resize(x, config.size![0], 'nearest');
        default:
          throw new Error(`${name}: no such layer as ${kind} is known here`);
      }
    };
    values.set(name, result());
  }
  writer.clip(values.get(outputs[0][0])!, 'output');
  writer.output('output', [1, 3, 'rows', 'columns']);
  return writer.finish();
}
