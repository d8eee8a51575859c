import { describe, expect, it } from 'vitest';
import { reflectShader, writeParams } from './reflect.ts';
import { PASS_NAMES, resolveShader } from './shaders.ts';

const files = (entries: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(entries));

describe('resolveShader', () => {
  it('puts each imported part in once, before its first use', () => {
    const text = resolveShader(
      'pass',
      files({ pass: '#import lib/a\n#import lib/b\npass', 'lib/a': '#import lib/b\na', 'lib/b': 'b' }),
    );
    expect(text.split('\n').filter((line) => line !== '')).toEqual(['b', 'a', 'pass']);
  });

  it('refuses unknown, malformed and circular imports', () => {
    expect(() => resolveShader('pass', files({ pass: '#import lib/none' }))).toThrow('pass > lib/none');
    expect(() => resolveShader('pass', files({ pass: '#import "lib/a"', 'lib/a': '' }))).toThrow('no import');
    expect(() => resolveShader('a', files({ a: '#import b', b: '#import a' }))).toThrow('a > b > a');
  });
});

describe('reflectShader', () => {
  const source = `
    const WIDE: u32 = 32;
    struct Params { a: u32, b: f32, // c: u32,
      colour: vec4<f32>, d: i32, }
    @group(0) @binding(1) var<storage, read> from: array<u32>;
    @group(0) @binding(0) var<uniform> params: Params;
    @group(0) @binding(2) var<storage, read_write> to: array<u32>;
    @compute @workgroup_size(WIDE, 2) fn main() {}`;

  it('reads bindings, workgroup and the layout of Params', () => {
    const layout = reflectShader(source);
    expect(layout.bindings).toEqual([
      { name: 'params', index: 0, type: 'uniform' },
      { name: 'from', index: 1, type: 'read-only-storage' },
      { name: 'to', index: 2, type: 'storage' },
    ]);
    expect(layout.workgroup).toEqual([32, 2, 1]);
    expect(layout.params.map(({ name, offset }) => [name, offset])).toEqual([
      ...[['a', 0] as const, ['b', 4] as const, ['colour', 16] as const, ['d', 32] as const],
    ]);
    expect(layout.paramBytes).toBe(48);
  });

  it('writes values at their places and refuses missing, unknown and wrong ones', () => {
    const layout = reflectShader(source);
    const view = new DataView(new ArrayBuffer(48));
    writeParams(layout, { a: 7, b: 0.5, colour: [1, 2, 3, 4], d: -1 }, view);
    expect([view.getUint32(0, true), view.getFloat32(4, true), view.getFloat32(28, true)]).toEqual([7, 0.5, 4]);
    expect(view.getInt32(32, true)).toBe(-1);
    expect(() => writeParams(layout, { a: 7, b: 0.5, d: 1 }, view)).toThrow('colour');
    expect(() => writeParams(layout, { a: 7, b: 0, colour: [0, 0, 0, 0], d: 1, e: 1 }, view)).toThrow('no field e');
    expect(() => writeParams(layout, { a: -1, b: 0, colour: [0, 0, 0, 0], d: 1 }, view)).toThrow('a was given -1');
  });
});

describe('the passes', () => {
  it.each(PASS_NAMES)('%s can be read, and stays within the limits that every device has', (name) => {
    const { bindings, workgroup, paramBytes } = reflectShader(resolveShader(name));
    expect(bindings[0]).toEqual({ name: 'params', index: 0, type: 'uniform' });
    expect(bindings.filter(({ type }) => type !== 'uniform').length).toBeLessThanOrEqual(8);
    expect(workgroup[0] * workgroup[1] * workgroup[2]).toBeLessThanOrEqual(256);
    expect(paramBytes).toBeGreaterThan(0);
    expect(paramBytes).toBeLessThanOrEqual(256);
  });

  it('agree on what they share', () => {
    const constant = (pass: string, name: string): number | undefined =>
      reflectShader(resolveShader(pass)).constants.get(name);
    expect(constant('jpeg-offsets', 'SUMMED_BLOCKS')).toBe(constant('jpeg-measure', 'WORKGROUP'));
    expect(constant('jpeg-write', 'SUMMED_BLOCKS')).toBe(constant('jpeg-measure', 'WORKGROUP'));
    const words = constant('jpeg-count', 'WORKGROUP')! * constant('jpeg-count', 'THREAD_WORDS')!;
    expect(constant('jpeg-count', 'CHUNK_BYTES')).toBe(4 * words);
    expect(constant('jpeg-stuffing', 'CHUNK_BYTES')).toBe(4 * words);
    const { workgroup, constants } = reflectShader(resolveShader('jpeg-transform'));
    expect(workgroup[0]).toBe(8 * constants.get('WORKGROUP_BLOCKS')!);
  });
});
