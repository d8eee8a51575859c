import { AppError } from '../core/errors.ts';
import type { InputFormat, SourceInfo } from '../core/formats.ts';
import { probeAvif } from './avif/probe.ts';
import { probeBmp } from './bmp/probe.ts';
import { badInput, FileBytes, unsupportedInput } from './bytes.ts';
import { probeGif } from './gif/probe.ts';
import { probeJpeg } from './jpeg/probe.ts';
import { probeJxl } from './jxl/probe.ts';
import { probePng } from './png/probe.ts';
import { sniff } from './sniff.ts';
import { probeTiff } from './tiff/probe.ts';
import { probeWebp } from './webp/probe.ts';
import { say, str, type Text, type Words } from '../core/text.ts';

/** Each reads only the header of a file that was sniffed to be of its format. */
const PROBES: Readonly<Record<InputFormat, (file: Blob, name: string) => Promise<SourceInfo>>> = {
  png: probePng,
  jpeg: probeJpeg,
  webp: probeWebp,
  avif: probeAvif,
  gif: probeGif,
  bmp: probeBmp,
  tiff: probeTiff,
  jxl: probeJxl,
};

/** What files of a format are usually called. */
const EXTENSIONS: Readonly<Record<InputFormat, readonly string[]>> = {
  png: ['png', 'apng'],
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif', 'mpo'],
  webp: ['webp'],
  avif: ['avif', 'avifs'],
  gif: ['gif'],
  bmp: ['bmp', 'dib', 'rle'],
  tiff: ['tif', 'tiff', 'btf', 'tf8'],
  jxl: ['jxl'],
};

/** Bytes by which a file's kind is told. */
const SNIFFED_BYTES = 4096;

/** The longest side that positions in a picture are computed with exactly, everywhere. */
const LONGEST_SIDE = 2 ** 31 - 1;

/**
 * Reads what a picture's header says. By content: an extension that says otherwise becomes a warning. Reads small pieces of the file
 * and decodes nothing. Throws an AppError that names the file: `bad-input` for what is empty, cut, damaged or no picture,
 * `unsupported-input` for known kinds that are not read, `too-large-input`, `read-failed`.
 */
export async function probeSource(file: Blob, name: string): Promise<SourceInfo> {
  const head = await new FileBytes(file, name).upTo(0, SNIFFED_BYTES);
  const sniffed = sniff(head);
  if (sniffed === null) {
    throw new AppError('bad-input', say(str`${name} is not a picture of any kind that is known here.`), {
      remedy: say('Open a PNG, JPEG, WebP, AVIF, GIF, BMP, TIFF or JPEG XL file.'),
      values: { name },
    });
  }
  if (sniffed.format === null) {
    if (file.size === 0) throw badInput(name, say('the file is empty'));
    if (sniffed.mime.startsWith('text/')) {
      throw new AppError('bad-input', say(str`${name} is ${sniffed.label}, not a picture.`), {
        remedy: sniffed.remedy,
        values: { name },
      });
    }
    throw unsupportedInput(name, sniffed.label, sniffed.remedy);
  }
  const info = await PROBES[sniffed.format](file, name);
  if (Math.max(info.width, info.height) > LONGEST_SIDE) {
    const { width, height } = info;
    throw new AppError('too-large-input', say(str`${name} says that it has ${width} x ${height} pixels.`), {
      remedy: say('No picture is that large: the file is probably damaged.'),
      values: { name, width, height },
    });
  }
  const warning = extensionWarning(name, info.format, sniffed.label);
  return warning === null ? info : { ...info, warnings: [warning, ...info.warnings] };
}

function extensionWarning(name: string, format: InputFormat, label: Words): Text | null {
  const extension = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase();
  if (extension === undefined || EXTENSIONS[format].includes(extension)) return null;
  const claimed = Object.values(EXTENSIONS).some((list) => list.includes(extension));
  return claimed || /^(heic|heif|txt|pdf|svg|mp4|webm|mov|psd)$/.test(extension)
    ? say(str`The name ends in .${extension}, but this is ${label}.`)
    : null;
}
