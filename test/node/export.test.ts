/** Exports of whole jobs, read by libvips and libtiff, which are not ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planPanels, USUAL_PANELS, type ExportOptions, type PanelOptions } from '../../src/core/exports.ts';
import type { JobOptions } from '../../src/core/options.ts';
import { runTestJob, SCALAR, SIMD } from '../support/job.ts';

let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'export-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A picture with ramps, edges and noise, so that misplaced tiles show. */
async function scene(width: number, height: number, channels: 3 | 4 = 3): Promise<Uint8Array<ArrayBuffer>> {
  const data = Buffer.alloc(width * height * channels);
  let seed = 7;
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels);
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    seed = (seed * 1103515245 + 12345) & 0x7fffffff;
    const wave = 90 + 70 * Math.sin((x * ((i % channels) + 1)) / 17) + 50 * Math.cos(y / 11);
    data[i] = Math.max(0, Math.min(255, wave + ((seed >> 16) & 31)));
  }
  return new Uint8Array(await sharp(data, { raw: { width, height, channels } }).png().toBuffer());
}

const exported = async (
  source: Uint8Array<ArrayBuffer>,
  made: ExportOptions,
  options: Partial<JobOptions> = {},
  engines = [SIMD],
): Promise<{ bytes: Uint8Array<ArrayBuffer>; files: Map<string, Buffer>; made: number | undefined }> => {
  const { bytes, receipt } = await runTestJob({
    source,
    engines,
    options: { kernel: 'lanczos3', ...options, export: made },
  });
  const zipped = made.kind === 'deepzoom' || made.kind === 'panels';
  const files = zipped
    ? Object.entries(unzipSync(bytes)).map(([path, content]) => [path, Buffer.from(content)] as const)
    : [];
  return { bytes, files: new Map(files), made: receipt.output.files };
};

const raw = async (
  file: string | Buffer,
  page = 0,
): Promise<{ data: Buffer; width: number; height: number; channels: number }> => {
  const { data, info } = await sharp(file, { page, limitInputPixels: false })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height, channels: info.channels };
};

function largest(a: Buffer, b: Buffer): number {
  expect(a.length).toBe(b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

/** The finished picture as one lossless file. */
async function whole(source: Uint8Array<ArrayBuffer>, options: Partial<JobOptions>, engines = [SIMD]): Promise<Buffer> {
  const { bytes } = await runTestJob({ source, engines, options: { kernel: 'lanczos3', ...options, format: 'png' } });
  return Buffer.from(bytes);
}

const SIZE = { target: { kind: 'exact', width: 1531, height: 1187 } } as const satisfies Partial<JobOptions>;

describe('deep-zoom tiles', () => {
  it.each([
    { name: 'simd', engines: [SIMD] },
    { name: 'scalar', engines: [SCALAR] },
  ])('are those of libvips ($name)', async ({ engines }) => {
    const source = await scene(211, 163);
    const { files, made } = await exported(source, { kind: 'deepzoom' }, { ...SIZE, format: 'png' }, engines);
    expect(made).toBe(files.size);
    const path = join(folder, 'whole.png');
    writeFileSync(path, await whole(source, SIZE, engines));
    rmSync(join(folder, 'vips_files'), { recursive: true, force: true });
    execFileSync('vips', [
      'dzsave',
      path,
      join(folder, 'vips'),
      '--tile-size',
      '510',
      '--overlap',
      '1',
      '--suffix',
      '.png',
    ]);
    const theirs = readdirSync(join(folder, 'vips_files'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.png'))
      .map((name) => name.replaceAll('\\', '/'));
    const ours = [...files.keys()].filter((name) => name.startsWith('picture_files/'));
    expect(ours.map((name) => name.slice('picture_files/'.length)).sort()).toEqual(theirs.sort());
    const top = Math.max(...theirs.map((name) => Number(name.split('/')[0])));
    for (const name of theirs) {
      const [got, want] = [await raw(files.get(`picture_files/${name}`)!), await raw(join(folder, 'vips_files', name))];
      expect([got.width, got.height, got.channels], name).toEqual([want.width, want.height, want.channels]);
      const below = top - Number(name.split('/')[0]);
      // Each halving may round otherwise.
      expect(largest(got.data, want.data), name).toBeLessThanOrEqual(Math.min(3, below));
    }
    const descriptor = files.get('picture.dzi')!.toString();
    const theirDescriptor = readFileSync(join(folder, 'vips.dzi'), 'utf8');
    for (const name of ['Format', 'Overlap', 'TileSize', 'Width', 'Height']) {
      const value = (text: string): string | undefined => new RegExp(`${name}="(\\w+)"`).exec(text)?.[1];
      expect(value(descriptor), name).toBe(value(theirDescriptor));
    }
  });

  it('come with a page that names no other place', async () => {
    const { files } = await exported(await scene(40, 30), { kind: 'deepzoom' }, { format: 'jpeg' });
    expect([...files.keys()]).toEqual(
      expect.arrayContaining(['index.html', 'viewer/viewer.js', 'viewer/openseadragon.min.js']),
    );
    const links = ['index.html', 'viewer/viewer.js', 'viewer/viewer.css'].flatMap(
      (name) =>
        files
          .get(name)!
          .toString()
          .match(/https?:[^"' ]*/g) ?? [],
    );
    expect(links).toEqual(['http://schemas.microsoft.com/deepzoom/2008']);
  });

  it('are JPEGs of one colour profile, whole for every reader', async () => {
    const p3 = await sharp(await scene(50, 40))
      .withIccProfile('p3')
      .png()
      .toBuffer();
    const { files } = await exported(new Uint8Array(p3), { kind: 'deepzoom' }, { format: 'jpeg', ...SIZE });
    const icc = (await sharp(p3).metadata()).icc!;
    for (const [name, content] of files) {
      if (!name.endsWith('.jpg')) continue;
      const metadata = await sharp(content, { failOn: 'warning' }).metadata();
      expect(metadata.icc?.equals(icc), name).toBe(true);
    }
  });

  it('let the colour of what cannot be seen stay where it is', async () => {
    // Half of each pair of columns is transparent green, the other half opaque red.
    const data = Buffer.from(
      Array.from({ length: 64 * 64 }, (_, i) => (i % 2 === 0 ? [0, 255, 0, 0] : [255, 0, 0, 255])).flat(),
    );
    const source = new Uint8Array(
      await sharp(data, { raw: { width: 64, height: 64, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const options = { format: 'png', kernel: 'nearest', target: { kind: 'scale', x: 1, y: 1 } } as const;
    const { files } = await exported(source, { kind: 'deepzoom' }, options);
    const half = await raw(files.get('picture_files/5/0_0.png')!);
    expect([...half.data.subarray(0, 4)]).toEqual([255, 0, 0, 128]);
  });
});

describe('the pyramid', () => {
  const read = (path: string): string =>
    execFileSync('tiffinfo', [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });

  it.each([
    { depth: 8, channels: 3 },
    { depth: 8, channels: 4 },
    { depth: 16, channels: 3 },
  ] as const)(
    'is a BigTIFF of tiles that libtiff and libvips read: $channels x $depth bit',
    async ({ depth, channels }) => {
      const source = await scene(211, 163, channels);
      const { bytes } = await exported(source, { kind: 'pyramid' }, { ...SIZE, format: 'tiff', depth });
      const path = join(folder, `pyramid-${channels}-${depth}.tif`);
      writeFileSync(path, bytes);
      // "II", version 43: BigTIFF.
      expect([...bytes.subarray(0, 4)]).toEqual([0x49, 0x49, 43, 0]);
      const info = read(path);
      expect(info.match(/Tile Width: 512 Tile Length: 512/g)).toHaveLength(3);
      expect(
        [...info.matchAll(/Image Width: (\d+) Image Length: (\d+)/g)].map(([, w, h]) => [Number(w), Number(h)]),
      ).toEqual([
        [1531, 1187],
        [766, 594],
        [383, 297],
      ]);
      expect(info.match(/reduced-resolution image/g)).toHaveLength(2);
      if (depth === 16) return;
      const want = await raw(await whole(source, SIZE));
      const got = await raw(path);
      expect(largest(got.data, want.data)).toBe(0);
      if (channels === 4) return;
      // The halvings, against libvips's own means.
      const shrunk = join(folder, 'shrunk.png');
      writeFileSync(join(folder, 'full.png'), await whole(source, SIZE));
      execFileSync('vips', ['shrink', join(folder, 'full.png'), shrunk, '2', '2', '--ceil']);
      const [half, theirs] = [await raw(path, 1), await raw(shrunk)];
      // Their last column and row weigh what lies beyond the border in another way.
      const inner = { left: 0, top: 0, width: 765, height: 593 };
      const cut = ({ data, width, height, channels: c }: typeof half): Promise<Buffer> =>
        sharp(data, { raw: { width, height, channels: c as 3 } })
          .extract(inner)
          .raw()
          .toBuffer();
      expect(largest(await cut(half), await cut(theirs))).toBeLessThanOrEqual(1);
    },
  );

  it('keeps EXIF, profile and density', async () => {
    const made = sharp(await scene(50, 40))
      .withIccProfile('p3')
      .withExif({ IFD0: { Make: 'Example' } });
    const camera = await made.png().toBuffer();
    const { bytes } = await exported(new Uint8Array(camera), { kind: 'pyramid' }, { format: 'tiff', dpi: 240 });
    const path = join(folder, 'camera.tif');
    writeFileSync(path, bytes);
    const said = execFileSync('exiftool', ['-s', '-IFD0:Make', '-IFD0:XResolution', path], {
      encoding: 'utf8',
    });
    expect(said).toMatch(/Make\s+: Example/);
    expect(said).toMatch(/XResolution\s+: 240/);
    expect((await sharp(path).metadata()).icc?.equals((await sharp(camera).metadata()).icc!)).toBe(true);
  });
});

describe('panels', () => {
  const PANELS: PanelOptions = {
    ...USUAL_PANELS,
    widthInches: 2,
    heightInches: 1.5,
    overlapInches: 0.1,
    bleedInches: 0.05,
  };
  const DPI = 300;

  it.each(['png', 'jpeg', 'tiff'] as const)(
    'are cut out of the picture, with overlap and bleed, as %s',
    async (format) => {
      const source = await scene(211, 163);
      const { files, made } = await exported(source, PANELS, {
        ...SIZE,
        format,
        quality: 100,
        chroma: '444',
        dpi: DPI,
      });
      const plan = planPanels({ width: 1531, height: 1187 }, PANELS, DPI);
      expect([plan.columns, plan.rows, plan.overlap, plan.bleed]).toEqual([3, 3, 30, 15]);
      expect(made).toBe(10);
      expect(files.size).toBe(10);
      // An extended copy of the picture by libvips: its border repeated as far as the bleed goes.
      const extended = await sharp(await whole(source, SIZE))
        .extend({ top: 15, bottom: 15, left: 15, right: 15, extendWith: 'copy' })
        .png()
        .toBuffer();
      for (const [i, { full, row, column }] of plan.panels.entries()) {
        const ending = { png: 'png', jpeg: 'jpg', tiff: 'tif' }[format];
        const file = files.get(`panel-${i + 1}-row-${row + 1}-column-${column + 1}.${ending}`)!;
        const { density, width, height } = await sharp(file).metadata();
        expect([density, width, height]).toEqual([DPI, full.width, full.height]);
        const rect = { left: full.x + 15, top: full.y + 15, width: full.width, height: full.height };
        const want = await sharp(extended).extract(rect).raw().toBuffer();
        expect(largest((await raw(file)).data, want)).toBeLessThanOrEqual(format === 'jpeg' ? 6 : 0);
      }
      const page = files.get('plan.html')!.toString();
      expect(page).toContain('9 panels, 3 rows of 3');
      expect(page.match(/<rect/g)).toHaveLength(9);
    },
  );

  it('may be larger together than the format', async () => {
    // A JPEG ends at 65,500 pixels; its panels do not.
    const source = await scene(1400, 8);
    const target = { kind: 'scale', x: 50, y: 1 } as const;
    const { files } = await exported(
      source,
      { ...PANELS, widthInches: 100 },
      { format: 'jpeg', dpi: DPI, target, kernel: 'bilinear' },
    );
    expect([...files.keys()].filter((name) => name.endsWith('.jpg'))).toHaveLength(3);
  });
});

describe('what cannot be', () => {
  it.each<[string, ExportOptions, Partial<JobOptions>, RegExp]>([
    ['tiles of TIFF', { kind: 'deepzoom' }, { format: 'tiff' }, /PNG or JPEG, not in TIFF/],
    ['a pyramid of PNG', { kind: 'pyramid' }, { format: 'png' }, /in TIFF, not in PNG/],
    ['panels that are all overlap', { ...USUAL_PANELS, overlapInches: 8 }, {}, /cannot overlap/],
    [
      'thousands of panels',
      { ...USUAL_PANELS, widthInches: 0.5, heightInches: 0.5, overlapInches: 0 },
      { dpi: 300, target: { kind: 'scale', x: 50, y: 50 } },
      /2000 is the most/,
    ],
  ])('%s', async (_what, made, options, message) => {
    await expect(exported(await scene(211, 163), made, options)).rejects.toThrow(message);
  });

  it('leaves nothing of a set that is cancelled', async () => {
    const abort = new AbortController();
    const source = await scene(400, 400);
    const job = runTestJob({
      source,
      options: { target: { kind: 'scale', x: 20, y: 20 }, format: 'png', export: { kind: 'deepzoom' } },
      engines: [SIMD],
      signal: abort.signal,
      onEvent: (event) => {
        if (event.kind === 'progress') abort.abort(new DOMException('enough', 'AbortError'));
      },
    });
    await expect(job).rejects.toThrow('enough');
  });
});
