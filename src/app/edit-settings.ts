import { MAX_STRAIGHTEN, NO_EDIT, type Crop, type Edit } from '../core/edit/edit.ts';
import { FINISH_RANGES, NO_FINISH, type Finish, type Grain, type Sharpen } from '../core/finish.ts';
import { fieldsOf, flag, numberIn, oneOf } from './read-fields.ts';
import type { Range } from './size-settings.ts';

/** What is offered when sharpening or grain is switched on. */
export const USUAL_SHARPEN: Sharpen = { radius: 1, amount: 80, threshold: 2 };
export const USUAL_GRAIN: Grain = { strength: 3, size: 1.5, seed: 1 };

export const STRAIGHTEN_RANGE: Range = { min: -MAX_STRAIGHTEN, max: MAX_STRAIGHTEN };

/** The least and the most that a file may be limited to, in bytes. */
export const MAX_BYTES_RANGE: Range = { min: 1e4, max: 1e11 };

const FRACTION: Range = { min: 0, max: 1 };
const PIXELS: Range = { min: 0, max: 2 ** 31 };
const POSITIVE: Range = { min: Number.MIN_VALUE, max: 1e9 };
const ANY: Range = { min: -(2 ** 31), max: 2 ** 31 };

function readCrop(value: unknown): Crop | null {
  const fields = fieldsOf(value);
  const { kind } = fields;
  const read = (name: string, range: Range): number => numberIn(fields[name], range, Number.NaN);
  const known = (crop: Crop): Crop | null => (Object.values(crop).includes(Number.NaN) ? null : crop);
  if (kind === 'aspect') {
    const [width, height] = [read('width', POSITIVE), read('height', POSITIVE)];
    return known({ kind, width, height, follow: flag(fields['follow'], false) });
  }
  if (kind !== 'rect' && kind !== 'part') return null;
  const range = kind === 'part' ? FRACTION : PIXELS;
  const size = { ...range, min: Number.MIN_VALUE };
  const [x, y, width, height] = [read('x', range), read('y', range), read('width', size), read('height', size)];
  return known({ kind, x, y, width, height });
}

/** An edit from what was stored. */
export function readEdit(value: unknown): Edit {
  const fields = fieldsOf(value);
  return {
    quarterTurns: oneOf(fields['quarterTurns'], [0, 1, 2, 3], NO_EDIT.quarterTurns),
    mirror: flag(fields['mirror'], NO_EDIT.mirror),
    flip: flag(fields['flip'], NO_EDIT.flip),
    straighten: numberIn(fields['straighten'], STRAIGHTEN_RANGE, NO_EDIT.straighten),
    corners: oneOf(fields['corners'], ['cut', 'fill'], NO_EDIT.corners),
    crop: readCrop(fields['crop']),
  };
}

/** A finish from what was stored. */
export function readFinish(value: unknown): Finish {
  const { sharpen, grain } = fieldsOf(value);
  if (sharpen === undefined && grain === undefined) return NO_FINISH;
  const { radius, amount, threshold, strength, size } = FINISH_RANGES;
  const s = fieldsOf(sharpen);
  const g = fieldsOf(grain);
  return {
    sharpen:
      sharpen === null || sharpen === undefined
        ? null
        : {
            radius: numberIn(s['radius'], radius, USUAL_SHARPEN.radius),
            amount: numberIn(s['amount'], amount, USUAL_SHARPEN.amount),
            threshold: numberIn(s['threshold'], threshold, USUAL_SHARPEN.threshold),
          },
    grain:
      grain === null || grain === undefined
        ? null
        : {
            strength: numberIn(g['strength'], strength, USUAL_GRAIN.strength),
            size: numberIn(g['size'], size, USUAL_GRAIN.size),
            seed: Math.round(numberIn(g['seed'], ANY, USUAL_GRAIN.seed)),
          },
  };
}

/** A limit of bytes from what was stored. */
export const readMaxBytes = (value: unknown): number | null => numberIn(value, MAX_BYTES_RANGE, 0) || null;
