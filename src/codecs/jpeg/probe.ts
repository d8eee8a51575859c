import type { ColourModel, SourceInfo } from '../../core/formats.ts';
import type { Density, Metadata } from '../../core/metadata.ts';
import { badInput, Bytes, FileBytes, MOST_METADATA, noSize, parsing, unsupportedInput } from '../bytes.ts';
import { cmykNote } from '../cmyk-note.ts';
import { densityOf } from '../metadata/density.ts';
import { readExif } from '../metadata/exif.ts';
import { hasGainMap, mergeXmp } from '../metadata/xmp.ts';
import { IPTC_LOST, metadataOf, sourceInfo } from '../source-info.ts';
import { APP_SIGNATURE, hasSignature, headerSegments, isFrame, START_OF_SCAN, type Segment } from './segments.ts';
import { CONVERT } from '../sniff.ts';
import { say, type Text } from '../../core/text.ts';

/** What the header of a JPEG has gathered up to now. */
interface Header {
  frame: Frame | null;
  exif: Metadata['exif'];
  xmp: Metadata['xmp'];
  density: Density | null;
  /** The file holds further pictures (CIPA DC-007). */
  multiPicture: boolean;
  readonly icc: Map<number, Uint8Array>;
  iccParts: number;
  /** Parts of the extended XMP packet by their address in it. */
  readonly extendedXmp: Map<number, Uint8Array>;
  scanComponents: number;
  /** Blocks that are not carried over. */
  iptc: boolean;
  comment: boolean;
}

/** A start-of-frame segment (T.81, B.2.2). */
interface Frame {
  readonly marker: number;
  readonly precision: number;
  readonly width: number;
  readonly height: number;
  readonly components: number;
}

/**
 * Reads a JPEG's header: frame, JFIF, EXIF, XMP with its extension, ICC in all its parts. Throws an AppError for damaged files, and
 * for the kinds of JPEG that no browser and no library here decodes.
 */
export async function probeJpeg(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'JPEG', async () => {
    const header = await readHeader(file);
    const { frame } = header;
    if (frame === null) throw badInput(name, noSize('JPEG'));
    refuseUndecodable(name, frame);
    const warnings: Text[] = [];
    const model: ColourModel = frame.components === 1 ? 'grey' : frame.components === 4 ? 'cmyk' : 'rgb';
    const icc = joinIcc(header, warnings);
    if (model === 'cmyk') warnings.push(cmykNote(icc !== null));
    const arithmetic = frame.marker >= 0xc9;
    if (arithmetic) warnings.push(say('Arithmetic coding: some browsers cannot decode this JPEG.'));
    const xmp = joinXmp(header, warnings);
    if (header.multiPicture || (header.xmp && hasGainMap(header.xmp))) {
      const isGainMap = header.xmp !== null && hasGainMap(header.xmp);
      warnings.push(
        isGainMap
          ? say('The HDR gain map is not carried over.')
          : say('A further picture in the file is not carried over.'),
      );
    }
    const { exif, density } = header;
    const others = [...(header.iptc ? [IPTC_LOST] : []), ...(header.comment ? [say('The comment in the file.')] : [])];
    if (exif && readExif(exif)?.thumbnail) warnings.push(say('The embedded thumbnail is not carried over.'));
    const sequential = frame.marker !== 0xc2 && frame.marker !== 0xca && header.scanComponents === frame.components;
    return sourceInfo(file, 'jpeg', {
      width: frame.width,
      height: frame.height,
      model,
      progressive: !sequential,
      metadata: metadataOf({ icc, exif, xmp, density, others }, warnings),
      warnings,
    });
  });
}

async function readHeader(file: FileBytes): Promise<Header> {
  const header: Header = {
    ...{ frame: null, exif: null, xmp: null, density: null, multiPicture: false },
    ...{ icc: new Map(), iccParts: 0, extendedXmp: new Map(), scanComponents: 0, iptc: false, comment: false },
  };
  for await (const segment of headerSegments(file)) {
    const { marker } = segment;
    if (isFrame(marker) || marker === 0xf7) header.frame = await readFrame(file, segment);
    else if (marker === 0xe0) await readJfif(file, segment, header);
    else if (marker === 0xe1) await readApp1(file, segment, header);
    else if (marker === 0xe2) await readApp2(file, segment, header);
    else if (marker === 0xed) header.iptc ||= await holdsIptc(file, segment);
    else if (marker === 0xfe) header.comment ||= segment.length > 0;
    else if (marker === START_OF_SCAN) header.scanComponents = (await file.read(segment.start, 1))[0]!;
  }
  return header;
}

async function readFrame(file: FileBytes, segment: Segment): Promise<Frame> {
  const bytes = new Bytes(await file.read(segment.start, Math.min(segment.length, 6)));
  return {
    marker: segment.marker,
    precision: bytes.u8(0),
    height: bytes.u16(1),
    width: bytes.u16(3),
    components: bytes.u8(5),
  };
}

function refuseUndecodable(name: string, frame: Frame): void {
  const lossless = [0xc3, 0xc7, 0xcb, 0xcf].includes(frame.marker);
  const hierarchical = [0xc5, 0xc6, 0xcd, 0xce].includes(frame.marker);
  const kind =
    frame.marker === 0xf7
      ? 'a JPEG-LS picture'
      : lossless
        ? 'a lossless JPEG (T.81, process 14)'
        : hierarchical
          ? 'a hierarchical JPEG'
          : frame.precision !== 8
            ? `a ${frame.precision}-bit JPEG`
            : ![1, 3, 4].includes(frame.components)
              ? `a JPEG of ${frame.components} components`
              : frame.height === 0 && frame.width > 0
                ? 'a JPEG that gives its height only at its end (DNL)'
                : null;
  if (kind !== null) throw unsupportedInput(name, kind, CONVERT);
}

async function readJfif(file: FileBytes, segment: Segment, header: Header): Promise<void> {
  if (segment.length < 12 || !(await hasSignature(file, segment, APP_SIGNATURE.jfif))) return;
  const bytes = new Bytes(await file.read(segment.start, 12));
  const unit = bytes.u8(7);
  if (unit === 1 || unit === 2) {
    header.density = densityOf(bytes.u16(8), bytes.u16(10), unit === 1 ? 'inch' : 'centimetre');
  }
}

/** Content behind a segment's signature, with its own memory. */
async function contentAfter(file: FileBytes, segment: Segment, skip: number): Promise<Uint8Array<ArrayBuffer>> {
  return (await file.read(segment.start + skip, Math.max(0, segment.length - skip))).slice();
}

async function readApp1(file: FileBytes, segment: Segment, header: Header): Promise<void> {
  const is = (signature: string): Promise<boolean> => hasSignature(file, segment, signature);
  if (header.exif === null && (await is(APP_SIGNATURE.exif))) {
    header.exif = await contentAfter(file, segment, 6);
  } else if (header.xmp === null && (await is(APP_SIGNATURE.xmp))) {
    header.xmp = await contentAfter(file, segment, APP_SIGNATURE.xmp.length);
  } else if (await is(APP_SIGNATURE.extendedXmp)) {
    // GUID of 32 characters, whole length, address of this part (Adobe XMP specification part 3, 1.1.3.1).
    const content = await contentAfter(file, segment, APP_SIGNATURE.extendedXmp.length);
    if (content.length > 40) header.extendedXmp.set(new Bytes(content).u32(36), content.subarray(40));
  }
}

async function readApp2(file: FileBytes, segment: Segment, header: Header): Promise<void> {
  if (segment.length > 14 && (await hasSignature(file, segment, APP_SIGNATURE.icc))) {
    const content = await contentAfter(file, segment, APP_SIGNATURE.icc.length);
    header.icc.set(content[0]!, content.subarray(2));
    header.iccParts = content[1]!;
  } else if (await hasSignature(file, segment, APP_SIGNATURE.multiPicture)) {
    header.multiPicture = true;
  }
}

/** The resource 0x0404, IPTC-NAA records, without a name (Adobe Photoshop File Formats, image resource blocks); its length follows. */
const IPTC_RESOURCE = '8BIM\u0004\u0004\0\0';

/** Whether a segment is Photoshop's and has IPTC records in it. */
async function holdsIptc(file: FileBytes, segment: Segment): Promise<boolean> {
  if (!(await hasSignature(file, segment, APP_SIGNATURE.photoshop))) return false;
  const content = new TextDecoder('latin1').decode(await file.read(segment.start, segment.length));
  const [, ...behind] = content.split(IPTC_RESOURCE);
  return behind.some((rest) => !rest.startsWith('\0\0\0\0'));
}

/** The parts of a profile are numbered from 1 and may come in any order (ICC.1:2022, B.4). */
function joinIcc(header: Header, warnings: Text[]): Metadata['icc'] {
  if (header.icc.size === 0) return null;
  const parts = Array.from({ length: header.iccParts }, (_, i) => header.icc.get(i + 1));
  if (parts.length === 0 || parts.some((part) => part === undefined)) {
    warnings.push(say('Parts of the colour profile are missing; it will be left out.'));
    return null;
  }
  return concat(parts as Uint8Array[]);
}

function joinXmp(header: Header, warnings: Text[]): Metadata['xmp'] {
  if (header.xmp === null || header.extendedXmp.size === 0) return header.xmp;
  const sorted = [...header.extendedXmp].sort(([a], [b]) => a - b);
  let end = 0;
  for (const [at, part] of sorted) {
    if (at !== end) break;
    end += part.length;
  }
  const whole = sorted.reduce((sum, [, part]) => sum + part.length, 0);
  const merged =
    end === whole && whole <= MOST_METADATA ? mergeXmp(header.xmp, concat(sorted.map(([, p]) => p))) : null;
  if (merged === null) warnings.push(say('The second part of the XMP metadata is damaged and will be left out.'));
  return merged ?? header.xmp;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
