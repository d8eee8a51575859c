import type { SourceInfo } from '../core/formats.ts';
import { AppError } from '../core/errors.ts';
import { packPixels, type PixelOrder } from './pack-pixels.ts';
import { STRIP_BYTES, type StripSource } from './strip-reader.ts';
import { say } from '../core/text.ts';

/** A way to the pixels of a decoded bitmap; owns the bitmap. */
export interface PixelSource {
  readonly order: PixelOrder;
  /** Rows that may be read at a time. */
  readonly stripRows: number;
  /** Pixels of whole rows, four bytes each, valid until the call after the next one: a strip is fetched while the one before is packed. */
  read(y: number, rows: number): Promise<Uint8Array> | Uint8Array;
  close(): void;
}

const stripRowsOf = (width: number): number => Math.max(1, Math.floor(STRIP_BYTES / (width * 4)));

/** Memory for strips, two in turn. */
function inTurn(bytes: number): () => Uint8Array<ArrayBuffer> {
  const strips = [new Uint8Array(bytes), new Uint8Array(bytes)] as const;
  let calls = 0;
  return () => strips[calls++ % 2]!;
}

/** A way from a bitmap to its pixels; null or an exception where it does not exist. Takes over the bitmap unless it fails. */
type Route = (bitmap: ImageBitmap) => PixelSource | null;

/**
 * The fastest right way from a bitmap, which it takes over unless it fails, to its samples. Of a 6 MP picture in Chromium 156: a VideoFrame gives
 * native pixels in 2 ms (with the packing 6 ms), a 2D canvas in 15 to 25 ms, WebGL on a software renderer in 80 ms. But only WebGL gives back straight
 * alpha: the others premultiply, and lose the colour behind low alpha. Pictures are opaque mostly. A way is taken only where it has given
 * back known pixels: some browsers add noise to what pages read, against fingerprinting. Rejects when no way is right.
 */
export async function bitmapStrips(
  bitmap: ImageBitmap,
  info: Pick<SourceInfo, 'alpha' | 'format' | 'channels' | 'depth'>,
): Promise<StripSource> {
  const { alpha, format } = info;
  const { width } = bitmap;
  const source =
    (alpha && (await hasStraightAlpha()) ? fromTexture(bitmap) : null) ??
    // A frame made of a bitmap forgets an AVIF's rotation and mirroring, which the bitmap itself has applied (Chromium 156).
    (!alpha && format !== 'avif' && (await trust(fromVideoFrame)) ? fromVideoFrame(bitmap) : null) ??
    ((await trust(fromCanvas)) ? fromCanvas(bitmap, alpha) : null);
  if (source !== null) {
    return {
      stripRows: source.stripRows,
      async fetch(y, rows) {
        const pixels = await source.read(y, rows);
        return {
          put: (first, count, into, at) =>
            packPixels(pixels.subarray(first * width * 4), source.order, into, at, width * count, info),
        };
      },
      close: () => source.close(),
    };
  }
  throw new AppError('unsupported-input', say('This browser does not let pages read exact pixels of a picture.'), {
    remedy: say('Allow reading of canvas data for this page (protection against fingerprinting), or open a PNG.'),
  });
}

/** Null when the frame has a format that is not made of whole pixels, or cannot be so large: in Chromium 156 frames end at 32767 pixels a side. */
function fromVideoFrame(bitmap: ImageBitmap): PixelSource | null {
  if (typeof VideoFrame !== 'function') return null;
  let frame: VideoFrame;
  try {
    frame = new VideoFrame(bitmap, { timestamp: 0, alpha: 'discard' });
  } catch {
    return null;
  }
  const { format } = frame;
  const { width, height } = bitmap;
  const usual = format === 'BGRX' || format === 'RGBX' || format === 'BGRA' || format === 'RGBA';
  if (!usual || frame.codedWidth !== width || frame.codedHeight !== height) {
    frame.close();
    return null;
  }
  const stripRows = stripRowsOf(width);
  const nextStrip = inTurn(stripRows * width * 4);
  return {
    order: format,
    stripRows,
    async read(y, rows) {
      const strip = nextStrip();
      await frame.copyTo(strip, { rect: { x: 0, y, width, height: rows }, layout: [{ offset: 0, stride: width * 4 }] });
      return strip;
    },
    close() {
      frame.close();
      bitmap.close();
    },
  };
}

/** Through a 2D canvas of a strip's size. Alpha survives, colours behind low alpha are coarse. */
function fromCanvas(bitmap: ImageBitmap, alpha = false): PixelSource {
  const { width } = bitmap;
  const stripRows = Math.min(bitmap.height, stripRowsOf(width));
  const canvas = new OffscreenCanvas(width, stripRows);
  const context = canvas.getContext('2d', { willReadFrequently: true, alpha });
  if (context === null) throw new Error('no 2D canvas');
  context.globalCompositeOperation = 'copy';
  return {
    order: 'RGBA',
    stripRows,
    read(y, rows) {
      context.drawImage(bitmap, 0, y, width, rows, 0, 0, width, rows);
      const { data } = context.getImageData(0, 0, width, rows);
      return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    },
    close() {
      canvas.width = 0;
      bitmap.close();
    },
  };
}

/** Uploads rectangles of a bitmap as they are and reads them back: no shader, no blending, no premultiplication. */
class TextureReader {
  readonly #gl: WebGL2RenderingContext;
  readonly mostSide: number;
  #size = '';

  constructor() {
    const gl = new OffscreenCanvas(1, 1).getContext('webgl2', { antialias: false, depth: false });
    if (gl === null) throw new Error('no WebGL 2');
    this.#gl = gl;
    this.mostSide = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    gl.pixelStorei(gl.UNPACK_FLIP_Y_WEBGL, false);
  }

  /** Puts a rectangle into `into`, whose rows have `rowPixels` pixels, at its column `x`. */
  read(
    bitmap: ImageBitmap,
    x: number,
    y: number,
    width: number,
    rows: number,
    into: Uint8Array,
    rowPixels: number,
  ): void {
    const gl = this.#gl;
    gl.pixelStorei(gl.UNPACK_SKIP_PIXELS, x);
    gl.pixelStorei(gl.UNPACK_SKIP_ROWS, y);
    const size = `${width} x ${rows}`;
    if (size === this.#size) {
      gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, rows, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
    } else {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, rows, 0, gl.RGBA, gl.UNSIGNED_BYTE, bitmap);
      gl.framebufferTexture2D(
        gl.FRAMEBUFFER,
        gl.COLOR_ATTACHMENT0,
        gl.TEXTURE_2D,
        gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture,
        0,
      );
      this.#size = size;
    }
    gl.pixelStorei(gl.PACK_ROW_LENGTH, rowPixels);
    gl.pixelStorei(gl.PACK_SKIP_PIXELS, x);
    gl.readPixels(0, 0, width, rows, gl.RGBA, gl.UNSIGNED_BYTE, into);
    const error = gl.getError();
    if (error !== gl.NO_ERROR || gl.isContextLost()) throw new Error(`WebGL error ${error}`);
  }

  close(): void {
    this.#gl.getExtension('WEBGL_lose_context')?.loseContext();
  }
}

function fromTexture(bitmap: ImageBitmap): PixelSource {
  const { width } = bitmap;
  const texture = new TextureReader();
  const stripRows = Math.min(bitmap.height, stripRowsOf(width), texture.mostSide);
  const nextStrip = inTurn(stripRows * width * 4);
  return {
    order: 'RGBA',
    stripRows,
    read(y, rows) {
      const strip = nextStrip();
      for (let x = 0; x < width; x += texture.mostSide) {
        texture.read(bitmap, x, y, Math.min(width - x, texture.mostSide), rows, strip, width);
      }
      return strip;
    },
    close() {
      texture.close();
      bitmap.close();
    },
  };
}

const trusted = new Map<Route, Promise<boolean>>();

function trust(route: Route): Promise<boolean> {
  let known = trusted.get(route);
  if (known === undefined) {
    known = givesBackKnownPixels(route, route === fromTexture);
    trusted.set(route, known);
  }
  return known;
}

/** Whether WebGL gives back straight alpha exactly on this device. Tried out once. */
export const hasStraightAlpha = (): Promise<boolean> => trust(fromTexture);

/** Whether this browser gives pages the exact pixels of opaque bitmaps. Tried out once. */
export const hasExactPixels = async (): Promise<boolean> => (await trust(fromVideoFrame)) || trust(fromCanvas);

/** Pixels of a side of the picture that is tried: noise that is added to a few pixels in a hundred is seen in it. */
const TRIED_SIDE = 48;

/** Tries a way with pixels of every alpha, or opaque ones. Only for tests from outside. */
export async function givesBackKnownPixels(route: Route, alpha: boolean): Promise<boolean> {
  const known = new Uint8ClampedArray(TRIED_SIDE * TRIED_SIDE * 4);
  known.forEach((_, i) => {
    known[i] = i % 4 === 3 && !alpha ? 255 : (Math.imul(i + 1, 2654435761) >>> 16) & 255;
  });
  let bitmap: ImageBitmap | null = null;
  let source: PixelSource | null = null;
  try {
    const image = new ImageData(known, TRIED_SIDE, TRIED_SIDE);
    bitmap = await createImageBitmap(image, { premultiplyAlpha: 'none', colorSpaceConversion: 'none' });
    source = route(bitmap);
    if (source === null) return false;
    const channels = alpha ? 4 : 3;
    const seen = new Uint8Array(TRIED_SIDE * TRIED_SIDE * channels);
    packPixels(await source.read(0, TRIED_SIDE), source.order, seen, 0, TRIED_SIDE ** 2, { channels, depth: 8 });
    return seen.every((value, i) => value === known[alpha ? i : i + Math.floor(i / 3)]);
  } catch {
    return false;
  } finally {
    source?.close();
    bitmap?.close();
  }
}
