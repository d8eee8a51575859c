import { refusalOf, type Refusal } from './errors.ts';
import type { Size } from './geometry.ts';
import type { Metadata } from './metadata.ts';
import type { Channels, Depth } from './pixels.ts';
import { say, str, type Text } from './text.ts';

export const INPUT_FORMATS = ['png', 'jpeg', 'webp', 'avif', 'gif', 'bmp', 'tiff', 'jxl'] as const;
export type InputFormat = (typeof INPUT_FORMATS)[number];

export const OUTPUT_FORMATS = ['png', 'jpeg', 'tiff', 'webp', 'avif', 'jxl'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** How a file stores colour, before any decoder has turned it into grey or RGB. */
export type ColourModel = 'grey' | 'rgb' | 'palette' | 'cmyk' | 'lab' | 'other';

/** What a file's header says; read without decoding any pixels. Plain data. */
export interface SourceInfo extends Size {
  readonly format: InputFormat;
  readonly mime: string;
  /** `width` and `height` are as stored, before the orientation is applied. */
  readonly model: ColourModel;
  readonly alpha: boolean;
  /** Bits in a stored sample, e.g. 1, 8, 10, 16, 32. */
  readonly bits: number;
  /** What the decoder will deliver: 1, 3 or 4 channels of 8 or 16 bits. */
  readonly channels: Channels;
  readonly depth: Depth;
  /** Rows cannot be had from top to bottom without holding the whole picture: interlaced PNG, progressive JPEG. */
  readonly progressive: boolean;
  /** Frames or pages in the file; only the first is read. */
  readonly frames: number;
  readonly bytes: number;
  readonly metadata: Metadata;
  /** Whole sentences about what will be lost or changed on reading. */
  readonly warnings: readonly Text[];
}

/** What an output format can hold. Each lives in codecs/<format>/meta.ts. */
export interface FormatMeta {
  readonly format: OutputFormat;
  readonly label: string;
  readonly mime: string;
  /** Without the dot; the first is the one written. */
  readonly extensions: readonly string[];
  readonly maxWidth: number;
  readonly maxHeight: number;
  /** The largest whole picture the encoder can take, in pixels: its memory, as measured. Infinity for band coders. */
  readonly maxPixels: number;
  /** The same for 8-bit pictures without alpha, where that is more. */
  readonly maxPlainPixels?: number;
  readonly depths: readonly Depth[];
  readonly alpha: boolean;
  readonly grey: boolean;
  readonly lossy: boolean;
  /** Coded band by band by our own encoders; false goes through a library, whole. */
  readonly banded: boolean;
}

/** A format's limits for pictures with these samples. */
export function limitsFor(meta: FormatMeta, samples: { readonly alpha: boolean; readonly depth: Depth }): FormatMeta {
  const plain = !samples.alpha && samples.depth === 8;
  return plain && meta.maxPlainPixels !== undefined ? { ...meta, maxPixels: meta.maxPlainPixels } : meta;
}

/** The whole sentence, limit and remedy when a picture of this size does not go into the format, else null. */
export function formatRefusal(meta: FormatMeta, size: Size, others: readonly FormatMeta[]): Refusal | null {
  const { width, height } = size;
  const fits = (m: FormatMeta): boolean =>
    width <= m.maxWidth && height <= m.maxHeight && width * height <= m.maxPixels;
  if (fits(meta)) return null;
  const sideLimit = say(str`${meta.label} ends at ${meta.maxWidth} x ${meta.maxHeight} pixels`);
  const areaLimit = say(str`this app's ${meta.label} encoder ends at ${Math.floor(meta.maxPixels / 1e6)} megapixels`);
  const limit = width > meta.maxWidth || height > meta.maxHeight ? sideLimit : areaLimit;
  const alternatives = others.filter((m) => m.format !== meta.format && fits(m)).map((m) => m.label);
  return refusalOf(
    'too-large-output',
    say(str`The output would be ${width} x ${height} pixels; ${limit}.`),
    alternatives.length > 0 ? say(str`Choose ${alternatives}, or a smaller size.`) : say('Choose a smaller size.'),
    { format: meta.format, width, height, maxWidth: meta.maxWidth, maxHeight: meta.maxHeight },
  );
}
