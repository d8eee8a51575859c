import { AppError } from '../../core/errors.ts';
import type { InputFormat, SourceInfo } from '../../core/formats.ts';
import { bytesPerRow, type Channels, type Depth } from '../../core/pixels.ts';
import type { RowReader } from '../../core/source.ts';
import { convertImage } from './convert.ts';
import { decodeError } from './error.ts';
import { loadVips, type Vips, type VipsImage } from './load.ts';
import { rewrap, type Rewrapped } from './rewrap.ts';
import { blobSource, type BlobSource } from './source.ts';
import { say, str, type Text } from '../../core/text.ts';

/** Bytes of rows computed at a time. Each strip is a run of libvips' thread pool, which costs a few milliseconds. */
const STRIP_BYTES = 8 << 20;

/** Rows from libvips. */
export interface VipsReader extends RowReader {
  /** As `read`, at once; for callers in this worker. */
  readSync(rows: number, into: Uint8Array): void;
  /** The samples were converted to sRGB, so the file's profile must not be carried over. */
  readonly toSrgb: boolean;
  /** The profile of a JPEG XL, which only its decoder can find; null for other formats, whose probes read it. */
  readonly icc: Uint8Array<ArrayBuffer> | null;
  /** Whole sentences about conversions. */
  readonly warnings: readonly Text[];
}

const LOADERS = {
  png: 'pngloadSource',
  jpeg: 'jpegloadSource',
  webp: 'webploadSource',
  avif: 'heifloadSource',
  gif: 'gifloadSource',
  tiff: 'tiffloadSource',
  jxl: 'jxlloadSource',
} as const satisfies Partial<Record<InputFormat, string>>;

const isReadable = (format: InputFormat): format is keyof typeof LOADERS => format in LOADERS;

/**
 * Opens a file with libvips, in a dedicated worker (it blocks, and reads with FileReaderSync). Rows come as the info says: of JPEG and TIFF
 * as stored, not turned, of AVIF and JPEG XL upright; the first page only. Strips and tiles of TIFF, baseline JPEG and PNG that is not interlaced stream in bounded memory; the other
 * formats, and progressive ones, are held whole within the library's 2 GiB. Rejects with `bad-input`, `unsupported-input`, `too-large-input` or
 * `read-failed`, naming the file and the library's reason; a file that is cut short fails at the row where it ends.
 */
export async function openVips(file: Blob, info: SourceInfo): Promise<VipsReader> {
  const name = file instanceof File ? file.name : 'The picture';
  const vips = await loadVips(info.format);
  const wrapped = await rewrap(file, info);
  return new Reader(vips, wrapped, info, name);
}

class Reader implements VipsReader {
  readonly width: number;
  readonly height: number;
  readonly channels: Channels;
  readonly depth: Depth;
  readonly toSrgb: boolean;
  readonly icc: Uint8Array<ArrayBuffer> | null;
  readonly warnings: readonly Text[];
  readonly #name: string;
  readonly #stride: number;
  readonly #stripRows: number;
  #source: BlobSource | null;
  #image: VipsImage | null = null;
  /** Rows computed and not yet handed over, and the row after them. */
  #strip = new Uint8Array(0);
  #next = 0;

  constructor(vips: Vips, file: Rewrapped, info: SourceInfo, name: string) {
    this.#name = name;
    ({ width: this.width, height: this.height, channels: this.channels, depth: this.depth } = info);
    this.#stride = bytesPerRow(info.width, info);
    const block = Math.min(file.blockRows, info.height);
    this.#stripRows = Math.max(1, Math.floor(STRIP_BYTES / this.#stride / block)) * block;
    this.#source = blobSource(vips, file.blob);
    try {
      const loaded = load(vips, this.#source, info);
      this.icc = info.format === 'jxl' ? profileOf(loaded) : null;
      const converted = convertImage(loaded, info, file, () => peakSample(vips, file, info));
      this.#image = converted.image;
      this.toSrgb = converted.toSrgb;
      this.warnings = converted.warnings;
      this.#check(info);
    } catch (error) {
      throw this.#fail(error);
    }
  }

  readSync(rows: number, into: Uint8Array): void {
    try {
      this.#fill(into.subarray(0, rows * this.#stride));
    } catch (error) {
      throw this.#fail(error);
    }
  }

  async read(rows: number, into: Uint8Array): Promise<void> {
    this.readSync(rows, into);
  }

  async close(): Promise<void> {
    this.#image?.delete();
    this.#image = null;
    this.#source?.source.delete();
    this.#source = null;
    this.#strip = new Uint8Array(0);
  }

  #fill(into: Uint8Array): void {
    for (let done = 0; done < into.length;) {
      if (this.#strip.length === 0) this.#strip = this.#compute(Math.min(this.#stripRows, this.height - this.#next));
      const part = this.#strip.subarray(0, into.length - done);
      into.set(part, done);
      done += part.length;
      this.#strip = this.#strip.subarray(part.length);
    }
  }

  #compute(rows: number): Uint8Array<ArrayBuffer> {
    if (this.#image === null || rows <= 0) throw new AppError('internal', 'Rows were asked for that are not there.');
    const strip = this.#image.crop(0, this.#next, this.width, rows);
    try {
      const samples = strip.writeToMemory();
      this.#next += rows;
      return new Uint8Array(samples.buffer as ArrayBuffer, samples.byteOffset, samples.byteLength);
    } finally {
      strip.delete();
    }
  }

  #check(info: SourceInfo): void {
    const image = this.#image;
    if (image === null) return;
    const { width, height, bands } = image;
    if (width === info.width && height === info.height && bands === info.channels) return;
    throw new AppError(
      'bad-input',
      say(
        str`${this.#name} has ${width} x ${height} pixels of ${bands} channels, but its header says ${info.width} x ${info.height} of ${info.channels}.`,
      ),
      { values: { file: this.#name, width, height, bands } },
    );
  }

  #fail(error: unknown): AppError {
    const readError = this.#source?.readError() ?? null;
    void this.close();
    if (readError === null) return decodeError(error, this.#name);
    return new AppError('read-failed', say(str`${this.#name} could not be read from disk.`), {
      remedy: say('Check that the file still exists and may be read, then open it again.'),
      values: { file: this.#name },
      cause: readError,
    });
  }
}

/** Loaders are named rather than left to libvips to find: its choice for a JPEG with a gain map would be another. */
function load(vips: Vips, { source }: BlobSource, info: SourceInfo): VipsImage {
  if (!isReadable(info.format)) {
    throw new AppError('unsupported-input', `${info.format.toUpperCase()} is not read by this decoder.`);
  }
  const options = { access: 'sequential', fail_on: 'error' } as const;
  const unlimited = info.format === 'webp' || info.format === 'gif' || info.format === 'jxl' ? {} : { unlimited: true };
  return vips.Image[LOADERS[info.format]](source, { ...options, ...unlimited });
}

function profileOf(image: VipsImage): Uint8Array<ArrayBuffer> | null {
  const field = 'icc-profile-data';
  return image.getTypeof(field) === 0 ? null : new Uint8Array(image.getBlob(field));
}

function peakSample(vips: Vips, file: Rewrapped, info: SourceInfo): number {
  const again = blobSource(vips, file.blob);
  try {
    const image = load(vips, again, info);
    try {
      return image.max();
    } finally {
      image.delete();
    }
  } finally {
    again.source.delete();
  }
}
