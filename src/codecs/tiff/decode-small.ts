import { GeoTIFF, type GeoTIFFImage } from 'geotiff';
import { AppError } from '../../core/errors.ts';
import type { SourceInfo } from '../../core/formats.ts';
import { bytesPerRow, maxSample, samplesOf, type Channels, type Depth } from '../../core/pixels.ts';
import type { RowReader } from '../../core/source.ts';
import { badInput, unsupportedInput } from '../bytes.ts';
import { useStrictDecoders } from './block-decoders.ts';
import { rgbConverter, type SampleLayout, type ToRgb } from './photometric.ts';
import { say, str } from '../../core/text.ts';

/** Bytes of decoded rows held at a time, unless one row of strips or tiles is more. */
const PIECE_BYTES = 8 << 20;

/** Samples of a pixel: colours, alpha and some of a scientist's own. */
const MOST_SAMPLES = 16;

/** Tiles that are larger than their picture are at most this large. */
const MOST_TILE_PIXELS = 4096 * 4096;

type Samples = Uint8Array | Uint16Array;

/**
 * Opens the first page of a TIFF or BigTIFF without libvips, for pages that have no shared memory: strips and tiles;
 * uncompressed, LZW, deflate, PackBits, JPEG and Zstandard; 1 to 16 bits; grey, RGB, palette, YCbCr, and CMYK and Lab
 * by formula. Rows of whole strips or tiles are decoded at a time. Rejects with `unsupported-input` for fax compression, floats and 32 bits,
 * with `bad-input` for a damaged file.
 */
export async function openSmallTiff(file: Blob, info: SourceInfo): Promise<RowReader> {
  const name = file instanceof File ? file.name : 'The picture';
  await useStrictDecoders();
  const image = await explain(name, async () => {
    const tiff = await GeoTIFF.fromSource(blobSource(file, name) as never);
    return tiff.getImage(0);
  });
  const layout = await explain(name, () => layoutOf(image));
  const convert = rgbConverter(layout);
  const format = image.getSampleFormat();
  const bits = image.getBitsPerSample();
  if (convert === null || format !== 1 || bits > 16) {
    const kind =
      format === 3
        ? `a TIFF of ${bits}-bit floating-point samples`
        : `a TIFF of ${bits} bits, photometric ${layout.photometric}`;
    throw unsupportedInput(
      name,
      kind,
      say('Convert it to 8 or 16 bits, or open the app in a current browser over HTTPS.'),
    );
  }
  if (image.getWidth() !== info.width || image.getHeight() !== info.height) {
    throw badInput(name, 'its size is not the one that its header said');
  }
  // Of a damaged directory: memory for such blocks would be asked for before anything is decoded.
  const tile = { width: image.getTileWidth(), height: Math.min(image.getTileHeight(), info.height) };
  const blocks = Math.ceil(info.width / tile.width) * Math.ceil(info.height / tile.height);
  const tooLarge = tile.width * tile.height > Math.max(MOST_TILE_PIXELS, info.width * info.height);
  // Tiles have 16 pixels a side at least; strips may have a row each.
  const tooMany = !(blocks <= Math.max(info.height, Math.ceil(info.width / 16) * Math.ceil(info.height / 16)));
  if (layout.samples > MOST_SAMPLES || tooLarge || tooMany) {
    throw badInput(name, 'its strips or tiles, or the samples of a pixel, are impossibly many or large');
  }
  return new Reader(image, info, layout, convert, name);
}

class Reader implements RowReader {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly #name: string;
  readonly #layout: SampleLayout;
  readonly #convert: ToRgb;
  #image: GeoTIFFImage | null;
  /** Rows decoded and not yet handed over, as stored, and the row after them. */
  #piece: Samples = new Uint8Array(0);
  #next = 0;

  constructor(image: GeoTIFFImage, info: SourceInfo, layout: SampleLayout, convert: ToRgb, name: string) {
    ({ width: this.width, height: this.height, channels: this.channels, depth: this.depth } = info);
    this.#image = image;
    this.#layout = layout;
    this.#convert = convert;
    this.#name = name;
  }

  async read(rows: number, into: Uint8Array): Promise<void> {
    const perRow = this.width * this.#layout.samples;
    const stride = bytesPerRow(this.width, this);
    for (let done = 0; done < rows;) {
      if (this.#piece.length === 0) await this.#decode(perRow);
      const count = Math.min(rows - done, this.#piece.length / perRow);
      this.#deliver(this.#piece.subarray(0, count * perRow), into.subarray(done * stride, (done + count) * stride));
      this.#piece = this.#piece.subarray(count * perRow);
      done += count;
    }
  }

  async close(): Promise<void> {
    this.#image = null;
    this.#piece = new Uint8Array(0);
  }

  /** Decodes the next rows, up to the end of a row of strips or tiles so that none is decoded twice. */
  async #decode(perRow: number): Promise<void> {
    const image = this.#image;
    if (image === null) throw new AppError('internal', 'the decoder was used after it was closed');
    const block = Math.min(image.getTileHeight(), this.height);
    const blocks = Math.max(1, Math.floor(PIECE_BYTES / (block * perRow * 2)));
    const end = Math.min(this.height, this.#next + block * blocks);
    const window = [0, this.#next, this.width, end];
    const raster = await explain(this.#name, () => image.readRasters({ window, interleave: true }));
    if (!(raster instanceof Uint8Array || raster instanceof Uint16Array)) {
      throw badInput(this.#name, 'its samples are not of the kind that its header said');
    }
    this.#piece = raster;
    this.#next = end;
  }

  #deliver(from: Samples, bytes: Uint8Array): void {
    const { samples, alpha, premultiplied, max, photometric } = this.#layout;
    const out = maxSample(this.depth);
    // Rows of 16 bits may lie at an odd address of the caller's memory.
    const odd = this.depth === 16 && bytes.byteOffset % 2 === 1;
    const own = odd ? new Uint8Array(bytes.length) : bytes;
    const into = samplesOf(own, this.depth);
    if (samples === this.channels && max === out && !premultiplied && (photometric === 1 || photometric === 2)) {
      into.set(from);
    } else {
      const rgb = new Float64Array(3);
      const { channels } = this;
      for (let s = 0, d = 0; s < from.length; s += samples, d += channels) {
        this.#convert(from, s, rgb);
        const a = alpha === null ? 1 : from[s + alpha]! / max;
        const factor = premultiplied && a > 0 ? 1 / a : 1;
        for (let c = 0; c < Math.min(channels, 3); c++) into[d + c] = Math.round(Math.min(1, rgb[c]! * factor) * out);
        if (channels === 4) into[d + 3] = Math.round(a * out);
      }
    }
    if (odd) bytes.set(own);
  }
}

const COLOURS: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3 };

async function layoutOf(image: GeoTIFFImage): Promise<SampleLayout> {
  const directory = image.fileDirectory;
  const declared = Number(await directory.loadValue('PhotometricInterpretation'));
  const samples = image.getSamplesPerPixel();
  const extra = directory.hasTag('ExtraSamples')
    ? ((await directory.loadValue('ExtraSamples')) as ArrayLike<number>)
    : [];
  const map = directory.hasTag('ColorMap') ? ((await directory.loadValue('ColorMap')) as ArrayLike<number>) : null;
  const colours = COLOURS[declared] ?? samples;
  const kind = samples > colours ? (extra[0] ?? 0) : 0;
  return {
    ...{ photometric: declared, samples, max: 2 ** image.getBitsPerSample() - 1, colourMap: map },
    ...{ alpha: kind === 1 || kind === 2 ? colours : null, premultiplied: kind === 1 },
  };
}

/** What geotiff reads from: exact pieces of the file. A piece past the end is a cut file. */
function blobSource(file: Blob, name: string): object {
  const fetchSlice = async (slice: { offset: number; length: number }): Promise<ArrayBuffer> => {
    // A damaged directory makes places of what is no number.
    const within = (place: number): number => Math.min(Math.max(0, Math.trunc(place) || 0), file.size);
    const [offset, end] = [within(slice.offset), within(slice.offset + slice.length)];
    // The first reads look ahead for the directory and may go past the end of a small file.
    const data = await file
      .slice(offset, end)
      .arrayBuffer()
      .catch((cause: unknown) => {
        throw new AppError('read-failed', say(str`${name} could not be read from disk.`), {
          cause,
          remedy: say('Check that the file still exists and may be read, then open it again.'),
        });
      });
    return data;
  };
  return {
    fetch: (slices: { offset: number; length: number }[]) => Promise.all(slices.map(fetchSlice)),
    fileSize: file.size,
    close: () => Promise.resolve(),
  };
}

async function explain<T>(name: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (/compression|unsupported|not supported/i.test(reason)) {
      throw unsupportedInput(
        name,
        `a TIFF of a kind (${reason})`,
        say('Convert it to PNG, or to a TIFF with LZW or deflate.'),
      );
    }
    throw badInput(name, reason);
  }
}
