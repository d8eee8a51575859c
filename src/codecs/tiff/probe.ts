import type { ColourModel, SourceInfo } from '../../core/formats.ts';
import type { Metadata } from '../../core/metadata.ts';
import { badInput, Bytes, FileBytes, headerDamaged, MOST_METADATA, parsing, unsupportedInput } from '../bytes.ts';
import { densityOf } from '../metadata/density.ts';
import { EXIF_TAG, readExif } from '../metadata/exif.ts';
import { buildExif, type NewField } from '../metadata/exif-build.ts';
import { framesWarning, IPTC_LOST, sourceInfo } from '../source-info.ts';
import { IFD_READ_BYTES, parseIfd, readTiffHeader, type Ifd, type IfdEntry, type TiffHeader } from './ifd.ts';
import { say, str, type Text } from '../../core/text.ts';
import { CONVERT, DEVELOP } from '../sniff.ts';

/** Tags of TIFF 6.0 and its common extensions that are read here. */
const TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  tileOffsets: 324,
  extraSamples: 338,
  sampleFormat: 339,
  xmp: 700,
  iptc: 33723,
  icc: 34675,
} as const;

/** Pages are counted no further than this. */
const MOST_PAGES = 1000;

/** Reads the first directory of a TIFF or BigTIFF, and counts the others. */
export async function probeTiff(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'TIFF', async () => {
    const header = readTiffHeader(await file.upTo(0, 16));
    if (header === null) throw badInput(name, headerDamaged('TIFF'));
    const ifd = await readIfd(file, header, header.first);
    if (ifd === null) throw badInput(name, 'its first directory is damaged or cut off');
    return new TiffProbe(file, header, ifd).describe();
  });
}

async function readIfd(file: FileBytes, header: TiffHeader, at: number): Promise<Ifd | null> {
  if (at < 8 || at >= file.size) return null;
  return parseIfd(await file.upTo(at, IFD_READ_BYTES), at, header);
}

/** Descriptive fields of the first directory that go into an EXIF block; all others describe how the TIFF is stored. */
const DESCRIPTIVE = new Set([
  ...[0x010e, 0x010f, 0x0110, 0x0112, 0x011a, 0x011b, 0x0128, 0x0131, 0x0132, 0x013b, 0x013c, 0x4746, 0x4749, 0x8298],
  ...[0x9c9b, 0x9c9c, 0x9c9d, 0x9c9e, 0x9c9f],
]);
/** Of these alone no block needs to be made: Metadata has their values. */
const STRUCTURAL = new Set([0x0112, 0x011a, 0x011b, 0x0128]);

/** Values up to so many bytes go into an EXIF block. */
const MOST_FIELD_BYTES = 256 << 10;

class TiffProbe {
  readonly #file: FileBytes;
  readonly #header: TiffHeader;
  readonly #ifd: Ifd;
  readonly #warnings: Text[] = [];

  constructor(file: FileBytes, header: TiffHeader, ifd: Ifd) {
    this.#file = file;
    this.#header = header;
    this.#ifd = ifd;
  }

  async describe(): Promise<SourceInfo> {
    const width = await this.#number(TAG.width, 0);
    const height = await this.#number(TAG.height, 0);
    await this.#refuseUnreadable();
    const { model, colours, bits } = await this.#samples();
    const samples = await this.#number(TAG.samplesPerPixel, model === 'palette' ? 1 : colours);
    const frames = await this.#countPages();
    if (model === 'cmyk') this.#warnings.push(say('CMYK colours are converted to sRGB, and the profile is replaced.'));
    if (model === 'lab') this.#warnings.push(say('Lab colours are converted to sRGB.'));
    if (samples > colours + 1) this.#warnings.push(say('Extra channels beyond the first one are not read.'));
    this.#warnings.push(...framesWarning(frames, 'pages'));
    return sourceInfo(this.#file, 'tiff', {
      ...{ width, height, model, bits, frames },
      alpha: samples > colours,
      metadata: await this.#metadata(),
      warnings: this.#warnings,
    });
  }

  async #refuseUnreadable(): Promise<void> {
    const { name } = this.#file;
    const compression = await this.#number(TAG.compression, 1);
    const kinds: Readonly<Record<number, string>> = {
      6: 'the old kind of JPEG compression',
      34712: 'JPEG 2000 compression',
      34713: 'Nikon RAW compression',
      34676: 'SGI LogLuv compression',
      34677: 'SGI LogLuv compression',
      34661: 'JBIG compression',
      50002: 'JPEG XL compression',
      52546: 'JPEG XL compression',
    };
    const kind = kinds[compression];
    if (kind) throw unsupportedInput(name, `a TIFF with ${kind}`, CONVERT);
    const photometric = await this.#number(TAG.photometric, -1);
    if (photometric === 32803 || photometric === 34892) {
      throw unsupportedInput(name, say('a camera RAW photo'), DEVELOP);
    }
    if (photometric === 32844 || photometric === 32845) {
      throw unsupportedInput(name, 'a LogLuv TIFF', say('Tone-map it to a 16-bit TIFF, and open that.'));
    }
    if (!this.#ifd.entries.has(TAG.stripOffsets) && !this.#ifd.entries.has(TAG.tileOffsets)) {
      throw badInput(name, 'its first directory names no pixels');
    }
  }

  /** Colour model, samples of colour in a pixel, and bits of each. */
  async #samples(): Promise<{ model: ColourModel; colours: number; bits: number }> {
    const stated = await this.#number(TAG.samplesPerPixel, 1);
    const photometric = await this.#number(TAG.photometric, stated >= 3 ? 2 : 1);
    const bits = await this.#number(TAG.bitsPerSample, 1);
    const format = await this.#number(TAG.sampleFormat, 1);
    if (bits < 1 || bits > 64) throw badInput(this.#file.name, `it claims ${bits} bits a sample`, { bits });
    if (bits > 16) {
      this.#warnings.push(
        format === 3
          ? say(str`${bits}-bit floating-point samples are read as 16 bits.`)
          : say(str`${bits}-bit samples are read as 16 bits.`),
      );
    }
    switch (photometric) {
      case 0:
      case 1:
        return { model: 'grey', colours: 1, bits };
      case 3:
        return { model: 'palette', colours: 1, bits };
      case 5:
        return { model: 'cmyk', colours: 4, bits };
      case 8:
      case 9:
      case 10:
        return { model: 'lab', colours: 3, bits };
      case 2:
      case 6:
        return { model: 'rgb', colours: 3, bits };
      default:
        throw unsupportedInput(this.#file.name, `a TIFF of photometric interpretation ${photometric}`, CONVERT);
    }
  }

  async #countPages(): Promise<number> {
    const seen = new Set([this.#header.first]);
    let pages = 1;
    for (let next = this.#ifd.next; next !== 0 && !seen.has(next) && pages < MOST_PAGES; pages++) {
      seen.add(next);
      const ifd = await readIfd(this.#file, this.#header, next);
      if (ifd === null) break;
      next = ifd.next;
    }
    return pages;
  }

  async #metadata(): Promise<Metadata> {
    const exif = await this.#exifBlock();
    const icc = this.#ifd.entries.get(TAG.icc);
    const xmp = this.#ifd.entries.get(TAG.xmp);
    const orientation = await this.#number(EXIF_TAG.orientation, 1);
    const unit = await this.#number(EXIF_TAG.resolutionUnit, 2);
    const x = await this.#rational(EXIF_TAG.xResolution);
    const y = await this.#rational(EXIF_TAG.yResolution);
    const known = (unit === 2 || unit === 3) && x !== null && y !== null;
    return {
      icc: icc ? await this.#file.copy(icc.position, icc.bytes, MOST_METADATA) : null,
      xmp: xmp ? await this.#file.copy(xmp.position, xmp.bytes, MOST_METADATA) : null,
      exif: exif !== null && readExif(exif) !== null ? exif : null,
      density: known ? densityOf(x, y, unit === 2 ? 'inch' : 'centimetre') : null,
      orientation: orientation >= 1 && orientation <= 8 ? (orientation as Metadata['orientation']) : 1,
      ...(this.#ifd.entries.has(TAG.iptc) ? { others: [IPTC_LOST] } : {}),
    };
  }

  /** An EXIF block of its own, with what the first directory, its EXIF and its GPS directory say about the picture. */
  async #exifBlock(): Promise<Metadata['exif']> {
    const main = await this.#fieldsOf(this.#ifd, (tag) => DESCRIPTIVE.has(tag));
    const exif = await this.#fieldsBehind(EXIF_TAG.exifIfd, (tag) => tag !== EXIF_TAG.interopIfd);
    const gps = await this.#fieldsBehind(EXIF_TAG.gpsIfd, () => true);
    const worthwhile = exif.length + gps.length > 0 || main.some(({ tag }) => !STRUCTURAL.has(tag));
    return worthwhile ? buildExif({ main, exif, gps }, this.#header.little) : null;
  }

  async #fieldsBehind(pointer: number, wanted: (tag: number) => boolean): Promise<NewField[]> {
    const at = await this.#number(pointer, 0);
    const ifd = at === 0 ? null : await readIfd(this.#file, this.#header, at);
    return ifd === null ? [] : this.#fieldsOf(ifd, wanted);
  }

  async #fieldsOf(ifd: Ifd, wanted: (tag: number) => boolean): Promise<NewField[]> {
    const fields: NewField[] = [];
    for (const { tag, type, count, position, bytes } of ifd.entries.values()) {
      // BigTIFF's own types have no place in an EXIF block.
      if (!wanted(tag) || type > 13) continue;
      const value = await this.#file.copy(position, bytes, MOST_FIELD_BYTES);
      if (value !== null) fields.push({ tag, type, count, value });
    }
    return fields;
  }

  async #first(tag: number): Promise<{ entry: IfdEntry; bytes: Bytes } | null> {
    const entry = this.#ifd.entries.get(tag);
    if (!entry) return null;
    const data = await this.#file.upTo(entry.position, Math.min(entry.bytes, 8));
    return { entry, bytes: new Bytes(data.slice(), this.#header.little) };
  }

  /** The first value of an integer field. */
  async #number(tag: number, fallback: number): Promise<number> {
    const first = await this.#first(tag);
    switch (first?.entry.type) {
      case 1:
        return first.bytes.u8(0);
      case 3:
        return first.bytes.u16(0);
      case 4:
      case 13:
        return first.bytes.u32(0);
      case 16:
      case 18:
        return first.bytes.u64(0);
      default:
        return fallback;
    }
  }

  async #rational(tag: number): Promise<number | null> {
    const first = await this.#first(tag);
    if (first?.entry.type !== 5) return null;
    const denominator = first.bytes.u32(4);
    return denominator === 0 ? null : first.bytes.u32(0) / denominator;
  }
}
