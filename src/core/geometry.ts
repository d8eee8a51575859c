/** Width and height in whole pixels, both at least 1. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A rectangle of whole pixels; x and y count from the top left corner. */
export interface Rect extends Size {
  readonly x: number;
  readonly y: number;
}

/** The number of pixels in a picture of this size. */
export const pixelCount = (size: Size): number => size.width * size.height;

/** The whole picture as a rectangle. */
export const wholeOf = (size: Size): Rect => ({ x: 0, y: 0, width: size.width, height: size.height });
