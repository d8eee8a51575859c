import type { Rect, Size } from '../geometry.ts';
import type { Orientation } from '../metadata.ts';
import type { Edit } from './edit.ts';

/** The stored point of a seen one, both from the middle, y downward: [x from x, x from y, y from x, y from y]. */
type Turn = readonly [number, number, number, number];

/** CIPA DC-008, tag 0x0112. */
const TURNS: Readonly<Record<Orientation, Turn>> = {
  1: [1, 0, 0, 1],
  2: [-1, 0, 0, 1],
  3: [-1, 0, 0, -1],
  4: [1, 0, 0, -1],
  5: [0, 1, 1, 0],
  6: [0, 1, -1, 0],
  7: [0, -1, -1, 0],
  8: [0, -1, 1, 0],
};

/** The orientation that has the effect of turning by `first` and then by `second`. */
export function joinOrientations(first: Orientation, second: Orientation): Orientation {
  const [a, b, c, d] = TURNS[first];
  const [e, f, g, h] = TURNS[second];
  const joined: Turn = [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
  const found = Object.entries(TURNS).find(([, turn]) => turn.every((value, i) => value === joined[i]));
  return Number(found![0]) as Orientation;
}

const QUARTERS = [1, 6, 3, 8] as const;

/** The quarter turns and then the mirroring of an edit as an orientation. */
export function orientationOf({ quarterTurns, mirror, flip }: Edit): Orientation {
  const turned = QUARTERS[quarterTurns];
  const mirrored = mirror ? joinOrientations(turned, 2) : turned;
  return flip ? joinOrientations(mirrored, 4) : mirrored;
}

/** Where a rectangle of the turned picture lies in the stored one. */
export function storedRect(stored: Size, orientation: Orientation, rect: Rect): Rect {
  const [xx, xy, yx, yy] = TURNS[orientation];
  const along = (byX: number, byY: number, all: number): readonly [number, number] => {
    const [first, length] = byX !== 0 ? [rect.x, rect.width] : [rect.y, rect.height];
    return [byX + byY > 0 ? first : all - first - length, length];
  };
  const [x, width] = along(xx, xy, stored.width);
  const [y, height] = along(yx, yy, stored.height);
  return { x, y, width, height };
}
