/** The words of the command line that turn, crop and finish a picture, and limit its file. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { MAX_STRAIGHTEN, NO_EDIT, type Crop, type Edit, type QuarterTurns } from '../../src/core/edit/edit.ts';
import { FINISH_RANGES, type Finish } from '../../src/core/finish.ts';

/** What the flags of this file hold. */
export interface EditFlags {
  rotate?: QuarterTurns;
  flip?: 'horizontal' | 'vertical' | 'both';
  straighten?: number;
  corners: Edit['corners'];
  crop?: Crop | 'print';
  sharpen?: NonNullable<Finish['sharpen']>;
  grain?: NonNullable<Finish['grain']>;
  maxBytes?: number;
}

function numbers(text: string, separator: string | RegExp): number[] {
  return text.split(separator).map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
}

/**
 * `1000x800+200+100`: width, height, and the top left corner; `3:2`, the largest middle part of these proportions; `print`, of
 * those of the sheet.
 */
export function parseCrop(text: string): Crop | 'print' {
  if (text === 'print') return text;
  const rect = /^(\d+)x(\d+)\+(\d+)\+(\d+)$/.exec(text.trim());
  if (rect !== null) {
    const [width, height, x, y] = rect.slice(1).map(Number) as [number, number, number, number];
    if (width > 0 && height > 0) return { kind: 'rect', x, y, width, height };
  }
  const aspect = /^([\d.]+):([\d.]+)$/.exec(text.trim());
  if (aspect !== null) {
    const [width, height] = aspect.slice(1).map(Number) as [number, number];
    if (width > 0 && height > 0) return { kind: 'aspect', width, height, follow: false };
  }
  throw new InvalidArgumentError('Write a part such as 1000x800+200+100, or proportions such as 3:2, or print.');
}

/** `90`, `180`, `270` or `-90`, clockwise. */
export function parseRotate(text: string): QuarterTurns {
  const degrees = Number(text);
  if (text.trim() === '' || !Number.isInteger(degrees / 90)) {
    throw new InvalidArgumentError('Write 90, 180, 270 or -90; --straighten turns by other angles.');
  }
  return ((((degrees / 90) % 4) + 4) % 4) as QuarterTurns;
}

function parseStraighten(text: string): number {
  const degrees = Number(text);
  if (text.trim() === '' || !(Math.abs(degrees) <= MAX_STRAIGHTEN)) {
    throw new InvalidArgumentError(`It must be a number of degrees from -${MAX_STRAIGHTEN} to ${MAX_STRAIGHTEN}.`);
  }
  return degrees;
}

function within(name: keyof typeof FINISH_RANGES, value: number): number {
  const { min, max } = FINISH_RANGES[name];
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`The ${name} goes from ${min} to ${max}.`);
}

/** `RADIUSxAMOUNT` or `RADIUSxAMOUNT+THRESHOLD`, such as 1.5x80+2. */
export function parseSharpen(text: string): NonNullable<Finish['sharpen']> {
  const [size = '', threshold = '0', ...more] = text.split('+');
  const [radius, amount, ...others] = numbers(size, 'x');
  if (more.length > 0 || others.length > 0 || amount === undefined || radius === undefined) {
    throw new InvalidArgumentError('Write radius and amount, such as 1.5x80, or with a threshold 1.5x80+2.');
  }
  return {
    radius: within('radius', radius),
    amount: within('amount', amount),
    threshold: within('threshold', threshold.trim() === '' ? Number.NaN : Number(threshold)),
  };
}

/** `STRENGTH`, `STRENGTHxSIZE` or `STRENGTHxSIZE@SEED`. */
export function parseGrain(text: string): NonNullable<Finish['grain']> {
  const [shape = '', seed = '1'] = text.split('@');
  const [strength = Number.NaN, size = 1, ...others] = numbers(shape, 'x');
  const number = seed.trim() === '' ? Number.NaN : Number(seed);
  if (others.length > 0 || !Number.isInteger(number)) {
    throw new InvalidArgumentError('Write a strength such as 3, with a size 3x2, and with a seed 3x2@7.');
  }
  return { strength: within('strength', strength), size: within('size', size), seed: number };
}

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1e3, mb: 1e6, gb: 1e9 };

/** `20MB`, `800kB` or a number of bytes. */
export function parseMaxBytes(text: string): number {
  const found = /^([\d.]+)\s*([a-z]*)$/i.exec(text.trim());
  const bytes = Math.floor(Number(found?.[1]) * (BYTES[found?.[2]?.toLowerCase() ?? ''] ?? Number.NaN));
  if (!(bytes >= 1)) throw new InvalidArgumentError('Write a size such as 20MB or 800kB.');
  return bytes;
}

/** Adds the options; in a group of their own. */
export function addEditOptions(program: Command): Command {
  return program
    .optionsGroup('Turning and cropping, in this order, before the resampling:')
    .option('--rotate <degrees>', 'clockwise: 90, 180, 270', parseRotate)
    .addOption(new Option('--flip <axis>', 'mirror it').choices(['horizontal', 'vertical', 'both']))
    .option('--straighten <degrees>', `clockwise, -${MAX_STRAIGHTEN} to ${MAX_STRAIGHTEN}`, parseStraighten)
    .addOption(
      new Option('--corners <what>', 'after straightening: cut them off, or fill them with the background')
        .choices(['cut', 'fill'])
        .default(NO_EDIT.corners),
    )
    .option(
      '--crop <part>',
      '1000x800+200+100 (width, height, from the left, from the top), 3:2, or print (of --print)',
      parseCrop,
    )
    .optionsGroup('Finishing, after the resampling:')
    .option('--sharpen <RxA+T>', 'unsharp mask: radius in pixels x per cent + threshold of 255: 1.5x80+2', parseSharpen)
    .option('--grain <SxW@N>', 'film grain: per cent x width in pixels @ seed: 3x1.5@1', parseGrain);
}

/** What the flags ask for. `print` is the sheet to crop to, if any; it may lie as the picture does. */
export function editOf(flags: EditFlags, print: { widthInches: number; heightInches: number } | undefined): Edit {
  const sheet =
    print && ({ kind: 'aspect', width: print.widthInches, height: print.heightInches, follow: true } as const);
  return {
    quarterTurns: flags.rotate ?? 0,
    mirror: flags.flip === 'horizontal' || flags.flip === 'both',
    flip: flags.flip === 'vertical' || flags.flip === 'both',
    straighten: flags.straighten ?? 0,
    corners: flags.corners,
    crop: (flags.crop === 'print' ? sheet : flags.crop) ?? null,
  };
}

export const finishOf = (flags: EditFlags): Finish => ({ sharpen: flags.sharpen ?? null, grain: flags.grain ?? null });
