import type { Density } from '../../core/metadata.ts';

/** Units of a density field: JFIF's and TIFF's "per inch" and "per centimetre", PNG's "per metre". */
export type DensityUnit = 'inch' | 'centimetre' | 'metre';

const PER_INCH: Record<DensityUnit, number> = { inch: 1, centimetre: 2.54, metre: 0.0254 };

/** Pixels per inch; null for what no printer or scanner means: not a number, zero, or beyond 1..100 000. */
export function densityOf(x: number, y: number, unit: DensityUnit): Density | null {
  const density = { x: x * PER_INCH[unit], y: y * PER_INCH[unit] };
  const sensible = (value: number): boolean => value >= 1 && value <= 100_000;
  return sensible(density.x) && sensible(density.y) ? density : null;
}

/** A density as a TIFF RATIONAL with up to three decimals. */
export function densityRational(pixelsPerInch: number): readonly [numerator: number, denominator: number] {
  const thousandths = Math.round(pixelsPerInch * 1000);
  return thousandths % 1000 === 0 ? [thousandths / 1000, 1] : [thousandths, 1000];
}
