import type { Size } from '../../core/geometry.ts';
import {
  LEAST_INTERPOLATED_WIDTH,
  type OpenPlaneConverter,
  type PlaneConverter,
  type PlaneStrip,
} from '../../core/jpeg/planes.ts';
import { STANDARD_TABLES } from '../../core/jpeg/tables.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import { createReferenceJpegCoder } from '../../core/reference/jpeg.ts';
import { FileBytes } from '../bytes.ts';
import { bitmapStrips } from '../pixel-source.ts';
import { STRIP_BYTES, stripReader, type StripSource } from '../strip-reader.ts';
import { createJpegFile } from './file.ts';
import { headerSegments, isFrame } from './segments.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Rows of luma above and below a strip whose chroma has a part in its pixels. */
const MARGIN = 2;

/** Stands where the signature of a segment stood that no decoder shall know. */
const SKIPPED = Uint8Array.from('skip', (c) => c.charCodeAt(0));

/**
 * Decodes JPEGs whose chroma has half the size each way, as cameras and most programs write them, without the browser's conversion to pixels of
 * four bytes: ImageDecoder gives the planes as they are coded, and our kernel interpolates and converts them as libjpeg does. Of 6 megapixels in
 * Chromium 156 that takes 40 ms, against 56 by way of a bitmap, which is 24 MB of fresh memory and has to be packed.
 *
 * Whether this browser gives such planes, and makes the same pixels of them, is tried out once, with a made-up picture, from the moment that this is
 * constructed. Where it does not, or the kernels cannot be had, `open` gives null.
 */
export class PlaneDecoder {
  readonly #open: Promise<OpenPlaneConverter>;
  readonly #trust: Promise<boolean>;
  #trusted: boolean | null = null;

  constructor(open: Promise<OpenPlaneConverter>) {
    this.#open = open;
    this.#trust = open
      .then(givesPixelsOfBitmap)
      .catch(() => false)
      .then((trusted) => (this.#trusted = trusted));
  }

  /** Whether it is right on this device. */
  get trusted(): Promise<boolean> {
    return this.#trust;
  }

  /**
   * The strips of a picture, its bytes at `skipped` renamed so that no decoder knows the segments there; null where this way is not for the file or
   * not for this browser, or where it fails: then the usual one has the say.
   */
  async open(file: Blob, size: Size, skipped: readonly number[]): Promise<StripSource | null> {
    if (this.#trusted === false || size.width < LEAST_INTERPOLATED_WIDTH) return null;
    try {
      if (!(await hasHalvedChroma(file))) return null;
      const bytes = new Uint8Array(await file.arrayBuffer());
      for (const at of skipped) bytes.set(SKIPPED, at);
      return await planeStrips(bytes, size, () => this.#trustedConverters());
    } catch {
      return null;
    }
  }

  /** Decoding begins before the trial has ended: it comes out well where it matters. */
  async #trustedConverters(): Promise<OpenPlaneConverter> {
    if (!(await this.#trust)) throw new Error('planes are not trusted here');
    return this.#open;
  }
}

/** Whether a file has three components, of which the second and the third have half the size each way (T.81, B.2.2). */
async function hasHalvedChroma(file: Blob): Promise<boolean> {
  const bytes = new FileBytes(file, '');
  for await (const { marker, start, length } of headerSegments(bytes)) {
    if (!isFrame(marker)) continue;
    const content = await bytes.read(start, Math.min(length, 15));
    return content[5] === 3 && content[7] === 0x22 && content[10] === 0x11 && content[13] === 0x11;
  }
  return false;
}

/** Takes the bytes over. Null where the browser gives something else than the planes of such a picture. */
async function decodePlanes(bytes: Bytes, { width, height }: Size): Promise<VideoFrame | null> {
  const decoder = new ImageDecoder({ data: bytes, type: 'image/jpeg', transfer: [bytes.buffer] });
  let image: VideoFrame;
  try {
    ({ image } = await decoder.decode());
  } finally {
    decoder.close();
  }
  const { format, codedWidth, codedHeight, visibleRect, colorSpace } = image;
  const whole = visibleRect?.x === 0 && visibleRect.y === 0 && codedWidth === width && codedHeight === height;
  if (format === 'I420' && whole && colorSpace.fullRange === true) return image;
  image.close();
  return null;
}

const aligned = (bytes: number): number => (bytes + 15) & ~15;

/** The strips of a picture of which the browser gives planes; null where it does not. */
async function planeStrips(
  bytes: Bytes,
  size: Size,
  converters: () => OpenPlaneConverter | Promise<OpenPlaneConverter>,
): Promise<StripSource | null> {
  const { width, height } = size;
  const mostRows = Math.max(2, Math.floor(STRIP_BYTES / (width * 3)) & ~1);
  const stripRows = Math.min(mostRows, (height + 1) & ~1);
  const frame = await decodePlanes(bytes, size);
  if (frame === null) return null;
  const lumaStride = aligned(width);
  const chromaStride = aligned((width + 1) >> 1);
  let converter: PlaneConverter;
  try {
    const open = await converters();
    converter = await open((stripRows + 2 * MARGIN) * (lumaStride + chromaStride), width, stripRows);
  } catch (cause) {
    frame.close();
    throw cause;
  }
  let calls = 0;
  let copying: Promise<unknown> = Promise.resolve();
  return {
    stripRows,
    async fetch(y, rows) {
      const index = (calls++ & 1) as 0 | 1;
      const top = Math.max(0, y - MARGIN);
      const taken = Math.min(height, y + rows + MARGIN) - top;
      const cb = taken * lumaStride;
      const cr = cb + ((taken + 1) >> 1) * chromaStride;
      const strip: PlaneStrip = { width, height, top, luma: 0, lumaStride, cb, cr, chromaStride };
      const copy = frame.copyTo(converter.memory(index), {
        rect: { x: 0, y: top, width, height: taken },
        layout: [
          { offset: 0, stride: lumaStride },
          { offset: cb, stride: chromaStride },
          { offset: cr, stride: chromaStride },
        ],
      });
      copying = copy.catch(() => undefined);
      await copy;
      return {
        put: (first, count, into, at) => converter.convert(index, strip, y + first, count, into, at * 3),
      };
    },
    close() {
      // The next picture has the converter's memory, into which a copy may be under way.
      void copying.then(() => {
        frame.close();
        converter.close();
      });
    },
  };
}

/** Odd both ways, of two of the kernel's vectors and a rest. */
const TRIED = { width: 37, height: 21 } as const;

/** A JPEG of noise, in which every wrong sample shows. */
async function triedPicture(): Promise<Bytes> {
  const { width, height } = TRIED;
  const shape = { ...TRIED, channels: 3, depth: 8 } as const;
  const noise = Uint8Array.from({ length: width * height * 3 }, (_, i) => Math.imul(i + 1, 2654435761) >>> 24);
  const whole = { index: 0, y: 0, rows: height, first: true, last: true };
  const encoding = { kind: 'jpeg', quality: 90, chroma: '420', tables: STANDARD_TABLES, restartRows: height } as const;
  const { bytes } = createReferenceJpegCoder(shape, encoding).encode(noise, whole);
  const file = createJpegFile(shape, encoding, NO_METADATA);
  return new Uint8Array(await new Blob([...file.begin(), bytes, ...file.end().bytes]).arrayBuffer());
}

/** Whether planes give the pixels of the browser's bitmap. */
async function givesPixelsOfBitmap(converters: OpenPlaneConverter): Promise<boolean> {
  if (typeof ImageDecoder !== 'function') return false;
  const { width, height } = TRIED;
  const format = { channels: 3, depth: 8 } as const;
  const pixelsOf = async (source: StripSource): Promise<Uint8Array> => {
    const pixels = new Uint8Array(width * height * 3);
    const reader = stripReader(source, width, height, format);
    await reader.read(height, pixels);
    return pixels;
  };
  const bytes = await triedPicture();
  const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
  const usual = await pixelsOf(await bitmapStrips(bitmap, { alpha: false, format: 'jpeg', ...format }));
  const strips = await planeStrips(bytes, TRIED, () => converters);
  if (strips === null) return false;
  const pixels = await pixelsOf(strips);
  return pixels.every((value, i) => value === usual[i]);
}
