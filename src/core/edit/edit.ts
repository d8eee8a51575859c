import type { Size } from '../geometry.ts';

/** A part of a picture to keep. Its frame is the picture as it stands after turning, mirroring and straightening. */
export type Crop =
  /** Whole pixels of the frame. */
  | { readonly kind: 'rect'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /** Fractions 0..1 of the frame: means the same for pictures of any size. */
  | { readonly kind: 'part'; readonly x: number; readonly y: number; readonly width: number; readonly height: number }
  /**
   * The largest part of these proportions, in the middle. `follow` exchanges the sides for a picture that lies the other way, so that
   * 3:2 is 2:3 for a portrait.
   */
  | { readonly kind: 'aspect'; readonly width: number; readonly height: number; readonly follow: boolean };

export type QuarterTurns = 0 | 1 | 2 | 3;

/**
 * What is done to the upright source before anything else, in this order: turned, mirrored, straightened, cropped. Plain data.
 */
export interface Edit {
  /** Clockwise. */
  readonly quarterTurns: QuarterTurns;
  /** Left and right exchanged. */
  readonly mirror: boolean;
  /** Top and bottom exchanged. */
  readonly flip: boolean;
  /** Degrees clockwise, -45..45. Any angle but 0 resamples the source once, with Lanczos-3. */
  readonly straighten: number;
  /**
   * Straightening leaves empty corners: `cut` keeps the largest rectangle without any (of the crop's proportions, else the picture's),
   * `fill` keeps the whole picture, with corners transparent or of the background's colour.
   */
  readonly corners: 'cut' | 'fill';
  readonly crop: Crop | null;
}

export const NO_EDIT: Edit = {
  quarterTurns: 0,
  mirror: false,
  flip: false,
  straighten: 0,
  corners: 'cut',
  crop: null,
};

/** Degrees that straightening goes to, each way. */
export const MAX_STRAIGHTEN = 45;

/** Whether the picture stays as it is. */
export const isUnedited = ({ quarterTurns, mirror, flip, straighten, crop }: Edit): boolean =>
  quarterTurns === 0 && !mirror && !flip && straighten === 0 && crop === null;

const exchanged = ({ width, height }: Size): Size => ({ width: height, height: width });

/** The size of a picture after its quarter turns. */
export const turnedSize = (upright: Size, { quarterTurns }: Pick<Edit, 'quarterTurns'>): Size =>
  quarterTurns % 2 === 1 ? exchanged(upright) : upright;

/** The proportions of an aspect crop, width by height, for a picture. */
export function cropRatio(picture: Size, crop: Extract<Crop, { kind: 'aspect' }>): number {
  const ratio = crop.width / crop.height;
  const lies = picture.width - picture.height;
  return crop.follow && lies * (ratio - 1) < 0 ? 1 / ratio : ratio;
}

/** Whole pixels of a length that arithmetic may have left a hair too short. */
const whole = (length: number): number => Math.max(1, Math.floor(length + 1e-6));

/** The largest upright rectangle of these proportions that lies within a picture turned by `degrees` about its middle. */
export function inscribedSize(picture: Size, degrees: number, ratio: number): Size {
  const angle = (Math.abs(degrees) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const height = Math.min(picture.width / (ratio * cos + sin), picture.height / (ratio * sin + cos));
  return { width: whole(ratio * height), height: whole(height) };
}

/** The frame that a crop refers to: the picture turned and straightened, before it is cropped. */
export function frameSize(upright: Size, edit: Edit): Size {
  const turned = turnedSize(upright, edit);
  if (edit.straighten === 0) return turned;
  if (edit.corners === 'cut') {
    const ratio = edit.crop?.kind === 'aspect' ? cropRatio(turned, edit.crop) : turned.width / turned.height;
    return inscribedSize(turned, edit.straighten, ratio);
  }
  const angle = (Math.abs(edit.straighten) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return {
    width: Math.max(1, Math.round(turned.width * cos + turned.height * sin)),
    height: Math.max(1, Math.round(turned.width * sin + turned.height * cos)),
  };
}
