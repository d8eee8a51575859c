import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { primariesName, profileCurves, readProfile } from './icc.ts';

const FIXTURES = join(import.meta.dirname, '../../../test/fixtures');

async function profileIn(name: string): Promise<Uint8Array> {
  return (await sharp(join(FIXTURES, name)).metadata()).icc!;
}

/** Profiles that sharp brings along. */
async function builtIn(name: 'srgb' | 'p3' | 'cmyk'): Promise<Uint8Array> {
  const pixel = sharp(Buffer.alloc(3), { raw: { width: 1, height: 1, channels: 3 } });
  const space = name === 'cmyk' ? pixel.toColourspace('cmyk') : pixel;
  const file = await space.withIccProfile(name).jpeg().toBuffer();
  return (await sharp(file).metadata()).icc!;
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const u16 = (value: number): number[] => [value >> 8, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value & 0xffff)];
const fixed = (value: number): number[] => u32(Math.round(value * 65536) >>> 0);

/** A profile of nothing but a header and tags. */
function profile(space: string, tags: Readonly<Record<string, readonly number[]>>, connection = 'XYZ '): Uint8Array {
  const header = new Array<number>(128).fill(0);
  header.splice(8, 2, 4, 0x30);
  header.splice(12, 12, ...ascii('mntr'), ...ascii(space), ...ascii(connection));
  header.splice(36, 4, ...ascii('acsp'));
  const entries = Object.entries(tags);
  let at = 132 + entries.length * 12;
  const table: number[] = [];
  const data: number[] = [];
  for (const [name, content] of entries) {
    table.push(...ascii(name), ...u32(at), ...u32(content.length));
    data.push(...content);
    at += content.length;
  }
  return Uint8Array.from([...header, ...u32(entries.length), ...table, ...data]);
}

const curv = (...values: number[]): number[] => [
  ...[...ascii('curv'), ...u32(0), ...u32(values.length)],
  ...values.flatMap(u16),
];
const para = (type: number, ...parameters: number[]): number[] => [
  ...[...ascii('para'), ...u32(0), ...u16(type), ...u16(0)],
  ...parameters.flatMap(fixed),
];
const grey = (curve: readonly number[], connection = 'XYZ '): Float32Array | undefined =>
  profileCurves(profile('GRAY', { kTRC: curve }, connection))?.toLinear[0];

/** Value of a table at 0..1. */
const at = (table: Float32Array | undefined, x: number): number => table![Math.round(x * (table!.length - 1))]!;

const srgbToLinear = (v: number): number => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);

describe('readProfile', () => {
  it('names real profiles', async () => {
    expect(readProfile(await builtIn('srgb'))).toMatchObject({ name: 'sRGB', colourSpace: 'rgb', deviceClass: 'mntr' });
    expect(readProfile(await profileIn('jpeg/p3.jpg'))).toMatchObject({
      name: 'Display P3 (sP3C)',
      colourSpace: 'rgb',
    });
    expect(readProfile(await builtIn('cmyk'))).toMatchObject({ colourSpace: 'cmyk', connectionSpace: 'Lab ' });
    expect(primariesName(await builtIn('srgb'))).toBe('sRGB');
    expect(primariesName(await profileIn('jpeg/p3.jpg'))).toBe('Display P3');
    expect(primariesName(await builtIn('cmyk'))).toBeNull();
  });

  it('reads both kinds of description', () => {
    const old = [...ascii('desc'), ...u32(0), ...u32(6), ...ascii('Older\0')];
    expect(readProfile(profile('RGB ', { desc: old }))!.name).toBe('Older');
    const utf16 = (text: string): number[] => ascii(text).flatMap((code) => [0, code]);
    const localised = [
      ...[...ascii('mluc'), ...u32(0), ...u32(2), ...u32(12)],
      ...[...ascii('deDE'), ...u32(8), ...u32(40), ...ascii('enUS'), ...u32(10), ...u32(48)],
      ...[...utf16('Neue'), ...utf16('Newer')],
    ];
    expect(readProfile(profile('GRAY', { desc: localised }))).toMatchObject({ name: 'Newer', colourSpace: 'grey' });
    expect(readProfile(profile('RGB ', {}))!.name).toBe('unnamed profile');
  });

  it('says nothing of what is no profile', () => {
    expect(readProfile(new Uint8Array(10))).toBeNull();
    expect(readProfile(new Uint8Array(500))).toBeNull();
    expect(profileCurves(new Uint8Array(500))).toBeNull();
  });
});

describe('profileCurves', () => {
  it("finds sRGB's curve in sRGB and Display P3", async () => {
    for (const icc of [await builtIn('srgb'), await profileIn('jpeg/p3.jpg')]) {
      const { toLinear } = profileCurves(icc)!;
      expect(toLinear).toHaveLength(3);
      for (const table of toLinear) {
        for (let x = 0; x <= 1; x += 1 / 64) {
          const exact = srgbToLinear(Math.round(x * (table.length - 1)) / (table.length - 1));
          expect(Math.abs(at(table, x) - exact)).toBeLessThan(2e-4);
        }
      }
    }
  });

  it('has none for profiles of tables', async () => {
    expect(profileCurves(await builtIn('cmyk'))).toBeNull();
    expect(profileCurves(profile('RGB ', { rTRC: curv(563), gTRC: curv(563) }))).toBeNull();
  });

  it.each<[string, readonly number[], (x: number) => number]>([
    ['the identity', curv(), (x) => x],
    ['a gamma', curv(563), (x) => x ** (563 / 256)],
    ['a table', curv(0, 6554, 65535), (x) => (x < 0.5 ? x * 0.2 : 0.1 + (x - 0.5) * 1.8)],
    ['parametric type 0', para(0, 2.2), (x) => x ** 2.2],
    ['parametric type 1', para(1, 2, 1.1, -0.1), (x) => (x >= 0.1 / 1.1 ? (1.1 * x - 0.1) ** 2 : 0)],
    ['parametric type 2', para(2, 2, 0.9, -0.09, 0.1), (x) => (x >= 0.1 ? (0.9 * x - 0.09) ** 2 + 0.1 : 0.1)],
    ['parametric type 3', para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045), srgbToLinear],
    [
      'parametric type 4',
      para(4, 2, 0.9, 0.1, 0.5, 0.2, 0, 0.02),
      (x) => (x >= 0.2 ? (0.9 * x + 0.1) ** 2 : 0.5 * x + 0.02),
    ],
  ])('samples %s', (_, curve, expected) => {
    const table = grey(curve);
    let highest = 0;
    for (let i = 0; i < table!.length; i++) {
      highest = Math.max(highest, expected(i / (table!.length - 1)));
      expect(Math.abs(table![i]! - Math.min(1, highest))).toBeLessThan(1e-4);
    }
  });

  it('turns the lightness of grey Lab profiles into light', () => {
    // Middle grey: L* 50 is 18.42 % (CIE 15).
    expect(at(grey(curv(), 'Lab '), 0.5)).toBeCloseTo(0.1842, 3);
    expect(at(grey(curv(), 'Lab '), 1)).toBeCloseTo(1, 5);
  });

  it('gives monotonic tables within 0..1 or nothing, whatever is in a profile', async () => {
    const real = await builtIn('srgb');
    const changes = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(changes, (list) => {
        const damaged = Uint8Array.from(real);
        for (const [where, value] of list) damaged[where] = value;
        readProfile(damaged);
        for (const table of profileCurves(damaged)?.toLinear ?? []) {
          expect(table.every((v, i) => v >= 0 && v <= 1 && (i === 0 || v >= table[i - 1]!))).toBe(true);
        }
      }),
      { numRuns: 300, seed: 9 },
    );
  });
});
