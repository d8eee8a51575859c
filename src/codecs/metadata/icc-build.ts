/**
 * ICC profiles for colours that a file only names by code points (ITU-T H.273), as AVIF may: most output formats can say the same with a
 * profile alone.
 */

/** Chromaticities of red, green and blue (H.273, table 2); the white point of all of them is D65. */
const PRIMARIES: Readonly<Record<number, { readonly name: string; readonly xy: readonly number[] }>> = {
  1: { name: 'BT.709', xy: [0.64, 0.33, 0.3, 0.6, 0.15, 0.06] },
  5: { name: 'BT.601 625', xy: [0.64, 0.33, 0.29, 0.6, 0.15, 0.06] },
  6: { name: 'BT.601 525', xy: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07] },
  9: { name: 'Rec. 2020', xy: [0.708, 0.292, 0.17, 0.797, 0.131, 0.046] },
  12: { name: 'Display P3', xy: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06] },
};

const D65 = [0.3127, 0.329] as const;
/** The white of ICC's connection space (ICC.1:2022, 7.2.16). */
const D50 = [0.9642, 1, 0.8249] as const;

/** Parameters g, a, b, c, d of a parametric curve of type 3, or the gamma alone of type 0 (ICC.1:2022, 10.18). */
type Curve = readonly number[];

const SRGB_CURVE: Curve = [2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045];
const BT709_CURVE: Curve = [1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081];

/** Transfer characteristics (H.273, table 3) that a profile can express. */
const CURVES: Readonly<Record<number, Curve>> = {
  1: BT709_CURVE,
  2: SRGB_CURVE,
  4: [2.2],
  5: [2.8],
  6: BT709_CURVE,
  8: [1],
  13: SRGB_CURVE,
  14: BT709_CURVE,
  15: BT709_CURVE,
};

/** Null for code points that no matrix profile can express, such as the curves of HDR. */
export function profileOfCodePoints(primaries: number, transfer: number): Uint8Array<ArrayBuffer> | null {
  const colours = PRIMARIES[primaries];
  const curve = CURVES[transfer];
  if (!colours || !curve) return null;
  const suffix = curve === SRGB_CURVE ? '' : curve === BT709_CURVE ? ', BT.709 curve' : `, gamma ${curve[0]}`;
  const [adaptation, colorants] = adapted(colours.xy);
  const column = (i: number): number[] => [
    ...ascii('XYZ '),
    ...u32(0),
    ...[0, 3, 6].flatMap((r) => fixed(colorants[r + i]!)),
  ];
  const trc = [...ascii('para'), ...u32(0), ...u16(curve.length === 1 ? 0 : 3), ...u16(0), ...curve.flatMap(fixed)];
  return assemble([
    [['desc'], localised(colours.name + suffix)],
    [['cprt'], localised('No copyright')],
    [['wtpt'], [...ascii('XYZ '), ...u32(0), ...D50.flatMap(fixed)]],
    [['chad'], [...ascii('sf32'), ...u32(0), ...adaptation.flatMap(fixed)]],
    [['rXYZ'], column(0)],
    [['gXYZ'], column(1)],
    [['bXYZ'], column(2)],
    [['rTRC', 'gTRC', 'bTRC'], trc],
  ]);
}

/** Three by three, row by row. */
type Matrix = readonly number[];

const product = (a: Matrix, b: Matrix): number[] =>
  Array.from({ length: 9 }, (_, i) => [0, 1, 2].reduce((sum, k) => sum + a[i - (i % 3) + k]! * b[k * 3 + (i % 3)]!, 0));

const transform = (m: Matrix, v: readonly number[]): number[] =>
  [0, 3, 6].map((row) => m[row]! * v[0]! + m[row + 1]! * v[1]! + m[row + 2]! * v[2]!);

function inverse(m: Matrix): number[] {
  const [a, b, c, d, e, f, g, h, i] = m as [number, number, number, number, number, number, number, number, number];
  const adjugate = [
    ...[e * i - f * h, c * h - b * i, b * f - c * e],
    ...[f * g - d * i, a * i - c * g, c * d - a * f],
    ...[d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  const determinant = a * adjugate[0]! + b * adjugate[3]! + c * adjugate[6]!;
  return adjugate.map((value) => value / determinant);
}

/** The Bradford transform, as ICC.1:2022, Annex E has it. */
const BRADFORD: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

const xyzOf = (x: number, y: number): number[] => [x / y, 1, (1 - x - y) / y];

/** The adaptation from D65 to D50, and the colorants with it applied, one a column. */
function adapted(xy: readonly number[]): [adaptation: number[], colorants: number[]] {
  const white = xyzOf(D65[0], D65[1]);
  const columns = [0, 2, 4].map((i) => xyzOf(xy[i]!, xy[i + 1]!));
  const unscaled = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]!));
  const scale = transform(inverse(unscaled), white);
  const scaled = unscaled.map((value, i) => value * scale[i % 3]!);
  const from = transform(BRADFORD, white);
  const to = transform(BRADFORD, D50);
  const gains = [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => (row === column ? to[row]! / from[row]! : 0)));
  const adaptation = product(inverse(BRADFORD), product(gains, BRADFORD));
  return [adaptation, product(adaptation, scaled)];
}

const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const u16 = (value: number): number[] => [(value >> 8) & 255, value & 255];
const u32 = (value: number): number[] => [...u16(value >>> 16), ...u16(value)];
const fixed = (value: number): number[] => u32(Math.round(value * 65536) >>> 0);

/** multiLocalizedUnicodeType (10.15) of one record. */
function localised(text: string): number[] {
  const utf16 = ascii(text).flatMap(u16);
  return [
    ...ascii('mluc'),
    ...u32(0),
    ...u32(1),
    ...u32(12),
    ...ascii('enUS'),
    ...u32(utf16.length),
    ...u32(28),
    ...utf16,
  ];
}

/** Header (7.2), tag table (7.3) and tags, each on an address that is a multiple of four. */
function assemble(
  tags: readonly (readonly [names: readonly string[], content: readonly number[]])[],
): Uint8Array<ArrayBuffer> {
  const count = tags.reduce((sum, [names]) => sum + names.length, 0);
  const table: number[] = [];
  const data: number[] = [];
  for (const [names, content] of tags) {
    const at = 132 + count * 12 + data.length;
    for (const name of names) table.push(...ascii(name), ...u32(at), ...u32(content.length));
    data.push(...content, ...new Array<number>((4 - (content.length % 4)) % 4).fill(0));
  }
  const profile = Uint8Array.from([...new Array<number>(128).fill(0), ...u32(count), ...table, ...data]);
  const put = (at: number, bytes: readonly number[]): void => profile.set(bytes, at);
  put(0, u32(profile.length));
  put(8, u32(0x04300000));
  put(12, [...ascii('mntr'), ...ascii('RGB '), ...ascii('XYZ ')]);
  // A creation date is required: the year, month and day of the first version of this code.
  put(24, [...u16(2026), ...u16(1), ...u16(1)]);
  put(36, ascii('acsp'));
  put(68, D50.flatMap(fixed));
  return profile;
}
