import type { Text } from './text.ts';

/** EXIF orientation: how the stored rows must be turned to be upright (1 is upright; CIPA DC-008, tag 0x0112). */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** Pixels per inch, horizontally and vertically. */
export interface Density {
  readonly x: number;
  readonly y: number;
}

/** What a picture file says beside its pixels. Blocks are as their own specifications have them, without a container's prefix. */
export interface Metadata {
  /** ICC profile (ICC.1). */
  readonly icc: Uint8Array<ArrayBuffer> | null;
  /** EXIF as a TIFF structure, from its byte-order mark on, without the `Exif\0\0` of JPEG's APP1. */
  readonly exif: Uint8Array<ArrayBuffer> | null;
  /** XMP packet, UTF-8. */
  readonly xmp: Uint8Array<ArrayBuffer> | null;
  readonly density: Density | null;
  readonly orientation: Orientation;
  /** What else is there and is never written: whole sentences for the receipt. */
  readonly others?: readonly Text[];
}

export const NO_METADATA: Metadata = { icc: null, exif: null, xmp: null, density: null, orientation: 1 };

/** What of the metadata is written to the output. */
export type MetadataPolicy = 'keep' | 'no-location' | 'none';
