import { refusalOf, type Refusal } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import { bytesPerPixel } from '../core/pixels.ts';
import { say, str, type Text } from '../core/text.ts';

/** What the choice depends on beside the file. */
export interface DecodeEnvironment {
  /** SharedArrayBuffer is there: wasm-vips runs. */
  readonly isolated: boolean;
  /** Bytes that a job's own buffers may take. */
  readonly memoryBudget: number;
  /** createImageBitmap exists in workers, and gives exact pixels (`hasExactPixels` in browser-decode.ts). */
  readonly imageBitmap: boolean;
  /** The browser gives back straight alpha without loss (`hasStraightAlpha` in browser-decode.ts); taken for true. */
  readonly straightAlpha?: boolean;
}

/**
 * The decoders: our own streaming one for PNG, the browser's for what it gets right, wasm-vips for the rest, and a small one for TIFF
 * on pages without SharedArrayBuffer.
 */
export interface DecoderChoice {
  readonly kind: 'png' | 'browser' | 'vips' | 'tiff-small';
}

/**
 * Largest picture that is left to the browser: its bitmap of 4 bytes a pixel lies in browser memory beside our copy.
 * Browsers decode up to about 268 MP, but above this libvips in strips needs less memory.
 */
export const BROWSER_MOST_PIXELS = 50e6;

/** As above where there is no other decoder; 16384 x 16384 is where browsers give up. */
export const BROWSER_LAST_RESORT_PIXELS = 200e6;

/** Memory that wasm-vips can have for a picture that it must hold whole: its heap ends at 2 GiB, with room to work. */
export const VIPS_MOST_BYTES = 1.2e9;

/** Chooses the decoder for a file, or says why there is none here. Pure. */
export function chooseDecoder(info: SourceInfo, environment: DecodeEnvironment): DecoderChoice | Refusal {
  const { format } = info;
  if (format === 'png') return { kind: 'png' };
  const pixels = info.width * info.height;
  const byBrowser = environment.imageBitmap && browserIsRight(info, environment);
  if (byBrowser && pixels <= BROWSER_MOST_PIXELS) return { kind: 'browser' };
  if (format === 'bmp') return byBrowser ? lastResort(info, pixels) : noDecoder(info, environment);
  if (!environment.isolated) {
    if (format === 'tiff') return { kind: 'tiff-small' };
    if (environment.imageBitmap && browserIsClose(info)) return lastResort(info, pixels);
    return noDecoder(info, environment);
  }
  return holdsInVips(info, environment) ?? { kind: 'vips' };
}

/** Pictures of which browsers give every bit. Alpha of GIF is all or nothing, so that nothing can be lost. */
function browserIsRight(info: SourceInfo, { isolated, straightAlpha = true }: DecodeEnvironment): boolean {
  const alphaKept = straightAlpha || !info.alpha || !isolated || info.format === 'gif' || info.format === 'bmp';
  return browserIsClose(info) && info.bits <= 8 && alphaKept;
}

/**
 * The browser decodes it, if only to 8 bits. Its CMYK ignores profiles, and its alpha of AVIF is wrong: Chromium 156 stretches it as
 * if it were of limited range, 16..235, which AVIF 1.1 (section 4) rules out.
 */
function browserIsClose({ format, model, alpha }: SourceInfo): boolean {
  return format !== 'tiff' && format !== 'jxl' && model !== 'cmyk' && !(format === 'avif' && alpha);
}

function lastResort(info: SourceInfo, pixels: number): DecoderChoice | Refusal {
  if (pixels <= BROWSER_LAST_RESORT_PIXELS) return { kind: 'browser' };
  return tooLarge(
    info,
    say(
      str`without cross-origin isolation the browser has to decode it, up to ${BROWSER_LAST_RESORT_PIXELS / 1e6} megapixels`,
    ),
    AS_STRIPS,
  );
}

const AS_STRIPS = say('Save it as PNG or TIFF first: those are read in strips.');

const NAMES = {
  jpeg: 'JPEG',
  webp: 'WebP',
  avif: 'AVIF',
  gif: 'GIF',
  bmp: 'BMP',
  tiff: 'TIFF',
  jxl: 'JPEG XL',
  png: 'PNG',
};

function noDecoder(info: SourceInfo, environment: DecodeEnvironment): Refusal {
  const name = NAMES[info.format];
  const transparent = info.format === 'avif' && info.alpha;
  const what =
    info.model === 'cmyk'
      ? say(str`CMYK ${name} files`)
      : transparent
        ? say(str`Transparent ${name} files`)
        : say(str`${name} files`);
  const why = environment.isolated
    ? say('this browser has no decoder for them that runs in a worker')
    : say('their decoder needs SharedArrayBuffer, and this page is not cross-origin isolated');
  return refusalOf(
    'unsupported-input',
    say(str`${what} cannot be read here: ${why}.`),
    say('Save it as PNG or as an RGB JPEG and open that, or open this app from a server that isolates it.'),
    { format: info.format },
  );
}

/** Formats that libvips can only decode whole must fit its heap. */
function holdsInVips(info: SourceInfo, environment: DecodeEnvironment): Refusal | null {
  const streams = (info.format === 'jpeg' || info.format === 'tiff') && !info.progressive;
  const bytes = info.width * info.height * wholeBytesPerPixel(info);
  const limit = Math.min(VIPS_MOST_BYTES, environment.memoryBudget);
  if (streams || bytes <= limit) return null;
  const megabytes = (value: number): number => Math.round(value / 1e6);
  const [needed, most] = [megabytes(bytes), megabytes(limit)];
  const kind = info.format === 'jpeg' ? say('a progressive JPEG') : NAMES[info.format];
  return tooLarge(
    info,
    say(str`${kind} must be decoded whole, which takes ${needed} MB; ${most} MB may be used`),
    info.format === 'jpeg' ? say('Save it as a baseline JPEG first.') : AS_STRIPS,
  );
}

/** libjpeg keeps the coefficients of a progressive picture, two bytes a sample, at up to full chroma resolution. */
function wholeBytesPerPixel(info: SourceInfo): number {
  return info.format === 'jpeg' ? info.channels * 2 : bytesPerPixel(info);
}

function tooLarge(info: SourceInfo, why: Text, remedy: Text): Refusal {
  const { width, height } = info;
  const message = say(str`The picture has ${width} x ${height} pixels; ${why}.`);
  return refusalOf('too-large-input', message, remedy, { width, height });
}
