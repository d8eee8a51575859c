import { MAX_SCALE, MIN_SCALE, resolveTarget, type Target } from '../core/options.ts';
import type { Size } from '../core/geometry.ts';

/** The ways in which a size can be asked for. */
export const SIZE_MODES = ['factor', 'width', 'height', 'long', 'short', 'exact', 'megapixels', 'print'] as const;
export type SizeMode = (typeof SIZE_MODES)[number];

export const LENGTH_UNITS = ['cm', 'mm', 'in'] as const;
export type LengthUnit = (typeof LENGTH_UNITS)[number];

/** What stands in the size fields. Every mode keeps its own value, so that switching to and fro loses nothing. */
export interface SizeSettings {
  readonly mode: SizeMode;
  readonly factor: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly long: number;
  readonly short: number;
  readonly megapixels: number;
  /** In `unit`. */
  readonly printWidth: number;
  readonly printHeight: number;
  readonly unit: LengthUnit;
  /** Pixels per inch. */
  readonly printDpi: number;
}

export const DEFAULT_SIZE: SizeSettings = {
  mode: 'factor',
  factor: 2,
  width: 3840,
  height: 2160,
  long: 7680,
  short: 4320,
  megapixels: 24,
  printWidth: 60,
  printHeight: 90,
  unit: 'cm',
  printDpi: 300,
};

export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What each field accepts; whether the picture and the format agree is the verdict's business. */
export const SIZE_RANGES = {
  factor: { min: MIN_SCALE, max: MAX_SCALE },
  pixels: { min: 1, max: 1_000_000 },
  megapixels: { min: 0.001, max: 100_000 },
  print: { min: 0.01, max: 10_000 },
  dpi: { min: 1, max: 9600 },
} as const satisfies Record<string, Range>;

const PER_INCH: Readonly<Record<LengthUnit, number>> = { cm: 2.54, mm: 25.4, in: 1 };

/** Regions whose paper and pictures are measured in inches. */
const INCH_REGIONS = ['US', 'LR', 'MM'];

/** The unit of paper where the first of these languages is spoken: a language without a region counts as that of most of its speakers. */
export function usualUnit(languages: readonly string[]): LengthUnit {
  try {
    const region = new Intl.Locale(languages[0] ?? 'en-GB').maximize().region;
    return region !== undefined && INCH_REGIONS.includes(region) ? 'in' : 'cm';
  } catch {
    // Some systems give what is no language tag ("C").
    return 'cm';
  }
}

/** A length in the unit as inches. */
export const toInches = (length: number, unit: LengthUnit): number => length / PER_INCH[unit];

/** Inches as a length in the unit. */
export const fromInches = (inches: number, unit: LengthUnit): number => inches * PER_INCH[unit];

/** The target that the fields ask for. */
export function targetOf(size: SizeSettings): Target {
  switch (size.mode) {
    case 'factor':
      return { kind: 'scale', x: size.factor, y: size.factor };
    case 'width':
      return { kind: 'width', pixels: size.width };
    case 'height':
      return { kind: 'height', pixels: size.height };
    case 'exact':
      return { kind: 'exact', width: size.width, height: size.height };
    case 'long':
      return { kind: 'long', pixels: size.long };
    case 'short':
      return { kind: 'short', pixels: size.short };
    case 'megapixels':
      return { kind: 'megapixels', megapixels: size.megapixels };
    case 'print':
      return {
        kind: 'print',
        widthInches: toInches(size.printWidth, size.unit),
        heightInches: toInches(size.printHeight, size.unit),
        dpi: size.printDpi,
      };
    default:
      return size.mode satisfies never;
  }
}

/** What stands in the fields for a target; `output` is the size that it came to. The inverse of `targetOf`. */
export function sizeOfTarget(target: Target, output: Size): Partial<SizeSettings> {
  const exact = { mode: 'exact', width: output.width, height: output.height } as const;
  switch (target.kind) {
    case 'scale':
      return target.x === target.y ? { mode: 'factor', factor: target.x } : exact;
    case 'width':
      return { mode: 'width', width: target.pixels };
    case 'height':
      return { mode: 'height', height: target.pixels };
    case 'exact':
      return { mode: 'exact', width: target.width, height: target.height };
    case 'long':
      return { mode: 'long', long: target.pixels };
    case 'short':
      return { mode: 'short', short: target.pixels };
    case 'megapixels':
      return { mode: 'megapixels', megapixels: target.megapixels };
    case 'print':
      return {
        mode: 'print',
        unit: 'in',
        printWidth: target.widthInches,
        printHeight: target.heightInches,
        printDpi: target.dpi,
      };
    default:
      // A receipt may come from a later version.
      target satisfies never;
      return exact;
  }
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));

/** The sheet of an output, in as few decimals as give that output again; where three do not, rounded down. */
function printOf(size: SizeSettings, source: Size, output: Size): Pick<SizeSettings, 'printWidth' | 'printHeight'> {
  const sheet = (length: (inUnits: number) => number): Pick<SizeSettings, 'printWidth' | 'printHeight'> => {
    const of = (pixels: number): number =>
      Math.max(SIZE_RANGES.print.min, length(fromInches(pixels / size.printDpi, size.unit)));
    return { printWidth: of(output.width), printHeight: of(output.height) };
  };
  const exact = [2, 3]
    .map((digits) => sheet((length) => rounded(length, digits)))
    .find((print) => {
      const { width, height } = resolveTarget(source, targetOf({ ...size, mode: 'print', ...print }));
      return width === output.width && height === output.height;
    });
  // A print covers its sheet, and so would grow by a sheet that was rounded up.
  return exact ?? sheet((length) => Math.floor(length * 100 + 1e-6) / 100);
}

/**
 * Switches to another way of asking, with values that ask for the size the picture has been going to get.
 * Without a picture only the mode changes.
 */
export function switchMode(size: SizeSettings, mode: SizeMode, source: Size | null): SizeSettings {
  if (source === null) return { ...size, mode };
  const { width, height } = resolveTarget(source, targetOf(size));
  switch (mode) {
    case 'factor':
      return { ...size, mode, factor: rounded(width / source.width, 2) };
    case 'width':
      return { ...size, mode, width };
    case 'height':
      return { ...size, mode, height };
    case 'exact':
      return { ...size, mode, width, height };
    case 'long':
      return { ...size, mode, long: Math.max(width, height) };
    case 'short':
      return { ...size, mode, short: Math.min(width, height) };
    case 'megapixels':
      return { ...size, mode, megapixels: rounded((width * height) / 1e6, 3) };
    case 'print':
      return { ...size, mode, ...printOf(size, source, { width, height }) };
    default:
      return mode satisfies never;
  }
}

/** Changes the unit and keeps the paper's size. */
export function switchUnit(size: SizeSettings, unit: LengthUnit): SizeSettings {
  if (unit === size.unit) return size;
  const convert = (length: number): number => rounded(fromInches(toInches(length, size.unit), unit), 2);
  return { ...size, unit, printWidth: convert(size.printWidth), printHeight: convert(size.printHeight) };
}
