import { cropRatio, NO_EDIT, type Crop, type Edit } from '../core/edit/edit.ts';
import { cropRect } from '../core/edit/plan-edit.ts';
import type { Size } from '../core/geometry.ts';
import { toInches, type SizeSettings } from './size-settings.ts';

/** A crop as fractions 0..1 of the turned and straightened picture: what is moved about on the screen. */
export type Part = Extract<Crop, { kind: 'part' }>;

export const WHOLE: Part = { kind: 'part', x: 0, y: 0, width: 1, height: 1 };

/** Which edges of the frame are dragged: -1 the first (left, top), 1 the second, 0 neither. Both 0 move the frame. */
export interface Grip {
  readonly x: -1 | 0 | 1;
  readonly y: -1 | 0 | 1;
}

/** Fractions below which a frame does not shrink. */
const LEAST = 0.02;

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), Math.max(low, high));

/** Moves the frame, within the picture. */
export const moved = (part: Part, dx: number, dy: number): Part => ({
  ...part,
  x: clamp(part.x + dx, 0, 1 - part.width),
  y: clamp(part.y + dy, 0, 1 - part.height),
});

/**
 * Drags an edge or a corner by fractions of the picture. `ratio` is the frame's width by its height, both in fractions, or null for any: then
 * the side that the grip does not move follows, about its middle.
 */
export function resized(part: Part, grip: Grip, dx: number, dy: number, ratio: number | null): Part {
  if (grip.x === 0 && grip.y === 0) return moved(part, dx, dy);
  const right = part.x + part.width;
  const bottom = part.y + part.height;
  // The point that stays, as a share of the frame.
  const anchorX = grip.x === 0 ? 0.5 : grip.x < 0 ? 1 : 0;
  const anchorY = grip.y === 0 ? 0.5 : grip.y < 0 ? 1 : 0;
  const fixedX = part.x + anchorX * part.width;
  const fixedY = part.y + anchorY * part.height;
  let width = clamp(part.width + grip.x * dx, LEAST, grip.x < 0 ? right : grip.x > 0 ? 1 - part.x : part.width);
  let height = clamp(part.height + grip.y * dy, LEAST, grip.y < 0 ? bottom : grip.y > 0 ? 1 - part.y : part.height);
  if (ratio !== null) {
    const byWidth = grip.x !== 0 && (grip.y === 0 || Math.abs(dx) >= Math.abs(dy) * ratio);
    if (byWidth) height = width / ratio;
    else width = height * ratio;
    // What there is room for on both sides of the point that stays.
    const room = (fixed: number, anchor: number): number =>
      Math.min(anchor > 0 ? fixed / anchor : Infinity, anchor < 1 ? (1 - fixed) / (1 - anchor) : Infinity);
    const shrink = Math.min(1, room(fixedX, anchorX) / width, room(fixedY, anchorY) / height);
    width *= shrink;
    height *= shrink;
  }
  return {
    kind: 'part',
    x: clamp(fixedX - anchorX * width, 0, 1 - width),
    y: clamp(fixedY - anchorY * height, 0, 1 - height),
    width,
    height,
  };
}

/** The proportions that a crop can be held to. */
export const ASPECTS = [
  'free',
  'original',
  'target',
  '1:1',
  '5:4',
  '4:3',
  '3:2',
  '16:9',
  '4:5',
  '3:4',
  '2:3',
  '9:16',
] as const;
export type Aspect = (typeof ASPECTS)[number];

/** Width by height of the pixels that an aspect asks for; null for any. `picture` is the turned picture. */
export function ratioOf(aspect: Aspect, picture: Size, size: SizeSettings): number | null {
  if (aspect === 'free') return null;
  if (aspect === 'original') return picture.width / picture.height;
  if (aspect === 'target') {
    const sides = targetSides(size);
    return sides === null ? null : cropRatio(picture, { kind: 'aspect', ...sides, follow: size.mode === 'print' });
  }
  const [width, height] = aspect.split(':').map(Number) as [number, number];
  return width / height;
}

/** The sides of the print, or of the exact size, that is asked for; null when the size fixes no proportions. */
export function targetSides(size: SizeSettings): Size | null {
  if (size.mode === 'exact') return { width: size.width, height: size.height };
  if (size.mode !== 'print') return null;
  return { width: toInches(size.printWidth, size.unit), height: toInches(size.printHeight, size.unit) };
}

/** The largest frame of a ratio (of pixels) about the middle of another one; the whole picture for any ratio. */
export function framed(part: Part, frame: Size, ratio: number | null): Part {
  if (ratio === null) return part;
  const inFractions = (ratio * frame.height) / frame.width;
  const [width, height] = inFractions > 1 ? [1, 1 / inFractions] : [inFractions, 1];
  const middleX = part.x + part.width / 2;
  const middleY = part.y + part.height / 2;
  return {
    kind: 'part',
    x: clamp(middleX - width / 2, 0, 1 - width),
    y: clamp(middleY - height / 2, 0, 1 - height),
    width,
    height,
  };
}

/** A crop of any kind as the part of the frame that it means for a picture. */
export function partOf(upright: Size, edit: Edit, frame: Size): Part {
  if (edit.crop === null) return WHOLE;
  if (edit.crop.kind === 'part') return edit.crop;
  const rect = cropRect(upright, { ...NO_EDIT, quarterTurns: edit.quarterTurns, crop: edit.crop });
  const width = Math.min(1, rect.width / frame.width);
  const height = Math.min(1, rect.height / frame.height);
  const left = edit.crop.kind === 'aspect' ? (1 - width) / 2 : rect.x / frame.width;
  const top = edit.crop.kind === 'aspect' ? (1 - height) / 2 : rect.y / frame.height;
  return { kind: 'part', x: clamp(left, 0, 1 - width), y: clamp(top, 0, 1 - height), width, height };
}

/** The crop to keep: none where the frame is the whole picture. */
export const cropOf = (part: Part): Part | null => (part.width > 0.9995 && part.height > 0.9995 ? null : part);
