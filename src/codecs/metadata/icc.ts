import type { TransferCurves } from '../../core/resampling.ts';
import { Bytes } from '../bytes.ts';

/** The header of an ICC profile (ICC.1:2022, 7.2) and what a person calls it. */
export interface ProfileSummary {
  readonly bytes: number;
  /** Such as 4.3. */
  readonly version: number;
  /** Four characters: `mntr`, `scnr`, `prtr`, `spac`, ... */
  readonly deviceClass: string;
  /** Of the samples that the profile describes. */
  readonly colourSpace: 'grey' | 'rgb' | 'cmyk' | 'lab' | 'other';
  /** `XYZ ` or `Lab `. */
  readonly connectionSpace: string;
  /** The profile's own description, after the common name of its colorants where it does not say that. */
  readonly name: string;
}

const COLOUR_SPACES: Readonly<Record<string, ProfileSummary['colourSpace']>> = {
  GRAY: 'grey',
  'RGB ': 'rgb',
  CMYK: 'cmyk',
  'Lab ': 'lab',
};

type Tags = Map<string, Bytes>;

const HEADER_BYTES = 128;
const MOST_TAGS = 200;

function tagsOf(profile: Bytes): Tags {
  const tags: Tags = new Map();
  const count = Math.min(profile.u32(HEADER_BYTES), MOST_TAGS);
  for (let i = 0; i < count; i++) {
    const entry = HEADER_BYTES + 4 + i * 12;
    if (entry + 12 > profile.length) break;
    const at = profile.u32(entry + 4);
    const length = profile.u32(entry + 8);
    if (length < 8 || at + length > profile.length) continue;
    tags.set(profile.ascii(entry, 4), new Bytes(profile.data.subarray(at, at + length)));
  }
  return tags;
}

const isProfile = (profile: Bytes): boolean => profile.length >= HEADER_BYTES + 4 && profile.ascii(36, 4) === 'acsp';

/** Null when the bytes are no profile. */
export function readProfile(icc: Uint8Array): ProfileSummary | null {
  const profile = new Bytes(icc);
  if (!isProfile(profile)) return null;
  const tags = tagsOf(profile);
  return {
    bytes: icc.length,
    version: profile.u8(8) + (profile.u8(9) >> 4) / 10,
    deviceClass: profile.ascii(12, 4),
    colourSpace: COLOUR_SPACES[profile.ascii(16, 4)] ?? 'other',
    connectionSpace: profile.ascii(20, 4),
    name: nameOf(tags),
  };
}

/** Makers of small profiles describe them in letters that only they know: a known name stands before those. */
function nameOf(tags: Tags): string {
  const description = descriptionOf(tags.get('desc'));
  const known = namedByColorants(tags);
  if (description === null) return known ?? 'unnamed profile';
  return known === null || description.includes(known) ? description : `${known} (${description})`;
}

/** Of the types multiLocalizedUnicodeType (10.15; English, else the first) and version 2's textDescriptionType. */
function descriptionOf(tag: Bytes | undefined): string | null {
  if (!tag || tag.length < 12) return null;
  const clean = (text: string): string | null => text.replaceAll('\0', '').trim().slice(0, 100) || null;
  if (tag.ascii(0, 4) === 'desc') {
    return clean(tag.ascii(12, Math.min(tag.u32(8), tag.length - 12)));
  }
  if (tag.ascii(0, 4) !== 'mluc' || tag.length < 28) return null;
  const records = Math.min(tag.u32(8), 100);
  let chosen = 16;
  for (let i = 0; i < records && 28 + i * 12 <= tag.length; i++) {
    if (tag.ascii(16 + i * 12, 2) === 'en') {
      chosen = 16 + i * 12;
      break;
    }
  }
  const length = tag.u32(chosen + 4);
  const at = tag.u32(chosen + 8);
  if (at + length > tag.length) return null;
  let text = '';
  for (let i = 0; i + 1 < length; i += 2) text += String.fromCharCode(tag.u16(at + i));
  return clean(text);
}

/** Profiles that go by a name: what their red, green and blue colorants are, adapted to D50, as XYZ. */
const KNOWN_COLORANTS: readonly (readonly [name: string, colorants: readonly number[]])[] = [
  ['sRGB', [0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141]],
  ['Display P3', [0.5151, 0.2412, -0.0011, 0.292, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841]],
  ['Adobe RGB (1998)', [0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446]],
  ['ProPhoto RGB', [0.7977, 0.288, 0, 0.1352, 0.7119, 0, 0.0313, 0.0001, 0.8249]],
  ['Rec. 2020', [0.6734, 0.279, -0.0019, 0.1656, 0.6753, 0.03, 0.1251, 0.0456, 0.7969]],
];

const s15Fixed16 = (tag: Bytes, at: number): number => tag.i32(at) / 65536;

function namedByColorants(tags: Tags): string | null {
  const colorants: number[] = [];
  for (const key of ['rXYZ', 'gXYZ', 'bXYZ']) {
    const tag = tags.get(key);
    if (!tag || tag.length < 20) return null;
    colorants.push(s15Fixed16(tag, 8), s15Fixed16(tag, 12), s15Fixed16(tag, 16));
  }
  const known = KNOWN_COLORANTS.find(([, values]) => values.every((v, i) => Math.abs(v - colorants[i]!) < 0.003));
  return known?.[0] ?? null;
}

/** The common name of a matrix profile by its primaries, whatever its description says, else null. */
export function primariesName(icc: Uint8Array): string | null {
  const profile = new Bytes(icc);
  return isProfile(profile) ? namedByColorants(tagsOf(profile)) : null;
}

/** Steps of the tables made from a profile's curves. */
const CURVE_STEPS = 4096;

/**
 * The transfer curves of an RGB matrix or grey profile, sampled at 4096 equal steps; null for profiles that only
 * have look-up tables, other colour spaces, and damaged ones.
 */
export function profileCurves(icc: Uint8Array): TransferCurves | null {
  const profile = new Bytes(icc);
  if (!isProfile(profile)) return null;
  const space = profile.ascii(16, 4);
  const keys = space === 'RGB ' ? ['rTRC', 'gTRC', 'bTRC'] : space === 'GRAY' ? ['kTRC'] : [];
  const tags = tagsOf(profile);
  // A grey profile that connects to Lab maps to lightness, not to light (ICC.1:2022, 8.3.4).
  const lightness = space === 'GRAY' && profile.ascii(20, 4) === 'Lab ';
  const toLinear: Float32Array[] = [];
  for (const key of keys) {
    const curve = curveOf(tags.get(key));
    const table = curve && sample(lightness ? (x) => lightOfLightness(curve(x)) : curve);
    if (!table) return null;
    toLinear.push(table);
  }
  return toLinear.length > 0 ? { toLinear } : null;
}

type Curve = (x: number) => number;

/** Linear light of CIE lightness 0..1 (ISO/CIE 11664-4). */
const lightOfLightness = (l: number): number => (l > 0.08 ? ((l + 0.16) / 1.16) ** 3 : (l * 100) / 903.3);

function curveOf(tag: Bytes | undefined): Curve | null {
  if (!tag || tag.length < 12) return null;
  const type = tag.ascii(0, 4);
  return type === 'curv' ? sampledCurve(tag) : type === 'para' ? parametricCurve(tag) : null;
}

/** curveType, ICC.1:2022, 10.6: identity, a gamma of 8.8 bits, or a table. */
function sampledCurve(tag: Bytes): Curve | null {
  const count = tag.u32(8);
  if (count === 0) return (x) => x;
  if (12 + count * 2 > tag.length) return null;
  if (count === 1) {
    const gamma = tag.u16(12) / 256;
    return gamma > 0 ? (x) => x ** gamma : null;
  }
  return (x) => {
    const at = x * (count - 1);
    const low = Math.min(Math.floor(at), count - 2);
    const first = tag.u16(12 + low * 2);
    return (first + (at - low) * (tag.u16(14 + low * 2) - first)) / 65535;
  };
}

/** parametricCurveType, ICC.1:2022, 10.18: function types 0 to 4 with parameters g a b c d e f. */
function parametricCurve(tag: Bytes): Curve | null {
  const type = tag.u16(8);
  const parameters = [1, 3, 4, 5, 7][type];
  if (parameters === undefined || 12 + parameters * 4 > tag.length) return null;
  const p = Array.from({ length: parameters }, (_, i) => s15Fixed16(tag, 12 + i * 4));
  const [g = 1, a = 1, b = 0, c = 0, d = 0, e = 0, f = 0] = p;
  const power: Curve = (x) => Math.max(0, a * x + b) ** g;
  switch (type) {
    case 0:
      return (x) => x ** g;
    case 1:
      return (x) => (x >= -b / a ? power(x) : 0);
    case 2:
      return (x) => (x >= -b / a ? power(x) + c : c);
    case 3:
      return (x) => (x >= d ? power(x) : c * x);
    default:
      return (x) => (x >= d ? power(x) + e : c * x + f);
  }
}

/** Null when the curve is not one: not finite, or as good as constant. */
function sample(curve: Curve): Float32Array | null {
  const table = new Float32Array(CURVE_STEPS);
  let highest = 0;
  for (let i = 0; i < CURVE_STEPS; i++) {
    const value = curve(i / (CURVE_STEPS - 1));
    if (!Number.isFinite(value)) return null;
    // Rounded tables may step back by a hair; what is built on them needs curves that do not.
    highest = Math.max(highest, Math.min(1, Math.max(0, value)));
    table[i] = highest;
  }
  return table[CURVE_STEPS - 1]! - table[0]! > 0.5 ? table : null;
}
