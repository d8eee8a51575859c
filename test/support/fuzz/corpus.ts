/** Small files of every format: the fixtures, and what several encoders make where they are installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp } from 'sharp';

type Bytes = Uint8Array<ArrayBuffer>;

const fixtures = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** Larger ones make slow going, and hide their structure from the mutations. */
const LARGEST = 24_000;

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  ...{
    png: ['.png', '.apng'],
    jpeg: ['.jpg', '.jpeg'],
    webp: ['.webp'],
    avif: ['.avif'],
    gif: ['.gif'],
    bmp: ['.bmp'],
  },
  ...{ tiff: ['.tif', '.tiff'], jxl: ['.jxl'], onnx: ['.onnx'] },
};

function filesIn(folder: string, extensions: readonly string[]): Bytes[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => extensions.includes(extname(path)) && statSync(path).size <= LARGEST)
    .sort()
    .map((path) => new Uint8Array(readFileSync(path)));
}

/** Made by the encoders of sharp's libvips, which is always there. */
async function bySharp(format: string): Promise<Bytes[]> {
  const picture = (channels: 3 | 4): Sharp =>
    sharp({
      create: {
        ...{ width: 40, height: 30, channels, background: { r: 90, g: 120, b: 40, alpha: 0.6 } },
        noise: { type: 'gaussian', mean: 120, sigma: 50 },
      },
    });
  const made: Promise<Buffer>[] = [];
  const metadata = (image: Sharp): Sharp =>
    image.withExif({ IFD0: { Artist: 'nobody', XResolution: '300/1' } }).withIccProfile('p3');
  if (format === 'png') {
    made.push(
      picture(3).png({ progressive: true }).toBuffer(),
      picture(4).png({ palette: true, colours: 16 }).toBuffer(),
    );
    made.push(metadata(picture(4)).png().toBuffer(), picture(3).toColourspace('b-w').png().toBuffer());
    made.push(picture(3).toColourspace('rgb16').png().toBuffer());
  }
  if (format === 'jpeg') {
    made.push(metadata(picture(3)).jpeg().toBuffer(), picture(3).jpeg({ progressive: true }).toBuffer());
    made.push(picture(3).toColourspace('cmyk').jpeg().toBuffer());
  }
  if (format === 'webp') {
    made.push(metadata(picture(3)).webp().toBuffer(), picture(4).webp({ lossless: true }).toBuffer());
    made.push(picture(4).webp({ alphaQuality: 50 }).toBuffer());
  }
  if (format === 'avif')
    made.push(picture(4).avif({ effort: 0 }).toBuffer(), metadata(picture(3)).avif({ effort: 0 }).toBuffer());
  if (format === 'gif') made.push(picture(3).gif().toBuffer());
  if (format === 'tiff') {
    for (const compression of ['none', 'lzw', 'deflate', 'jpeg', 'packbits', 'ccittfax4'] as const) {
      const image = compression === 'ccittfax4' ? picture(3).toColourspace('b-w').threshold() : metadata(picture(3));
      made.push(image.tiff({ compression, ...(compression === 'ccittfax4' ? { bitdepth: 1 } : {}) }).toBuffer());
    }
    made.push(picture(4).tiff({ tile: true, tileWidth: 16, tileHeight: 16 }).toBuffer());
  }
  return (await Promise.all(made)).map((buffer) => new Uint8Array(buffer));
}

/** Other programs, by what makes a file of each format from the PNG that they are given. */
const PROGRAMS: readonly { readonly name: string; readonly words: (from: string, to: string) => readonly string[] }[] =
  [
    { name: 'convert', words: (from, to) => [from, to] },
    { name: 'ffmpeg', words: (from, to) => ['-v', 'quiet', '-y', '-i', from, '-frames:v', '1', to] },
    { name: 'vips', words: (from, to) => ['copy', from, to] },
  ];

/** What the programs of this machine make; the names of those that made something come with it. */
async function byPrograms(extensions: readonly string[]): Promise<{ files: Bytes[]; programs: string[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  try {
    const from = join(folder, 'from.png');
    const noise = { type: 'gaussian', mean: 120, sigma: 50 } as const;
    await sharp({ create: { width: 36, height: 28, channels: 3, background: '#888', noise } })
      .png()
      .toFile(from);
    const files: Bytes[] = [];
    const programs: string[] = [];
    for (const { name, words } of PROGRAMS) {
      for (const extension of extensions) {
        const to = join(folder, `${name}${extension}`);
        const { status } = spawnSync(name, words(from, to), { stdio: 'ignore', timeout: 20_000 });
        if (status !== 0) continue;
        files.push(new Uint8Array(readFileSync(to)));
        programs.push(name);
        break;
      }
    }
    return { files, programs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface Corpus {
  readonly files: readonly Bytes[];
  /** Who made them. */
  readonly makers: readonly string[];
}

/** Files of a format; with `programs` also those of other encoders of this machine. */
export async function corpusOf(format: string, programs: boolean): Promise<Corpus> {
  const extensions = EXTENSIONS[format] ?? [];
  const own = [...filesIn(fixtures, extensions), ...(await bySharp(format))];
  if (format === 'onnx')
    own.push(...filesIn(fileURLToPath(new URL('../../../src/models/generated/', import.meta.url)), extensions));
  const others = programs && format !== 'onnx' ? await byPrograms(extensions) : { files: [], programs: [] };
  return { files: [...own, ...others.files], makers: ['fixtures', 'sharp', ...others.programs] };
}
