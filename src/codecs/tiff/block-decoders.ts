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

/** The segments that say how large a JPEG is: baseline, extended and progressive (ITU T.81, B.2.2). */
const FRAMES = [0xc0, 0xc1, 0xc2];
const SCAN = 0xda;

/** Throws where a JPEG says that it is larger than the strip or tile that it fills, by more than its blocks are rounded up. */
export function checkJpegSize(bytes: Uint8Array, width: number, height: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 10 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== SCAN;) {
    if (FRAMES.includes(bytes[at + 1]!)) {
      const [rows, columns, components] = [view.getUint16(at + 5), view.getUint16(at + 7), bytes[at + 9]!];
      if (rows > height + 15 || columns > width + 15 || components > 4) {
        throw new Error(`its JPEG of ${width} x ${height} pixels says ${columns} x ${rows}, ${components} components`);
      }
    }
    at += 2 + view.getUint16(at + 2);
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
      checkJpegSize(new Uint8Array(buffer), tileWidth, tileHeight);
      return super.decodeBlock(buffer);
    }
  }
  addDecoder(
    7,
    () => Promise.resolve(CheckedJpeg),
    async (directory) => ({ ...(await parametersOf(directory)), JPEGTables: await directory.loadValue('JPEGTables') }),
  );
}

let replaced: Promise<void> | null = null;

/**
 * Replaces geotiff's decoders for LZW, which goes round in circles on damaged files until the browser ends the page, and for deflate, which
 * makes of a small file whatever it asks for; that for JPEG is not given what says that it is much larger than its place.
 */
export function useStrictDecoders(): Promise<void> {
  replaced ??= replace().catch((error: unknown) => {
    replaced = null;
    throw error;
  });
  return replaced;
}
