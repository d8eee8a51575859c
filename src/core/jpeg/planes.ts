/**
 * The three components of a run of rows of a JPEG picture whose chroma has half the size each way (4:2:0), as they are coded: luma, and for
 * every two rows one of Cb and one of Cr, of half as many samples, rounded up. Addresses and strides are bytes of one memory.
 */
export interface PlaneStrip {
  readonly width: number;
  /** Rows of the whole picture. */
  readonly height: number;
  /** The row of the picture that the strip begins with; even. */
  readonly top: number;
  readonly luma: number;
  readonly lumaStride: number;
  readonly cb: number;
  readonly cr: number;
  readonly chromaStride: number;
}

/**
 * Makes pixels of planes, with memory of its own for two strips: one is filled while the other is converted. Chroma is interpolated between
 * rows, so that a strip must hold two rows of luma above and below those that are converted, except where the picture ends.
 */
export interface PlaneConverter {
  /** The memory that the caller puts a strip into. */
  memory(index: 0 | 1): Uint8Array<ArrayBuffer>;
  /** Puts the RGB pixels of the picture's rows `y` to `y + rows` into `into`, from its byte `at` on. */
  convert(index: 0 | 1, strip: PlaneStrip, y: number, rows: number, into: Uint8Array, at: number): void;
  /** Gives the memory back, which may not be written to any more. Safe to call more than once. */
  close(): void;
}

/** Makes a converter of strips of at most so many bytes; at most `rows` rows of `width` pixels are converted at a time. */
export type OpenPlaneConverter = (stripBytes: number, width: number, rows: number) => Promise<PlaneConverter>;

/** Narrower pictures have two samples of chroma a row, or one: libjpeg repeats those instead of interpolating (jdsample.c). */
export const LEAST_INTERPOLATED_WIDTH = 5;
