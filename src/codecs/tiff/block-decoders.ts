import { addDecoder, BaseDecoder, getDecoder } from 'geotiff';
import { Inflate } from 'pako';

type FindParameters = NonNullable<Parameters<typeof addDecoder>[2]>;

/** What a decoder is made with. */
type BlockParameters = Awaited<ReturnType<FindParameters>> & {
  /** Most bytes that a strip or tile can have. */
  readonly blockBytes: number;
};

type Tag = Parameters<Parameters<FindParameters>[0]['loadValue']>[0];

async function parametersOf(directory: Parameters<FindParameters>[0]): Promise<BlockParameters> {
  const load = async (tag: Tag, otherwise: number): Promise<number> =>
    Number(await directory.loadValue(tag)) || otherwise;
  const tiled = !directory.hasTag('StripOffsets');
  const [width, height] = [await load('ImageWidth', 1), await load('ImageLength', 1)];
  const tileWidth = tiled ? await load('TileWidth', width) : width;
  const tileHeight = tiled ? await load('TileLength', height) : Math.min(height, await load('RowsPerStrip', height));
  const found = (await directory.loadValue('BitsPerSample')) as number | ArrayLike<number> | undefined;
  const bitsPerSample = typeof found === 'number' ? [found] : Array.from(found ?? [1]);
  const bits = bitsPerSample.reduce((sum, one) => sum + one, 0);
  return {
    ...{ tileWidth, tileHeight, bitsPerSample },
    planarConfiguration: await load('PlanarConfiguration', 1),
    predictor: await load('Predictor', 1),
    blockBytes: Math.ceil((tileWidth * bits) / 8) * tileHeight,
  };
}

const tooMuch = (bytes: number): Error => new Error(`a strip or tile holds more than its ${bytes} bytes`);

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MOST_CODES = 4096;

/**
 * TIFF 6.0, section 13: codes of 9 to 12 bits, the high bit first, widened one code early. Throws for codes that cannot be, and for more
 * bytes than there may be; a strip that ends without its end code is taken as it is.
 */
export function decodeLzw(bytes: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  let out = new Uint8Array(Math.min(most, Math.max(1024, bytes.length * 4)));
  let length = 0;
  /** Of each code: where in the output its string stands, and how long it is. */
  const start = new Uint32Array(MOST_CODES);
  const size = new Uint32Array(MOST_CODES);
  let next = FIRST;
  let width = 9;
  let bit = 0;
  let previous = -1;
  const room = (count: number): void => {
    if (length + count > most) throw tooMuch(most);
    if (length + count <= out.length) return;
    const grown = new Uint8Array(Math.min(most, Math.max(length + count, out.length * 2)));
    grown.set(out.subarray(0, length));
    out = grown;
  };
  for (;;) {
    if (bit + width > bytes.length * 8) break;
    const at = bit >> 3;
    const three = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const code = (three >> (24 - (bit & 7) - width)) & ((1 << width) - 1);
    bit += width;
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      width = 9;
      previous = -1;
      continue;
    }
    // A string that is being made: the one before with its own first byte.
    const own = code === next && previous >= 0 && next < MOST_CODES;
    if (code >= next && !own) throw new Error(`the code ${code} stands for nothing yet`);
    if (previous < 0 && code > 255) throw new Error(`the code ${code} comes first`);
    const begin = length;
    if (code < 256) {
      room(1);
      out[length++] = code;
    } else {
      const from = own ? start[previous]! : start[code]!;
      const count = own ? size[previous]! + 1 : size[code]!;
      room(count);
      // Byte by byte: the string of its own making reads what it has just written.
      for (let i = 0; i < count; i++) out[length++] = out[from + i]!;
    }
    if (previous >= 0 && next < MOST_CODES) {
      // The string before and the first byte of this one, which follows it in the output.
      start[next] = start[previous]!;
      size[next] = size[previous]! + 1;
      next++;
    }
    previous = code;
    start[code] = begin;
    size[code] = length - begin;
    if (next + 1 >= 1 << width && width < 12) width++;
  }
  return out.slice(0, length);
}

/** Inflates a zlib stream of at most so many bytes. */
export function inflateBlock(bytes: Uint8Array, most: number): Uint8Array<ArrayBuffer> {
  const inflate = new Inflate();
  const parts: Uint8Array[] = [];
  let length = 0;
  inflate.onData = (part) => {
    length += part.length;
    if (length > most) throw tooMuch(most);
    parts.push(part);
  };
  inflate.push(bytes, true);
  if (inflate.err !== 0) throw new Error(inflate.msg || 'the deflate data is damaged');
  const out = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const decoderWith = (decode: (bytes: Uint8Array, most: number) => Uint8Array<ArrayBuffer>): typeof BaseDecoder =>
  class extends BaseDecoder {
    override decodeBlock(buffer: ArrayBufferLike): ArrayBuffer {
      return decode(new Uint8Array(buffer), (this.parameters as BlockParameters).blockBytes).buffer;
    }
  };

const notJpeg = (why: string): Error => new Error(`its JPEG data is damaged: ${why}`);

/** Whether the parts of a table segment fill it exactly: quantisers of 65 or 129 bytes, Huffman tables of 17 and their values (ITU T.81, B.2.4). */
function tablesFit(marker: number, payload: Uint8Array): boolean {
  let at = 0;
  while (at < payload.length) {
    if (marker === 0xdb) at += payload[at]! >> 4 === 0 ? 65 : 129;
    else at += 17 + payload.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
  }
  return at === payload.length;
}

/**
 * Throws unless the JPEG of a strip or tile (ITU T.81, B.2) is whole and as simple as those in TIFF are: tables, one frame no larger than its place,
 * one scan, and the end; or `tables` alone. Of anything else geotiff's decoder can go round in circles, or ask for gigabytes.
 */
export function checkJpeg(bytes: Uint8Array, width: number, height: number, tables = false): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw notJpeg('it does not begin as one');
  let framed = false;
  let at = 2;
  for (;;) {
    if (at + 2 > bytes.length || bytes[at] !== 0xff) throw notJpeg('a marker is missing');
    const marker = bytes[at + 1]!;
    if (marker === 0xd9) {
      if (!tables) throw notJpeg('it ends before its pixels');
      return;
    }
    const length = at + 4 <= bytes.length ? view.getUint16(at + 2) : 0;
    if (length < 2 || at + 2 + length > bytes.length) throw notJpeg('a segment is longer than it');
    const payload = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xda) {
      if (tables || !framed) throw notJpeg('pixels come before their frame');
      at += 2 + length;
      break;
    }
    if (marker === 0xc0 || marker === 0xc1) {
      if (framed || payload.length < 6) throw notJpeg('it has not one frame');
      framed = true;
      const [rows, columns, components] = [view.getUint16(at + 5), view.getUint16(at + 7), payload[5]!];
      const fits = rows > 0 && columns > 0 && rows <= height + 15 && columns <= width + 15;
      if (!fits || components > 4 || payload.length !== 6 + 3 * components) {
        throw notJpeg(`${width} x ${height} pixels say ${columns} x ${rows} of ${components} components`);
      }
    } else if (marker === 0xdb || marker === 0xc4) {
      if (!tablesFit(marker, payload)) throw notJpeg('a table is cut off');
    } else if (marker === 0xdd) {
      if (payload.length !== 2) throw notJpeg('its restart interval is cut off');
    } else if (!((marker >= 0xe0 && marker <= 0xef) || marker === 0xfe)) {
      throw notJpeg(`the segment ${marker.toString(16)} is of another kind of JPEG`);
    }
    at += 2 + length;
  }
  // The scan: behind every FF comes 00 or a restart marker, up to the end.
  let end = bytes.length;
  while (end > at && bytes[end - 1] === 0) end--;
  if (end < at + 2 || bytes[end - 2] !== 0xff || bytes[end - 1] !== 0xd9) throw notJpeg('its end is missing');
  for (; at < end - 2; at++) {
    const next = bytes[at + 1]!;
    if (bytes[at] === 0xff && next !== 0 && !(next >= 0xd0 && next <= 0xd7)) {
      throw notJpeg('there is a marker among its pixels');
    }
  }
}

type Decode = (buffer: ArrayBufferLike) => Promise<ArrayBufferLike> | ArrayBufferLike;

async function replace(): Promise<void> {
  addDecoder(5, () => Promise.resolve(decoderWith(decodeLzw)), parametersOf);
  addDecoder([8, 32946], () => Promise.resolve(decoderWith(inflateBlock)), parametersOf);
  const any = { tileWidth: 8, tileHeight: 8, predictor: 1, bitsPerSample: 8, planarConfiguration: 1 };
  const Jpeg = (await getDecoder(7, any)).constructor as typeof BaseDecoder;
  class CheckedJpeg extends Jpeg {
    override decodeBlock(buffer: ArrayBufferLike): ReturnType<Decode> {
      const { tileWidth, tileHeight } = this.parameters;
      checkJpeg(new Uint8Array(buffer), tileWidth, tileHeight);
      return super.decodeBlock(buffer);
    }
  }
  addDecoder(
    7,
    () => Promise.resolve(CheckedJpeg),
    async (directory) => {
      const tables = (await directory.loadValue('JPEGTables')) as ArrayLike<number> | undefined;
      if (tables !== undefined) checkJpeg(Uint8Array.from(tables), 0, 0, true);
      return { ...(await parametersOf(directory)), JPEGTables: tables };
    },
  );
}

let replaced: Promise<void> | null = null;

/**
 * Replaces geotiff's decoders for LZW, which goes round in circles on damaged files until the browser ends the page, and for deflate, which
 * makes of a small file whatever it asks for; that for JPEG is given nothing but what `checkJpeg` lets through.
 */
export function useStrictDecoders(): Promise<void> {
  replaced ??= replace().catch((error: unknown) => {
    replaced = null;
    throw error;
  });
  return replaced;
}
