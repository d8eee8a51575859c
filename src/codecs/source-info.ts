import type { InputFormat, SourceInfo } from '../core/formats.ts';
import { NO_METADATA, type Density, type Metadata } from '../core/metadata.ts';
import { badInput, type FileBytes } from './bytes.ts';
import { readExif } from './metadata/exif.ts';
import { say, str, type Text } from '../core/text.ts';

/** What a probe finds out; the rest of a SourceInfo follows from it. */
export type Findings = Pick<SourceInfo, 'width' | 'height' | 'model'> &
  Partial<Omit<SourceInfo, 'format' | 'mime' | 'bytes'>>;

/** Completes a probe's findings: channels and depth as decoders deliver them, and sizes that no picture has are refused. */
export function sourceInfo(file: FileBytes, format: InputFormat, found: Findings): SourceInfo {
  const { width, height } = found;
  if (!(width >= 1 && height >= 1)) {
    throw badInput(file.name, say(str`its header says ${width} x ${height} pixels`), { width, height });
  }
  const alpha = found.alpha ?? false;
  const bits = found.bits ?? 8;
  return {
    format,
    mime: `image/${format}`,
    alpha,
    bits,
    channels: alpha ? 4 : found.model === 'grey' ? 1 : 3,
    depth: bits > 8 ? 16 : 8,
    progressive: false,
    frames: 1,
    metadata: NO_METADATA,
    warnings: [],
    ...found,
    bytes: file.size,
  };
}

/** What no output of ours is given. */
export const IPTC_LOST = say('IPTC captions and keywords.');

/** The raw blocks of a file, and a density of the container's own. */
export interface Blocks {
  readonly icc?: Metadata['icc'];
  readonly exif?: Metadata['exif'];
  readonly xmp?: Metadata['xmp'];
  readonly density?: Density | null;
  readonly others?: readonly Text[];
}

/**
 * Metadata from a file's blocks. EXIF decides about orientation, and about density where it gives one; a damaged block is left out
 * with a warning. `upright`: the format's own transformation counts and decoders apply it, so EXIF's orientation does not.
 */
export function metadataOf(blocks: Blocks, warnings: Text[], upright = false): Metadata {
  const { icc = null, xmp = null, density = null, others = [] } = blocks;
  const exif = withoutPrefix(blocks.exif ?? null);
  const summary = exif && readExif(exif);
  if (exif !== null && summary === null) warnings.push(say('The EXIF block is damaged and will be left out.'));
  return {
    icc,
    xmp,
    exif: summary === null ? null : exif,
    density: summary?.density ?? density,
    orientation: upright ? 1 : (summary?.orientation ?? 1),
    ...(others.length === 0 ? {} : { others }),
  };
}

/** Some writers put JPEG's prefix before EXIF blocks of other containers too. */
function withoutPrefix(exif: Metadata['exif']): Metadata['exif'] {
  const prefixed = exif !== null && exif.length > 6 && String.fromCharCode(...exif.subarray(0, 6)) === 'Exif\0\0';
  return prefixed ? exif.slice(6) : exif;
}

/** The warning that belongs to a file of several frames or pages; none for a single one. */
export function framesWarning(frames: number, kind: 'frames' | 'pages'): Text[] {
  if (frames <= 1) return [];
  const text =
    kind === 'pages'
      ? say(str`Only the first of ${frames} pages is read.`)
      : say(str`Only the first of ${frames} frames is read.`);
  return [text];
}
