/**
 * Makes the picture files under test/fixtures: one small file for each format and variant that the app reads. Only for
 * whoever changes the set: the results are committed. Needs, beside sharp, the commands of libjpeg-turbo, libtiff, libwebp,
 * libavif, libjxl, ImageMagick 6 and exiftool (Debian: libjpeg-turbo-progs libtiff-tools webp libavif-bin libjxl-tools
 * imagemagick libimage-exiftool-perl).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp, { type Sharp, type SharpOptions } from 'sharp';

const out = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test/fixtures');
const work = mkdtempSync(join(tmpdir(), 'fixtures-'));
const WIDTH = 61;
const HEIGHT = 43;

/** A scene with ramps, edges and a saturated disc, different in every corner, so that no turn or channel swap goes unseen. */
function scene(channels: 1 | 3 | 4, max = 255): number[] {
  const samples: number[] = [];
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const u = x / (WIDTH - 1);
      const v = y / (HEIGHT - 1);
      const disc = Math.hypot(x - 40, y - 14) < 9;
      const bar = x < 14 && y > 26;
      const rgb = disc
        ? [0.95, 0.15, 0.1]
        : bar
          ? [0.05, 0.2, 0.85]
          : [0.15 + 0.7 * u, 0.9 - 0.6 * v, 0.3 + 0.3 * u * v];
      // Alpha runs from 0 through very low values, where premultiplied storage loses colour, up to opaque.
      const alpha = y < 4 ? 0 : y < 12 ? (x % 8) / 255 : Math.min(1, v * 1.3);
      const grey = 0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!;
      const pixel = channels === 1 ? [grey] : channels === 3 ? rgb : [...rgb, alpha];
      samples.push(...pixel.map((value) => Math.round(value * max)));
    }
  }
  return samples;
}

const raw8 = (channels: 1 | 3 | 4): Sharp =>
  sharp(Uint8Array.from(scene(channels)), { raw: { width: WIDTH, height: HEIGHT, channels } });
const raw16 = (channels: 1 | 3 | 4): Sharp =>
  sharp(Uint16Array.from(scene(channels, 65535)), {
    raw: { width: WIDTH, height: HEIGHT, channels },
  } as SharpOptions).toColourspace(channels === 1 ? 'grey16' : 'rgb16');

const target = (name: string): string => {
  const path = join(out, name);
  mkdirSync(dirname(path), { recursive: true });
  return path;
};
const temporary = (name: string): string => join(work, name);
const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
};
const exiftool = (path: string, ...args: string[]): void => run('exiftool', '-q', '-overwrite_original', ...args, path);

async function sources(): Promise<void> {
  await raw8(3).png().toFile(temporary('rgb.png'));
  await raw8(4).png().toFile(temporary('rgba.png'));
  await raw8(1).toColourspace('b-w').png().toFile(temporary('grey.png'));
  await raw16(3).png().toFile(temporary('rgb16.png'));
  await raw16(4).png().toFile(temporary('rgba16.png'));
  await raw8(3).tiff({ compression: 'none' }).toFile(temporary('rgb.tif'));
}

const XMP = `<?xpacket begin="\u{feff}" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 tiff:Orientation="6" exif:GPSLatitude="48,12.5N" exif:GPSLongitude="16,22.25E" photoshop:City="Vienna">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">A test scene</rdf:li></rdf:Alt></dc:title>
<photoshop:Country>Austria</photoshop:Country></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;

/** Writes everything that a camera would: descriptive tags, exposure, GPS, XMP, a thumbnail. */
function addCameraMetadata(path: string): void {
  writeFileSync(temporary('packet.xmp'), XMP);
  const thumbnail = temporary('thumb.jpg');
  run('convert', temporary('rgb.png'), '-resize', '16x12', '-quality', '50', thumbnail);
  exiftool(
    path,
    ...['-Make=Example', '-Model=Camera One', '-Artist=Nobody', '-Copyright=Public domain', '-Orientation#=6'],
    ...['-XResolution=300', '-YResolution=300', '-ResolutionUnit=inches', '-ModifyDate=2020:01:02 03:04:05'],
    ...[
      '-DateTimeOriginal=2020:01:02 03:04:05',
      '-ExposureTime=1/125',
      '-FNumber=5.6',
      '-ISO=200',
      '-LensModel=A lens',
    ],
    ...['-ExifImageWidth=61', '-ExifImageHeight=43', '-InteropIndex=R98', '-UserComment=Hello'],
    ...['-GPSLatitude=48.2', '-GPSLatitudeRef=N', '-GPSLongitude=16.37', '-GPSLongitudeRef=E', '-GPSAltitude=170'],
    `-ThumbnailImage<=${thumbnail}`,
    `-XMP<=${temporary('packet.xmp')}`,
  );
}

async function jpeg(): Promise<void> {
  await raw8(3).jpeg({ quality: 85 }).toFile(target('jpeg/420.jpg'));
  await raw8(3).jpeg({ quality: 85, chromaSubsampling: '4:4:4' }).toFile(target('jpeg/444.jpg'));
  await raw8(3).jpeg({ quality: 85, progressive: true }).toFile(target('jpeg/progressive.jpg'));
  await raw8(1).toColourspace('b-w').jpeg({ quality: 85 }).toFile(target('jpeg/grey.jpg'));
  await raw8(3).jpeg({ quality: 85 }).withIccProfile('p3').toFile(target('jpeg/p3.jpg'));
  await raw8(3)
    .toColourspace('cmyk')
    .withIccProfile('cmyk')
    .jpeg({ quality: 85 })
    .toFile(temporary('cmyk-profile.jpg'));
  // The press profile is half a megabyte; the file is kept without it, as most such files come.
  run('convert', temporary('cmyk-profile.jpg'), '-strip', '-quality', '85', target('jpeg/cmyk.jpg'));
  run('jpegtran', '-arithmetic', '-outfile', target('jpeg/arithmetic.jpg'), target('jpeg/420.jpg'));
  await raw8(3).jpeg({ quality: 85 }).withMetadata({ density: 240 }).toFile(target('jpeg/camera.jpg'));
  addCameraMetadata(target('jpeg/camera.jpg'));
  for (let orientation = 1; orientation <= 8; orientation++) {
    await raw8(3)
      .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
      .withMetadata({ orientation })
      .toFile(target(`jpeg/orientation-${orientation}.jpg`));
  }
}

async function png(): Promise<void> {
  await raw8(3).png().toFile(target('png/rgb.png'));
  await raw8(4).png().toFile(target('png/rgba.png'));
  await raw16(3).png().toFile(target('png/rgb16.png'));
}

async function webp(): Promise<void> {
  await raw8(3).webp({ quality: 80 }).toFile(target('webp/lossy.webp'));
  await raw8(3).webp({ lossless: true }).toFile(target('webp/lossless.webp'));
  run('cwebp', '-quiet', '-exact', '-q', '80', temporary('rgba.png'), '-o', target('webp/alpha-lossy.webp'));
  run('cwebp', '-quiet', '-exact', '-lossless', temporary('rgba.png'), '-o', target('webp/alpha-lossless.webp'));
  await raw8(3).webp({ quality: 80 }).withIccProfile('p3').toFile(target('webp/metadata.webp'));
  addCameraMetadata(target('webp/metadata.webp'));
  run('convert', temporary('rgb.png'), '-flip', temporary('frame2.png'));
  run(
    'img2webp',
    '-loop',
    '0',
    '-d',
    '100',
    temporary('rgb.png'),
    temporary('frame2.png'),
    '-o',
    target('webp/animated.webp'),
  );
}

async function avif(): Promise<void> {
  const encode = (name: string, source: string, ...args: string[]): void =>
    run(
      'avifenc',
      '--speed',
      '6',
      '--min',
      '10',
      '--max',
      '24',
      ...args,
      temporary(source),
      target(`avif/${name}.avif`),
    );
  encode('420', 'rgb.png', '--yuv', '420');
  encode('444', 'rgb.png', '--yuv', '444');
  encode('10bit', 'rgb16.png', '--depth', '10', '--yuv', '444');
  encode('12bit', 'rgb16.png', '--depth', '12', '--yuv', '444');
  encode('grey', 'grey.png', '--yuv', '400');
  run('avifenc', '--lossless', temporary('rgba.png'), target('avif/alpha.avif'));
  encode('code-points', 'rgb.png', '--yuv', '444', '--cicp', '12/13/6');
  encode('rotated', 'rgb.png', '--yuv', '444', '--irot', '3');
  encode('upside-down', 'rgb.png', '--yuv', '444', '--irot', '2');
  encode('mirrored', 'rgb.png', '--yuv', '444', '--irot', '1', '--imir', '1');
  await raw8(3).png().withIccProfile('p3').toFile(temporary('p3.png'));
  encode('p3', 'p3.png', '--yuv', '444');
  addCameraMetadata(target('avif/p3.avif'));
  run('avifenc', '--speed', '6', temporary('rgb.png'), temporary('frame2.png'), target('avif/animated.avif'));
}

async function gif(): Promise<void> {
  const rgb = temporary('rgb.png');
  run('convert', rgb, '-colors', '32', target('gif/still.gif'));
  run('convert', rgb, '-colors', '32', '-interlace', 'GIF', target('gif/interlaced.gif'));
  run(
    'convert',
    temporary('rgba.png'),
    '-channel',
    'A',
    '-threshold',
    '50%',
    '+channel',
    '-colors',
    '32',
    target('gif/transparent.gif'),
  );
  run('convert', '-delay', '10', rgb, temporary('frame2.png'), '-colors', '32', target('gif/animated.gif'));
}

function bmp(): void {
  const rgb = temporary('rgb.png');
  run('convert', rgb, '-type', 'TrueColor', `BMP3:${target('bmp/24bit.bmp')}`);
  run('convert', rgb, '-colors', '16', `BMP3:${target('bmp/palette.bmp')}`);
  run('convert', rgb, '-monochrome', `BMP3:${target('bmp/1bit.bmp')}`);
  run('convert', rgb, '-colors', '16', '-compress', 'RLE', `BMP3:${target('bmp/rle.bmp')}`);
  run('convert', temporary('rgba.png'), target('bmp/alpha.bmp'));
  run('convert', rgb, '-define', 'bmp:subtype=RGB565', target('bmp/565.bmp'));
  const upward = readFileSync(target('bmp/24bit.bmp'));
  const pixels = upward.readUInt32LE(10);
  const stride = (WIDTH * 3 + 3) & ~3;
  const downward = Buffer.from(upward);
  downward.writeInt32LE(-HEIGHT, 22);
  for (let y = 0; y < HEIGHT; y++) {
    upward.copy(downward, pixels + y * stride, pixels + (HEIGHT - 1 - y) * stride, pixels + (HEIGHT - y) * stride);
  }
  writeFileSync(target('bmp/top-down.bmp'), downward);
}

async function tiff(): Promise<void> {
  const plain = temporary('rgb.tif');
  const copy = (name: string, ...args: string[]): void => run('tiffcp', ...args, plain, target(`tiff/${name}.tif`));
  copy('strips', '-c', 'none', '-r', '8');
  copy('lzw', '-c', 'lzw:2');
  copy('deflate', '-c', 'zip:2', '-r', '8');
  copy('packbits', '-c', 'packbits');
  copy('jpeg', '-c', 'jpeg:85', '-r', '16');
  copy('tiled', '-c', 'zip', '-t', '-w', '16', '-l', '16');
  copy('planar', '-c', 'lzw', '-p', 'separate');
  copy('bigtiff', '-8', '-c', 'zip');
  copy('big-endian', '-B', '-c', 'none');
  run('tiffcp', plain, plain, plain, target('tiff/pages.tif'));
  await raw16(3).tiff({ compression: 'deflate', predictor: 'horizontal' }).toFile(target('tiff/rgb16.tif'));
  await raw16(1).toColourspace('grey16').tiff({ compression: 'lzw' }).toFile(target('tiff/grey16.tif'));
  await raw8(1).toColourspace('b-w').tiff({ compression: 'lzw' }).toFile(target('tiff/grey.tif'));
  await raw8(4).tiff({ compression: 'deflate' }).toFile(target('tiff/alpha.tif'));
  await raw16(4).tiff({ compression: 'deflate' }).toFile(target('tiff/alpha16.tif'));
  await raw8(3).toColourspace('cmyk').tiff({ compression: 'deflate' }).toFile(target('tiff/cmyk.tif'));
  run('convert', temporary('rgb.png'), '-monochrome', '-compress', 'Group4', target('tiff/fax.tif'));
  run(
    'convert',
    temporary('rgb.png'),
    '-colors',
    '16',
    '-type',
    'Palette',
    '-compress',
    'lzw',
    target('tiff/palette.tif'),
  );
  run('convert', temporary('rgb.png'), '-colorspace', 'Lab', '-compress', 'lzw', target('tiff/lab.tif'));
  run('vips', 'cast', temporary('rgb.png'), `${target('tiff/float.tif')}[compression=deflate]`, 'float');
  await raw8(3).tiff({ compression: 'lzw' }).withIccProfile('p3').toFile(target('tiff/metadata.tif'));
  addTiffMetadata(target('tiff/metadata.tif'));
}

function addTiffMetadata(path: string): void {
  exiftool(
    path,
    ...['-Make=Example', '-Model=Scanner', '-Orientation#=8', '-XResolution=118.11', '-YResolution=118.11'],
    ...['-ResolutionUnit=cm', '-ISO=200', '-ExposureTime=1/125', '-GPSLatitude=48.2', '-GPSLatitudeRef=N'],
    `-XMP<=${temporary('packet.xmp')}`,
  );
}

function jxl(): void {
  const encode = (name: string, source: string, ...args: string[]): void =>
    run('cjxl', ...args, '-e', '4', temporary(source), target(`jxl/${name}.jxl`));
  encode('lossy', 'rgb.png', '-d', '1');
  encode('lossless', 'rgb.png', '-d', '0');
  encode('lossless16', 'rgb16.png', '-d', '0');
  encode('alpha', 'rgba.png', '-d', '0');
  encode('grey', 'grey.png', '-d', '0');
  run('cjxl', '--lossless_jpeg=1', target('jpeg/camera.jpg'), target('jxl/camera.jxl'));
}

/**
 * What other decoders make of the lossy files, as bare samples, for comparison in browsers where those decoders do not run: libvips
 * (not turned, no profile applied) and, for AVIF, libheif through sharp, which turns as AVIF demands.
 */
async function decoded(): Promise<void> {
  const plain = [
    ...['420', '444', 'progressive', 'arithmetic', 'grey', 'p3', 'camera'].map((name) => `jpeg/${name}.jpg`),
    ...[2, 5, 8].map((orientation) => `jpeg/orientation-${orientation}.jpg`),
    ...['lossy', 'alpha-lossy', 'metadata'].map((name) => `webp/${name}.webp`),
  ];
  for (const name of plain) run('vips', 'rawsave', join(out, name), target(`decoded/${name}.raw`));
  for (const name of ['420', '444', 'rotated', 'upside-down', 'mirrored']) {
    const samples = await sharp(join(out, `avif/${name}.avif`))
      .raw()
      .toBuffer();
    writeFileSync(target(`decoded/avif/${name}.avif.raw`), samples);
  }
}

await sources();
await jpeg();
await png();
await webp();
await avif();
await gif();
bmp();
await tiff();
jxl();
await decoded();
rmSync(work, { recursive: true });
