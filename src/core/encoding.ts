import type { PixelFormat } from './pixels.ts';
import type { SegmentBuffer } from './segment-buffer.ts';

/** How hard PNG and TIFF try: `fast` is the default, `small` a high deflate level, `store` no compression. */
export type DeflateLevel = 'fast' | 'small' | 'store';

/** Chroma subsampling of a JPEG. */
export type Chroma = '420' | '444';

/** A Huffman table as JPEG's DHT segment has it (ITU T.81, B.2.4.2): codes per length 1..16, then the values. */
export interface JpegHuffmanTable {
  readonly counts: readonly number[];
  readonly values: readonly number[];
}

/** Luminance and chrominance tables of a scan. */
export interface JpegTables {
  readonly dc: readonly [JpegHuffmanTable, JpegHuffmanTable];
  readonly ac: readonly [JpegHuffmanTable, JpegHuffmanTable];
}

/**
 * How a band of finished pixels becomes bytes of a file. Each band is coded on its own; the file writer of the format
 * (codecs/<format>/file.ts) puts the segments together. Plain data: it crosses to workers.
 */
export type BandEncoding =
  | { readonly kind: 'png'; readonly level: DeflateLevel }
  | {
      readonly kind: 'jpeg';
      /** 1..100, scaled as libjpeg does. */
      readonly quality: number;
      readonly chroma: Chroma;
      readonly tables: JpegTables;
      /** Restart interval in MCU rows: every band but the last is a whole number of these. */
      readonly restartRows: number;
    }
  | { readonly kind: 'tiff'; readonly level: DeflateLevel };

/** The formats coded band by band by our own encoders. */
export type BandFormat = BandEncoding['kind'];

/** Where a band lies in the picture that it is a part of. */
export interface BandPlace {
  readonly index: number;
  /** First row. */
  readonly y: number;
  readonly rows: number;
  readonly first: boolean;
  readonly last: boolean;
}

/** The finished picture that bands are cut from. */
export interface PictureShape extends PixelFormat {
  readonly width: number;
  readonly height: number;
}

/** A band as bytes, ready to be written in its turn. */
export interface Segment {
  /** PNG: one whole IDAT chunk; JPEG: whole restart intervals; TIFF: one strip. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** PNG: the Adler-32 of the band's filtered rows, and their number of bytes. */
  readonly adler?: number;
  readonly rawBytes?: number;
}

/** Codes bands of one picture; may keep scratch memory between them, but each result depends on its own band alone. */
export interface BandCoder {
  /** `rows` holds exactly `place.rows` rows of the picture, in its pixel format. The segment's bytes are collected in `into`. */
  encode(rows: Uint8Array, place: BandPlace, into?: SegmentBuffer): Segment;
}

/** A correction to bytes already handed to the sink, such as the offset of a directory that came last. */
export interface Patch {
  readonly position: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Puts a file together from a header, segments in order, and an end. Sums of written bytes are kept here. */
export interface FileWriter {
  begin(): Uint8Array<ArrayBuffer>[];
  segment(segment: Segment, place: BandPlace): Uint8Array<ArrayBuffer>[];
  end(): { readonly bytes: Uint8Array<ArrayBuffer>[]; readonly patches: readonly Patch[] };
}
