import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';
import { badInput, CUT_OFF, FileBytes } from './bytes.ts';
import { bitmapStrips } from './pixel-source.ts';
import { stripReader, type StripSource } from './strip-reader.ts';
import type { PlaneDecoder } from './jpeg/plane-decode.ts';
import { APP_SIGNATURE, hasSignature, headerSegments } from './jpeg/segments.ts';
import { webpChunks } from './webp/probe.ts';
import { say, str } from '../core/text.ts';

export { hasExactPixels, hasStraightAlpha } from './pixel-source.ts';

/**
 * Opens a file with the browser's own decoder, in a worker or on a page. Delivers the samples as they are stored in the file: not turned,
 * not converted between colour spaces, alpha straight. Rows come in `info.channels` and `info.depth`; 8-bit samples are widened where 16 are promised.
 * `planes` is tried first where it is given. Rejects with `bad-input` when the browser cannot decode the file, or when a JPEG is cut off (browsers
 * fill in grey).
 */
export async function openWithBrowser(
  file: Blob,
  info: SourceInfo,
  planes: PlaneDecoder | null = null,
  name = file instanceof File ? file.name : 'The picture',
): Promise<RowReader> {
  // Decoded while its end is looked for; of a file that is cut off the browser would say less.
  const opening = openStrips(file, info, planes, name);
  // Its own failure is met below.
  opening.catch(() => undefined);
  try {
    if (info.format === 'jpeg') await requireJpegEnd(file, name);
  } catch (cause) {
    opening.then((strips) => strips.close()).catch(() => undefined);
    throw cause;
  }
  return stripReader(await opening, info.width, info.height, info);
}

async function openStrips(
  file: Blob,
  info: SourceInfo,
  planes: PlaneDecoder | null,
  name: string,
): Promise<StripSource> {
  const hints = await hintsOf(file, info);
  const strips = info.format === 'jpeg' ? await planes?.open(file, info, hints) : null;
  return strips ?? openBitmap(withoutHints(file, info, hints), info, name);
}

async function openBitmap(file: Blob, info: SourceInfo, name: string): Promise<StripSource> {
  const bitmap = await decode(file, info, name);
  const { width, height } = info;
  if (bitmap.width !== width || bitmap.height !== height) {
    const actual = `${bitmap.width} x ${bitmap.height}`;
    bitmap.close();
    throw badInput(name, `its header says ${width} x ${height} pixels, but the browser finds ${actual}`);
  }
  try {
    return await bitmapStrips(bitmap, info);
  } catch (cause) {
    bitmap.close();
    throw cause instanceof AppError ? cause : noMemory(name, info, cause);
  }
}

/**
 * A JPEG without hints has neither a profile nor alpha, so that there is nothing to convert; Chromium 156 takes a fifth longer (12 ms for 6
 * megapixels) where it is told not to.
 */
const AS_IT_IS: ImageBitmapOptions = {};
const UNCHANGED: ImageBitmapOptions = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };

async function decode(file: Blob, info: SourceInfo, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, info.format === 'jpeg' ? AS_IT_IS : UNCHANGED);
  } catch (cause) {
    throw new AppError('bad-input', say(str`${name} cannot be read: the browser's decoder refuses it.`), {
      remedy: say('The file is probably damaged; if other programs open it, save it as PNG there and open that.'),
      values: { name, format: info.format, width: info.width, height: info.height },
      cause,
    });
  }
}

const noMemory = (name: string, { width, height }: SourceInfo, cause: unknown): AppError =>
  new AppError('no-memory', say(str`The browser has no memory for the ${width} x ${height} pixels of ${name}.`), {
    remedy: say('Close other tabs and try again.'),
    values: { name, width, height },
    cause,
  });

/**
 * Where the signatures of blocks begin that make browsers turn or convert a picture: EXIF (orientation, and the density that some scale by) and
 * the colour profile. Browsers differ in which options of createImageBitmap they follow (Chromium 156 turns JPEGs
 * even with `imageOrientation: 'none'`), so their blocks get names that no decoder looks for.
 */
async function hintsOf(file: Blob, info: SourceInfo): Promise<number[]> {
  const bytes = new FileBytes(file, '');
  const hints: number[] = [];
  if (info.format === 'jpeg') {
    for await (const segment of headerSegments(bytes)) {
      const exif = segment.marker === 0xe1 && (await hasSignature(bytes, segment, APP_SIGNATURE.exif));
      const icc = segment.marker === 0xe2 && (await hasSignature(bytes, segment, APP_SIGNATURE.icc));
      if (exif || icc) hints.push(segment.start);
    }
  } else if (info.format === 'webp') {
    for await (const chunk of webpChunks(bytes)) {
      if (chunk.name === 'EXIF' || chunk.name === 'ICCP') hints.push(chunk.at);
    }
  }
  return hints;
}

/** The same picture without hints. Only views of the file are made. */
function withoutHints(file: Blob, info: SourceInfo, hints: readonly number[]): Blob {
  if (hints.length === 0) return file;
  const parts: BlobPart[] = [];
  let from = 0;
  for (const at of hints) {
    parts.push(file.slice(from, at), 'skip');
    from = at + 4;
  }
  return new Blob([...parts, file.slice(from)], { type: info.mime });
}

const TAIL_BYTES = 64 << 10;

/**
 * A cut JPEG has no end marker: within coded data FF D9 cannot occur (T.81, F.1.2.3). It is nearly always in the last bytes; after it
 * some cameras append videos and further pictures, so that the whole file has to be searched when it is not.
 */
async function requireJpegEnd(file: Blob, name: string): Promise<void> {
  const bytes = new FileBytes(file, name);
  let scan = 0;
  for await (const segment of headerSegments(bytes)) scan = segment.start;
  const tail = Math.max(scan, file.size - TAIL_BYTES);
  if (await hasEndMarker(file, tail, file.size)) return;
  for (let at = scan; at < tail; at += 1 << 20) {
    // Pieces overlap by a byte, since the marker has two.
    if (await hasEndMarker(file, at, Math.min(tail, at + (1 << 20)) + 1)) return;
  }
  throw badInput(name, CUT_OFF, { size: file.size });
}

async function hasEndMarker(file: Blob, start: number, end: number): Promise<boolean> {
  const bytes = new Uint8Array(await file.slice(start, end).arrayBuffer());
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === 0xd9) return true;
  }
  return false;
}
