import { crc32 } from '../../core/checksum.ts';
import { AppError } from '../../core/errors.ts';
import type { Channels, Depth } from '../../core/pixels.ts';
import { FileBytes, MOST_METADATA, badInput } from '../bytes.ts';
import { CHUNK_OVERHEAD, MAX_CHUNK_BYTES, PNG_SIGNATURE } from './chunks.ts';
import { say, str } from '../../core/text.ts';

/** How samples make up a pixel (PNG section 6.1). */
export type PngColour = 'grey' | 'rgb' | 'palette' | 'grey-alpha' | 'rgba';

/** What must be known to decode the pixels. */
export interface PngHeader {
  readonly width: number;
  readonly height: number;
  readonly colour: PngColour;
  /** Bits in a stored sample: 1, 2, 4, 8 or 16. */
  readonly bits: number;
  readonly interlaced: boolean;
  /** PLTE: three bytes an entry. */
  readonly palette: Uint8Array | null;
  /** tRNS: alpha by palette entry, or the one transparent colour in 16-bit samples. */
  readonly transparency: Uint8Array | null;
  /** Where the first IDAT chunk begins in the file. */
  readonly dataStart: number;
}

/** An ancillary chunk in front of the pixels whose CRC is right. */
export interface AncillaryChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

interface ColourType {
  readonly colour: PngColour;
  readonly samples: number;
  readonly bits: readonly number[];
}

/** Colour types and their bit depths (PNG section 11.2.1, table 12). */
const COLOUR_TYPES: Readonly<Record<number, ColourType>> = {
  0: { colour: 'grey', samples: 1, bits: [1, 2, 4, 8, 16] },
  2: { colour: 'rgb', samples: 3, bits: [8, 16] },
  3: { colour: 'palette', samples: 1, bits: [1, 2, 4, 8] },
  4: { colour: 'grey-alpha', samples: 2, bits: [8, 16] },
  6: { colour: 'rgba', samples: 4, bits: [8, 16] },
};

const SAMPLES: Readonly<Record<PngColour, number>> = { grey: 1, rgb: 3, palette: 1, 'grey-alpha': 2, rgba: 4 };

/** The chunks besides pixels that are kept for metadata; others are passed over unread. */
const WANTED = new Set([
  'tRNS',
  'iCCP',
  'sRGB',
  'gAMA',
  'cHRM',
  'cICP',
  'pHYs',
  'eXIf',
  'iTXt',
  'zTXt',
  'tEXt',
  'acTL',
]);

/** Chunks in front of the pixels beyond which a file is not believed. */
const MOST_CHUNKS = 10_000;

/** Bytes of metadata held in all. */
const MOST_HELD = 4 * MOST_METADATA;

/** Deflate cannot give more bytes out of one: 258 of them for a length and a distance of one bit each. */
const MAX_EXPANSION = 1032;

/** The largest row that is held, in bytes as delivered. */
const MAX_ROW_BYTES = 64 << 20;

export const bitsPerPixel = (header: Pick<PngHeader, 'colour' | 'bits'>): number =>
  SAMPLES[header.colour] * header.bits;

/** Bytes of a run of packed pixels. */
export const packedBytes = (header: Pick<PngHeader, 'colour' | 'bits'>, pixels: number): number =>
  Math.ceil((pixels * bitsPerPixel(header)) / 8);

/** What the decoder delivers: grey stays grey; anything with transparency becomes RGBA. */
export function deliveredFormat(header: PngHeader): { channels: Channels; depth: Depth } {
  const depth = header.bits === 16 ? 16 : 8;
  if (hasAlpha(header)) return { channels: 4, depth };
  return { channels: header.colour === 'grey' ? 1 : 3, depth };
}

export const hasAlpha = (header: PngHeader): boolean =>
  header.transparency !== null || header.colour === 'grey-alpha' || header.colour === 'rgba';

function parseImageHeader(name: string, data: Uint8Array): Omit<PngHeader, 'palette' | 'transparency' | 'dataStart'> {
  if (data.length !== 13) throw badInput(name, `its IHDR chunk has ${data.length} bytes instead of 13`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  const [bits, colourType, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  if (width === 0 || height === 0 || width > MAX_CHUNK_BYTES || height > MAX_CHUNK_BYTES) {
    throw badInput(name, say(str`its header says ${width} x ${height} pixels`), { width, height });
  }
  const type = COLOUR_TYPES[colourType];
  if (type === undefined || !type.bits.includes(bits)) {
    throw badInput(name, `it names colour type ${colourType} with ${bits} bits, which PNG does not have`);
  }
  if (compression !== 0 || filter !== 0 || interlace > 1) {
    throw badInput(name, `it names compression ${compression}, filter method ${filter}, interlace ${interlace}`);
  }
  return { width, height, colour: type.colour, bits, interlaced: interlace === 1 };
}

/** Refuses sizes that the file cannot hold, before anything is allocated for them. */
function checkSize(name: string, header: PngHeader, fileBytes: number): void {
  const { width, height } = header;
  // Interlacing only adds filter bytes, so this is a lower bound.
  const raw = height * (packedBytes(header, width) + (header.interlaced ? 0 : 1));
  const most = fileBytes * MAX_EXPANSION;
  if (raw > most) {
    throw badInput(
      name,
      `it says it has ${width} x ${height} pixels, ${raw} bytes, but ${fileBytes} bytes of file can hold at most ${most}`,
      { width, height, fileBytes, most },
    );
  }
  const { channels, depth } = deliveredFormat(header);
  const rowBytes = (width * channels * depth) / 8;
  if (rowBytes > MAX_ROW_BYTES) {
    throw new AppError(
      'too-large-input',
      say(str`${name} is ${width} pixels wide; a row may have ${MAX_ROW_BYTES} bytes here.`),
      {
        remedy: say('Cut the picture into narrower ones.'),
        values: { name, width, rowBytes, limit: MAX_ROW_BYTES },
      },
    );
  }
}

/** The keyed colour, or the palette's alpha, where the chunk has the length that its colour type needs. */
function checkTransparency(
  name: string,
  image: Pick<PngHeader, 'colour'>,
  palette: Uint8Array | null,
  data: Uint8Array,
): Uint8Array | null {
  const { colour } = image;
  if (colour === 'grey-alpha' || colour === 'rgba') return null;
  const wanted = colour === 'grey' ? 2 : 6;
  const right = colour === 'palette' ? data.length <= (palette?.length ?? 0) / 3 : data.length >= wanted;
  if (!right) throw badInput(name, `its tRNS chunk has ${data.length} bytes, which does not fit its colours`);
  return data;
}

/** Reads a file up to its first IDAT chunk. A bad CRC is an error in a critical chunk, and drops an ancillary one. */
export async function readHeader(
  file: Blob,
  name: string,
): Promise<{ header: PngHeader; chunks: AncillaryChunk[]; damaged: string[] }> {
  const bytes = new FileBytes(file, name);
  const signature = await bytes.upTo(0, PNG_SIGNATURE.length);
  if (signature.length < PNG_SIGNATURE.length || PNG_SIGNATURE.some((byte, i) => signature[i] !== byte)) {
    throw badInput(name, 'it does not begin as a PNG file');
  }
  const chunks: AncillaryChunk[] = [];
  const damaged: string[] = [];
  let image: ReturnType<typeof parseImageHeader> | null = null;
  let palette: Uint8Array | null = null;
  let held = 0;
  let at = PNG_SIGNATURE.length;
  for (let count = 0; ; count++) {
    if (at + CHUNK_OVERHEAD > bytes.size)
      throw badInput(name, say('it ends before its picture begins'), { size: bytes.size });
    const head = await bytes.read(at, 8);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
    const type = String.fromCharCode(...head.subarray(4, 8));
    if (!/^[A-Za-z]{4}$/.test(type) || length > MAX_CHUNK_BYTES || count > MOST_CHUNKS) {
      throw badInput(name, `there is no PNG chunk at byte ${at}`, { position: at });
    }
    if ((count === 0) !== (type === 'IHDR')) {
      throw badInput(name, count === 0 ? 'its first chunk is not IHDR' : 'it has a second IHDR chunk');
    }
    if (type === 'IDAT') break;
    if (type === 'IEND') throw badInput(name, 'it has no pixels (no IDAT chunk)');
    const critical = (head[4] & 32) === 0;
    if (critical && type !== 'IHDR' && type !== 'PLTE') throw badInput(name, `it needs the unknown chunk ${type}`);
    if (at + length + CHUNK_OVERHEAD > bytes.size)
      throw badInput(name, `its ${type} chunk is cut off`, { position: at });
    if (critical || WANTED.has(type)) {
      const whole = await bytes.copy(at + 4, length + 8, critical ? 1024 : MOST_METADATA);
      const sum = whole === null ? -1 : new DataView(whole.buffer).getUint32(length + 4);
      const right = whole !== null && crc32(whole.subarray(0, length + 4)) === sum;
      if (right && held + length <= MOST_HELD) {
        const data = whole.subarray(4, length + 4);
        if (type === 'IHDR') image = parseImageHeader(name, data);
        else if (type === 'PLTE') palette = data;
        else chunks.push({ type, data });
        held += length;
      } else if (critical || type === 'tRNS') {
        throw badInput(name, `its ${type} chunk at byte ${at} is damaged (wrong checksum or length)`, { position: at });
      } else {
        damaged.push(type);
      }
    }
    at += length + CHUNK_OVERHEAD;
  }
  const first = image!;
  if (palette !== null && (palette.length % 3 !== 0 || palette.length === 0 || palette.length > 768)) {
    throw badInput(name, `its palette has ${palette.length} bytes`);
  }
  if (first.colour === 'palette' && palette === null) throw badInput(name, 'its palette (PLTE chunk) is missing');
  const keyed = chunks.find(({ type }) => type === 'tRNS');
  const transparency = keyed === undefined ? null : checkTransparency(name, first, palette, keyed.data);
  const header: PngHeader = { ...first, palette, transparency, dataStart: at };
  checkSize(name, header, bytes.size);
  return { header, chunks, damaged };
}
