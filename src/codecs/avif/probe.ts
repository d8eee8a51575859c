import type { ColourModel, SourceInfo } from '../../core/formats.ts';
import type { Metadata } from '../../core/metadata.ts';
import { badInput, Bytes, CUT_OFF, FileBytes, MOST_METADATA, NO_PICTURE, noSize, parsing } from '../bytes.ts';
import { boxesIn, fileBoxes, type Box } from '../boxes.ts';
import { profileOfCodePoints } from '../metadata/icc-build.ts';
import { framesWarning, metadataOf, sourceInfo } from '../source-info.ts';
import { readMeta, type Extent, type Meta, type Property } from './meta-box.ts';
import { say, str, type Text } from '../../core/text.ts';

/** Bytes of a `meta` or `moov` box that are read: real ones have a few kilobytes, grids of many tiles some more. */
const MOST_META = 4 << 20;

/**
 * Reads the boxes of an AVIF (AV1 Image File Format 1.1 on HEIF, ISO/IEC 23008-12). Rotation and mirroring are a part of decoding
 * there and every decoder applies them, so the size is given with them and the orientation is 1, whatever EXIF says.
 */
export async function probeAvif(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'AVIF', async () => {
    let meta: Meta | null = null;
    let frames = 1;
    for await (const box of fileBoxes(file)) {
      if (box.cut) throw badInput(name, CUT_OFF, { size: file.size });
      if (box.type === 'meta') meta ??= readMeta(await content(file, box));
      if (box.type === 'moov') frames = Math.max(frames, sampleCount(await content(file, box)));
    }
    if (meta === null) throw badInput(name, NO_PICTURE);
    return describe(file, meta, frames);
  });
}

async function content(file: FileBytes, box: Box): Promise<Bytes> {
  if (box.length > MOST_META) throw badInput(file.name, `its ${box.type} box claims ${box.length} bytes`);
  return new Bytes((await file.read(box.start, box.length)).slice());
}

async function describe(file: FileBytes, meta: Meta, frames: number): Promise<SourceInfo> {
  const properties = meta.propertiesOf(meta.primary);
  const find = (type: string): Property | undefined => properties.find((property) => property.type === type);
  const extents = find('ispe');
  if (!extents) throw badInput(file.name, noSize('AVIF'));
  // FullBox: 4 bytes of version and flags come first.
  const stored = { width: extents.bytes.u32(4), height: extents.bytes.u32(8) };
  const quarterTurns = find('irot') ? find('irot')!.bytes.u8(0) & 3 : 0;
  const size = quarterTurns % 2 === 1 ? { width: stored.height, height: stored.width } : stored;
  const coded = codedAs(properties, meta);
  const warnings = framesWarning(frames, 'frames');
  if (find('clap')) warnings.push(say('The clean aperture (cropping) is not applied.'));
  const icc = profileOf(properties, coded.model, warnings);
  const exif = await exifOf(file, meta);
  const xmpItem = meta.items.find((item) => item.type === 'mime' && item.contentType === 'application/rdf+xml');
  const xmp = xmpItem ? await readItem(file, meta, xmpItem.id) : null;
  return sourceInfo(file, 'avif', {
    ...size,
    ...coded,
    alpha: meta.alphaItem !== null,
    frames,
    metadata: metadataOf({ icc, exif, xmp }, warnings, true),
    warnings,
  });
}

/** Depth and colour from `av1C` (AV1 ISOBMFF binding, 2.3.3), which a grid's tiles have instead of the grid. */
function codedAs(properties: readonly Property[], meta: Meta): { bits: number; model: ColourModel } {
  const config = [...properties, ...meta.properties].find((property) => property.type === 'av1C');
  const channels = properties.find((property) => property.type === 'pixi');
  if (!config) {
    const bits = channels && channels.bytes.length > 5 ? channels.bytes.u8(5) : 8;
    return { bits, model: channels?.bytes.u8(4) === 1 ? 'grey' : 'rgb' };
  }
  const flags = config.bytes.u8(2);
  const bits = (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12;
  return { bits, model: (flags & 0x10) === 0 ? 'rgb' : 'grey' };
}

/** Code points of ITU-T H.273: BT.709 or unspecified primaries with a usual curve are taken for sRGB, as browsers do. */
const PLAIN_PRIMARIES = [1, 2];
const PLAIN_CURVES = [1, 2, 6, 13, 14, 15];
const HDR_CURVES: Readonly<Record<number, string>> = { 16: 'PQ', 18: 'HLG' };

/** The profile in the file, or one made of the code points that stand in its place. */
function profileOf(properties: readonly Property[], model: ColourModel, warnings: Text[]): Metadata['icc'] {
  const colours = properties.filter((property) => property.type === 'colr' && property.bytes.length >= 4);
  const kindOf = (property: Property): string => property.bytes.ascii(0, 4);
  const profile = colours.find((property) => kindOf(property) === 'prof' || kindOf(property) === 'rICC');
  const codePoints = colours.find((property) => kindOf(property) === 'nclx' && property.bytes.length >= 10);
  const primaries = codePoints?.bytes.u16(4) ?? 2;
  const curve = codePoints?.bytes.u16(6) ?? 2;
  const hdr = HDR_CURVES[curve];
  if (hdr)
    warnings.push(say(str`This is an HDR picture (${hdr}): its values are kept, the mark that they are HDR is not.`));
  if (profile) return profile.bytes.data.slice(4);
  if (hdr || model === 'grey' || (PLAIN_PRIMARIES.includes(primaries) && PLAIN_CURVES.includes(curve))) return null;
  const made = profileOfCodePoints(primaries === 2 ? 1 : primaries, curve);
  if (made === null)
    warnings.push(say('Its colours are of a kind that no profile is made for; they are taken for sRGB.'));
  return made;
}

async function exifOf(file: FileBytes, meta: Meta): Promise<Metadata['exif']> {
  const item = meta.items.find(({ type }) => type === 'Exif');
  const block = item ? await readItem(file, meta, item.id) : null;
  if (block === null || block.length < 4) return null;
  // The address of the TIFF header counts from behind itself (ISO/IEC 23008-12, A.2.1).
  const offset = new Bytes(block).u32(0);
  return 4 + offset < block.length ? block.slice(4 + offset) : null;
}

/** The bytes of an item, null when they lie outside the file or are too many. */
async function readItem(file: FileBytes, meta: Meta, id: number): Promise<Uint8Array<ArrayBuffer> | null> {
  const extents = meta.extentsOf(id);
  const parts: Uint8Array[] = [];
  let total = 0;
  for (const extent of extents) {
    const part = await readExtent(file, meta, extent);
    total += part?.length ?? 0;
    if (part === null || total > MOST_METADATA) return null;
    parts.push(part);
  }
  const joined = new Uint8Array(total);
  parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
  return joined.length > 0 ? joined : null;
}

async function readExtent(file: FileBytes, meta: Meta, extent: Extent): Promise<Uint8Array | null> {
  if (!extent.inMeta) return file.copy(extent.at, extent.length, MOST_METADATA);
  const end = extent.at + extent.length;
  return end <= meta.data.length ? meta.data.slice(extent.at, end) : null;
}

/** Samples of the longest track of a sequence: the count in `stsz`. */
function sampleCount(movie: Bytes): number {
  const path = ['trak', 'mdia', 'minf', 'stbl', 'stsz'];
  const walk = (start: number, end: number, depth: number): number => {
    let most = 0;
    for (const box of boxesIn(movie, start, end)) {
      if (box.type !== path[depth]) continue;
      const last = depth === path.length - 1;
      most = Math.max(most, last ? movie.u32(box.start + 8) : walk(box.start, box.start + box.length, depth + 1));
    }
    return most;
  };
  return walk(0, movie.length, 0);
}
