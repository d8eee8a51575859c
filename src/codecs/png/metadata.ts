import { crc32 } from '../../core/checksum.ts';
import type { Density, Metadata } from '../../core/metadata.ts';
import { FileBytes } from '../bytes.ts';
import { densityOf } from '../metadata/density.ts';
import { readExif } from '../metadata/exif.ts';
import type { AncillaryChunk } from './header.ts';
import { bareExif, inflateBounded, splitAtZero, textBlock } from './text.ts';
import { say, str, type Text } from '../../core/text.ts';

/** Bytes at the end of a file that are searched for metadata written behind the pixels. */
const TAIL = 256 << 10;

/** The profile of an iCCP chunk (PNG section 11.3.2.3). */
async function profileOf(data: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  const parts = splitAtZero(data);
  if (parts === null || parts[1][0] !== 0) return null;
  const icc = await inflateBounded(parts[1].subarray(1));
  return icc !== null && icc.length >= 132 ? icc : null;
}

/** The density of a pHYs chunk in metres; without a unit it is a pixel's proportions only. */
function densityIn(data: Uint8Array): Density | null {
  if (data.length < 9 || data[8] !== 1) return null;
  const view = new DataView(data.buffer, data.byteOffset);
  return densityOf(view.getUint32(0), view.getUint32(4), 'metre');
}

const NOT_APPLIED: Readonly<Record<string, Text>> = {
  cICP: say('It names its colour space in a cICP chunk (as HDR pictures do), which is not carried over.'),
  gAMA: say('It names a gamma of its own (gAMA) without a profile, which is not carried over.'),
  cHRM: say('It names primaries of its own (cHRM) without a profile, which are not carried over.'),
};

/** sRGB's own gamma and white point and primaries, in units of 1/100000 (PNG section 11.3.2.5), which files state for nothing. */
const SRGB_GAMMA = 45455;
const SRGB_PRIMARIES = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];

function colourWarnings(chunks: readonly AncillaryChunk[], icc: boolean): Text[] {
  const has = (type: string): boolean => chunks.some((chunk) => chunk.type === type);
  if (has('cICP')) return [NOT_APPLIED['cICP']];
  if (icc || has('sRGB')) return [];
  return chunks.flatMap(({ type, data }) => {
    const expected = type === 'gAMA' ? [SRGB_GAMMA] : type === 'cHRM' ? SRGB_PRIMARIES : null;
    if (expected === null || data.length < expected.length * 4) return [];
    const view = new DataView(data.buffer, data.byteOffset);
    const same = expected.every((value, i) => Math.abs(view.getUint32(i * 4) - value) <= 100);
    return same ? [] : [NOT_APPLIED[type]];
  });
}

/** Texts that are named one by one. */
const MOST_NAMED = 8;

/** The keyword of a text chunk, 79 characters of Latin-1 at most (PNG section 11.3.3.1). */
const keywordOf = (data: Uint8Array): string =>
  new TextDecoder('latin1').decode(splitAtZero(data.subarray(0, 80))?.[0] ?? data.subarray(0, 79));

/** What the chunks say beside the pixels. Damaged blocks are left out with a warning. */
export async function readMetadata(
  chunks: readonly AncillaryChunk[],
): Promise<{ metadata: Metadata; frames: number; warnings: Text[] }> {
  let icc: Metadata['icc'] = null;
  let exif: Metadata['exif'] = null;
  let xmp: Metadata['xmp'] = null;
  let textExif: Metadata['exif'] = null;
  let density: Density | null = null;
  let frames = 1;
  const texts = new Set<string>();
  const warnings: Text[] = [];
  for (const { type, data } of chunks) {
    if (type === 'iCCP') {
      icc = await profileOf(data);
      if (icc === null) warnings.push(say('Its colour profile is damaged or too large and was dropped.'));
    } else if (type === 'iTXt' || type === 'zTXt' || type === 'tEXt') {
      const block = await textBlock({ type, data });
      if (block?.data === null)
        warnings.push(say(str`Its ${block.kind.toUpperCase()} text is damaged or too large and was dropped.`));
      else if (block?.kind === 'xmp') xmp ??= block.data;
      else if (block?.kind === 'exif') textExif ??= block.data;
      else texts.add(keywordOf(data));
    } else if (type === 'eXIf') {
      exif = bareExif(data);
    } else if (type === 'pHYs') {
      density = densityIn(data);
    } else if (type === 'acTL' && data.length >= 8) {
      frames = Math.max(1, new DataView(data.buffer, data.byteOffset).getUint32(0));
    }
  }
  warnings.push(...colourWarnings(chunks, icc !== null));
  exif ??= textExif;
  const summary = exif === null ? null : readExif(exif);
  if (exif !== null && summary === null) {
    warnings.push(say('Its EXIF metadata is damaged and was dropped.'));
    exif = null;
  }
  const orientation = summary?.orientation ?? 1;
  const keywords = [...texts].slice(0, MOST_NAMED).join(', ');
  const others = texts.size === 0 ? {} : { others: [say(str`Texts: ${keywords}.`)] };
  density ??= summary?.density ?? null;
  return { metadata: { icc, exif, xmp, density, orientation, ...others }, frames, warnings };
}

/**
 * EXIF and text chunks behind the pixels, as some writers put them, found by their names within the file's last 256 KiB: walking over the IDAT
 * chunks would mean thousands of reads. A wrong find is ruled out by the CRC.
 */
export async function trailingChunks(file: Blob, name: string, dataStart: number): Promise<AncillaryChunk[]> {
  const bytes = new FileBytes(file, name);
  const start = Math.max(dataStart, bytes.size - TAIL);
  const tail = (await bytes.read(start, bytes.size - start)).slice();
  const view = new DataView(tail.buffer);
  const found: AncillaryChunk[] = [];
  for (const type of ['eXIf', 'iTXt', 'zTXt', 'tEXt']) {
    const [c0, c1, c2, c3] = Array.from(type, (c) => c.charCodeAt(0));
    for (let at = tail.indexOf(c0, 4); at >= 0; at = tail.indexOf(c0, at + 1)) {
      if (tail[at + 1] !== c1 || tail[at + 2] !== c2 || tail[at + 3] !== c3) continue;
      const end = at + 4 + view.getUint32(at - 4);
      if (end + 4 > tail.length || crc32(tail.subarray(at, end)) !== view.getUint32(end)) continue;
      found.push({ type, data: tail.subarray(at + 4, end) });
    }
  }
  return found;
}
