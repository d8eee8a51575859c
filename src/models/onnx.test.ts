import { describe, expect, it } from 'vitest';
import { OnnxWriter } from '../../scripts/models/onnx-writer.ts';
import { AppError } from '../core/errors.ts';
import { readOnnx } from './onnx.ts';

/** A model with every kind of field that is read. */
function written(): Uint8Array<ArrayBuffer> {
  const writer = new OnnxWriter('test', { halfWeights: true });
  const x = writer.input('picture', [1, 3, 'rows', 'columns']);
  const weights = [0.5, -2, 65504, 2 ** -24, 1 / 3, 0];
  const features = writer.convolution(x, { out: 2, in: 3, size: 1 }, weights, [0.1, -0.2]);
  const large = writer.resize(writer.crop(features, 1), 2, 'linear');
  writer.node('LeakyRelu', [large], { alpha: { float: 0.25 } }, 'result');
  writer.output('result', [1, 2, '', 64]);
  return writer.finish();
}

describe('readOnnx', () => {
  it('reads what goes in and out', () => {
    const { inputs, outputs } = readOnnx(written());
    expect(inputs).toEqual([{ name: 'picture', type: 1, dims: [1, 3, 'rows', 'columns'] }]);
    expect(outputs).toEqual([{ name: 'result', type: 1, dims: [1, 2, '', 64] }]);
  });

  it('reads the nodes with their attributes', () => {
    const { nodes } = readOnnx(written());
    expect(nodes.map(({ op }) => op)).toEqual(['Cast', 'Conv', 'Slice', 'Resize', 'LeakyRelu']);
    expect(nodes[1]!.attributes.get('strides')).toEqual([1, 1]);
    expect(nodes[3]!.attributes.get('mode')).toBe('linear');
    expect(nodes[4]!.attributes.get('alpha')).toBe(0.25);
  });

  it('reads constants: halves, floats, and integers that may be negative', () => {
    const { nodes, constants } = readOnnx(written());
    const half = constants.get(nodes[0]!.inputs[0]!)!;
    expect(half.dims).toEqual([2, 3, 1, 1]);
    expect([...half.data]).toEqual([0.5, -2, 65504, 2 ** -24, expect.closeTo(1 / 3, 3), 0]);
    expect([...constants.get(nodes[1]!.inputs[2]!)!.data]).toEqual([Math.fround(0.1), Math.fround(-0.2)]);
    expect([...constants.get(nodes[2]!.inputs[2]!)!.data]).toEqual([-1, -1]);
  });

  it('says of a file that was cut off anywhere that it is no model', () => {
    const whole = written();
    // Behind the graph only versions follow.
    for (let length = 0; length < whole.length - 24; length += 7) {
      expect(() => readOnnx(whole.slice(0, length)), `${length} bytes`).toThrow(AppError);
    }
  });

  it.each([
    ['a text', new TextEncoder().encode('Dear reader,\n\nthis is no model.')],
    ['zeros', new Uint8Array(100)],
    ['nothing', new Uint8Array()],
    ['a number without end', new Uint8Array(40).fill(0xff)],
  ])('refuses %s', (_, bytes) => {
    expect(() => readOnnx(bytes)).toThrow(/no ONNX model/);
  });
});
