/** Makes something of a finished picture that comes from top to bottom. */
export interface PictureExport {
  /** The next rows, whole, in the picture's pixel format. */
  push(pixels: Uint8Array<ArrayBuffer>): Promise<void>;
  /** After the last row: what is written at the end. */
  end(): Promise<void>;
  /** Files made so far. */
  readonly files: number;
}

/** Adds up what is written. */
export type CountBytes = (bytes: number) => void;
