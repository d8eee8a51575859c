import { refusalOf, type Refusal } from '../errors.ts';
import { wholeOf, type Rect, type Size } from '../geometry.ts';
import type { Orientation } from '../metadata.ts';
import { uprightSize } from '../orientation.ts';
import { cropRatio, frameSize, inscribedSize, MAX_STRAIGHTEN, turnedSize, type Edit } from './edit.ts';
import { joinOrientations, orientationOf, storedRect } from './orientations.ts';
import { say, str } from '../text.ts';

/** How a picture is turned by a small angle. Lengths are pixels; a pixel's centre lies at half a pixel. */
export interface Straightening {
  /** Cosine and sine of the angle, clockwise. */
  readonly cos: number;
  readonly sin: number;
  /** Where the top left corner of the result lies in the picture that is turned. */
  readonly originX: number;
  readonly originY: number;
  /** The part of that picture that is decoded, and its whole size: beyond it there is nothing. */
  readonly region: Rect;
  readonly picture: Size;
}

/** How decoded rows become those of the edited picture. */
export interface EditPlan {
  readonly kind: 'edit';
  /** The edited picture. */
  readonly size: Size;
  /** The part of the stored picture that is needed. */
  readonly stored: Rect;
  /** How that part is turned. */
  readonly orientation: Orientation;
  readonly straightening: Straightening | null;
}

/** Lanczos-3 looks three pixels around. */
const REACH = 3;

function outside(edit: Edit, frame: Size, rect: Rect): Refusal | null {
  const { x, y, width, height } = rect;
  const inside =
    x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= frame.width && y + height <= frame.height;
  const wholes = [x, y, width, height].every(Number.isInteger);
  if (inside && wholes) return null;
  return refusalOf(
    'bad-options',
    say(
      str`The crop of ${width} x ${height} pixels at ${x}, ${y} does not lie within the picture of ${frame.width} x ${frame.height}.`,
    ),
    edit.straighten === 0 ? say('Choose a smaller crop.') : say('Choose a smaller crop, or a smaller angle.'),
    { x, y, width, height, frameWidth: frame.width, frameHeight: frame.height },
  );
}

/** Where the crop lies in its frame, in whole pixels. */
export function cropRect(upright: Size, edit: Edit): Rect {
  const frame = frameSize(upright, edit);
  const { crop } = edit;
  if (crop === null) return wholeOf(frame);
  switch (crop.kind) {
    case 'rect':
      return { x: crop.x, y: crop.y, width: crop.width, height: crop.height };
    case 'part': {
      const span = (from: number, length: number, all: number): [number, number] => {
        const first = Math.min(Math.round(from * all), all - 1);
        return [first, Math.max(1, Math.min(Math.round((from + length) * all), all) - first)];
      };
      const [x, width] = span(crop.x, crop.width, frame.width);
      const [y, height] = span(crop.y, crop.height, frame.height);
      return { x, y, width, height };
    }
    case 'aspect': {
      const { width, height } = inscribedSize(frame, 0, cropRatio(turnedSize(upright, edit), crop));
      return { x: (frame.width - width) >> 1, y: (frame.height - height) >> 1, width, height };
    }
    default:
      return crop satisfies never;
  }
}

function straighteningOf(turned: Size, frame: Size, rect: Rect, degrees: number): Straightening {
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  // A point of the result, seen from the middle, turned back.
  const at = (x: number, y: number): readonly [number, number] => {
    const [fromX, fromY] = [x - frame.width / 2, y - frame.height / 2];
    return [cos * fromX + sin * fromY + turned.width / 2, cos * fromY - sin * fromX + turned.height / 2];
  };
  const [originX, originY] = at(rect.x, rect.y);
  const corners = [
    [originX, originY],
    at(rect.x + rect.width, rect.y),
    at(rect.x, rect.y + rect.height),
    at(rect.x + rect.width, rect.y + rect.height),
  ];
  const span = (values: readonly number[], all: number): readonly [number, number] => {
    const first = Math.max(0, Math.min(all - 1, Math.floor(Math.min(...values)) - REACH));
    const end = Math.max(first + 1, Math.min(all, Math.ceil(Math.max(...values)) + REACH));
    return [first, end - first];
  };
  const [x, width] = span(
    corners.map((corner) => corner[0]),
    turned.width,
  );
  const [y, height] = span(
    corners.map((corner) => corner[1]),
    turned.height,
  );
  return { cos, sin, originX, originY, region: { x, y, width, height }, picture: turned };
}

/**
 * Plans an edit of a picture that is stored in a size and an orientation. What is not needed is neither decoded nor held: the crop
 * is moved through the turns to the front. Pure.
 */
export function planEdit(
  stored: Size,
  orientation: Orientation,
  edit: Edit,
): EditPlan | (Refusal & { readonly kind: 'refusal' }) {
  const upright = uprightSize(stored, orientation);
  if (!(Math.abs(edit.straighten) <= MAX_STRAIGHTEN)) {
    const message = say(
      str`A picture can be straightened by ${MAX_STRAIGHTEN} degrees at most, not ${edit.straighten}.`,
    );
    const values = { degrees: edit.straighten, limit: MAX_STRAIGHTEN };
    return { kind: 'refusal', ...refusalOf('bad-options', message, say('Turn it by quarters first.'), values) };
  }
  const frame = frameSize(upright, edit);
  const rect = cropRect(upright, edit);
  const refusal = outside(edit, frame, rect);
  if (refusal !== null) return { kind: 'refusal', ...refusal };
  const joined = joinOrientations(orientation, orientationOf(edit));
  const turned = turnedSize(upright, edit);
  const straightening = edit.straighten === 0 ? null : straighteningOf(turned, frame, rect, edit.straighten);
  return {
    kind: 'edit',
    size: { width: rect.width, height: rect.height },
    stored: storedRect(stored, joined, straightening?.region ?? rect),
    orientation: joined,
    straightening,
  };
}

/** The size of an edited picture, for display: a crop that does not fit counts as none. */
export function editedSize(upright: Size, edit: Edit): Size {
  const plan = planEdit(upright, 1, edit);
  return plan.kind === 'edit' ? plan.size : turnedSize(upright, edit);
}
