/**
 * `npx tsx bench/models-quality.ts`: how near each bundled model comes to the truth, against Lanczos-3. Real pictures are made small with bicubic
 * (Catmull-Rom, as wide as the reduction asks for), some also coded as JPEG, and enlarged again as a job does it: tiles, colour lock, and Lanczos-3 to the exact size.
 *
 * PSNR and SSIM of luminance (BT.601, 16 to 235), without `scale` pixels at the borders; SSIM with a Gaussian of 1.5 pixels in 11 x 11
 * (Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004). `--quick` takes four pictures;
 * `--only ID` one model; `--save DIR` keeps the enlarged pictures for looking at them; `--side N` takes larger parts of them (320), and `--tile N` other
 * tiles of networks that average over their tile, up to the whole part.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { AI_DEFAULTS, type AiOptions, type NoiseLevel } from '../src/core/ai.ts';
import type { AiPass } from '../src/core/plan/ai-passes.ts';
import type { KernelName } from '../src/core/resampling.ts';
import { resampleRect } from '../src/core/reference/resample.ts';
import type { Rect } from '../src/core/geometry.ts';
import { CATALOGUE, type ModelKind } from '../src/models/catalogue.ts';
import { AiPicture } from '../src/pipeline/ai/ai-reader.ts';
import { chooseModels } from '../src/pipeline/ai/choose-models.ts';
import { LocalRunners } from '../test/support/model-runners.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    save: { type: 'string', default: '' },
    side: { type: 'string' },
    tile: { type: 'string' },
  },
});

/** Debian packages, with the folder that their pictures are in. */
const PACKAGES = {
  'python3-skimage': 'usr/lib/python3/dist-packages/skimage/data',
  'mate-backgrounds': 'usr/share/backgrounds/mate/nature',
  'renpy-thequestion': 'usr/share/games/renpy/the_question/game/images',
  'renpy-demo': 'usr/share/games/renpy/demo/game/images',
} as const;

interface Picture {
  readonly from: keyof typeof PACKAGES;
  readonly file: string;
  readonly kind: ModelKind;
}

const photo = (from: Picture['from'], ...files: string[]): Picture[] =>
  files.map((file) => ({ from, file, kind: 'photo' }));
const art = (from: Picture['from'], ...files: string[]): Picture[] =>
  files.map((file) => ({ from, file, kind: 'art' }));

/** Photographs (of scikit-image's data and MATE's backgrounds) and drawings (of two games of Ren'Py). */
const PICTURES: readonly Picture[] = [
  ...photo('python3-skimage', 'astronaut.png', 'chelsea.png', 'coffee.png', 'rocket.jpg', 'motorcycle_left.png'),
  ...photo('mate-backgrounds', 'Garden.jpg', 'LadyBird.jpg', 'FreshFlower.jpg'),
  ...art('renpy-thequestion', 'sylvie blue giggle.png', 'sylvie green smile.png', 'bg club.jpg', 'bg uni.jpg'),
  ...art('renpy-demo', 'lucy happy.png', 'eileen happy.png', 'bg whitehouse.jpg', 'bg cave.jpg'),
];

/** Side of the part of a picture that is taken, from its middle; a multiple of 4. */
const SIDE = flags.side === undefined ? (flags.quick ? 160 : 320) : Number(flags.side);

/** Rows of red, green and blue. */
interface Rgb {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

function fetchPackages(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of Object.keys(PACKAGES)) {
    if (existsSync(join(folder, name))) continue;
    const temporary = mkdtempSync(join(tmpdir(), 'pictures-'));
    const script = `cd '${temporary}' && apt-get download -qq ${name} && dpkg -x ${name}_*.deb '${join(folder, name)}'`;
    spawnSync('sh', ['-c', script], { stdio: 'ignore', timeout: 240_000 });
    rmSync(temporary, { recursive: true });
    if (!existsSync(join(folder, name))) throw new Error(`Debian's package ${name} could not be fetched.`);
  }
}

async function rgbOf(image: Sharp): Promise<Rgb> {
  const { data, info } = await image.toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** The middle of a picture. Large photographs are made half as large first: their pixels are softer than a model expects. */
async function truthOf({ from, file }: Picture, folder: string): Promise<Rgb> {
  const path = join(folder, from, PACKAGES[from], file);
  const whole = await rgbOf(sharp(path).flatten({ background: '#fff' }));
  const { width, height } = whole.width > 1200 ? { width: whole.width >> 1, height: whole.height >> 1 } : whole;
  const picture = width === whole.width ? whole : resampled(whole, width, height, 'catmull-rom');
  const side = Math.min(SIDE, picture.width & ~3, picture.height & ~3);
  const image = sharp(picture.data, { raw: { width, height, channels: 3 } });
  return rgbOf(image.extract({ left: (width - side) >> 1, top: (height - side) >> 1, width: side, height: side }));
}

function resampled(source: Rgb, width: number, height: number, kernel: KernelName): Rgb {
  const format = { channels: 3, depth: 8 } as const;
  const from = { width: source.width, height: source.height };
  const data = resampleRect(
    {
      stages: [{ from, to: { width, height }, kernel }],
      ...{ input: format, output: format, curves: null, clampOvershoot: false, background: null },
    },
    { ...from, ...format, capacity: source.height, data: source.data },
    { x: 0, y: 0, width, height },
  );
  return { width, height, data };
}

const runners = new LocalRunners();

/** With tiles of the side that was asked for, where it matters. */
const tiled = ({ shape, ...pass }: AiPass): AiPass =>
  flags.tile === undefined || shape.overlap === 0
    ? { ...pass, shape }
    : { ...pass, shape: { ...shape, tile: Number(flags.tile) } };

/** What a job makes of a picture. */
async function enlarged(source: Rgb, ai: AiOptions | null, width: number, height: number): Promise<Rgb> {
  if (ai === null) return resampled(source, width, height, 'lanczos3');
  const chosen = chooseModels(ai, source, { width, height });
  if ('code' in chosen) throw new Error(chosen.message);
  const passes = chosen.map(tiled);
  const pixels = {
    ...({ width: source.width, height: source.height, channels: 3, depth: 8 } as const),
    region: (rect: Rect): Promise<Uint8Array<ArrayBuffer>> => {
      const rows = Array.from({ length: rect.height }, (_, y) => {
        const from = 3 * ((rect.y + y) * source.width + rect.x);
        return source.data.subarray(from, from + 3 * rect.width);
      });
      const all = new Uint8Array(3 * rect.width * rect.height);
      rows.forEach((row, y) => all.set(row, 3 * y * rect.width));
      return Promise.resolve(all);
    },
  };
  const { signal } = new AbortController();
  const picture = new AiPicture(pixels, { passes, choices: ai, runners, hashOf: () => '', signal });
  const size = passes.at(-1)!.output;
  const data = await picture.pixels.region({ x: 0, y: 0, ...size });
  await picture.close();
  return resampled({ ...size, data }, width, height, 'lanczos3');
}

/** Luminance, 16 to 235. */
function luminance({ width, height, data }: Rgb): Float64Array {
  return Float64Array.from({ length: width * height }, (_, i) => {
    const [r, g, b] = [data[3 * i]!, data[3 * i + 1]!, data[3 * i + 2]!];
    return 16 + (65.481 * r + 128.553 * g + 24.966 * b) / 255;
  });
}

interface Score {
  readonly psnr: number;
  readonly ssim: number;
}

const WINDOW = Array.from({ length: 11 }, (_, i) => Math.exp(-((i - 5) ** 2) / (2 * 1.5 ** 2)));
const WINDOW_SUM = WINDOW.reduce((a, b) => a + b);

/** Means under the window, at every place where all of it lies on the picture. */
function blurred(values: Float64Array, width: number, height: number): Float64Array {
  const across = new Float64Array((width - 10) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width - 10; x++) {
      let sum = 0;
      for (let k = 0; k < 11; k++) sum += WINDOW[k]! * values[y * width + x + k]!;
      across[y * (width - 10) + x] = sum / WINDOW_SUM;
    }
  }
  const result = new Float64Array((width - 10) * (height - 10));
  for (let i = 0; i < result.length; i++) {
    let sum = 0;
    for (let k = 0; k < 11; k++) sum += WINDOW[k]! * across[i + k * (width - 10)]!;
    result[i] = sum / WINDOW_SUM;
  }
  return result;
}

function score(truth: Rgb, result: Rgb, border: number): Score {
  const [width, height] = [truth.width - 2 * border, truth.height - 2 * border];
  const inner = (picture: Rgb): Float64Array => {
    const all = luminance(picture);
    return Float64Array.from(
      { length: width * height },
      (_, i) => all[(Math.floor(i / width) + border) * truth.width + border + (i % width)]!,
    );
  };
  const [a, b] = [inner(truth), inner(result)];
  const squares = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;
  const mean = (of: Float64Array): Float64Array => blurred(of, width, height);
  const [ma, mb] = [mean(a), mean(b)];
  const [aa, bb, ab] = [mean(a.map((v) => v * v)), mean(b.map((v) => v * v)), mean(a.map((v, i) => v * b[i]!))];
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let ssim = 0;
  for (let i = 0; i < ma.length; i++) {
    const [x, y] = [ma[i]!, mb[i]!];
    const covariance = ab[i]! - x * y;
    const variances = aa[i]! - x * x + bb[i]! - y * y;
    ssim += ((2 * x * y + c1) * (2 * covariance + c2)) / ((x * x + y * y + c1) * (variances + c2));
  }
  return { psnr: 10 * Math.log10(255 ** 2 / squares), ssim: ssim / ma.length };
}

interface Contestant {
  readonly name: string;
  readonly ai: AiOptions | null;
  /** The model works on what Lanczos-3 has enlarged. */
  readonly onEnlarged?: boolean;
  readonly kinds: readonly ModelKind[];
}

const RESTORE = { kind: 'bundled', id: 'anime4k-restore' } as const;

const CONTESTANTS: readonly Contestant[] = [
  { name: 'Lanczos-3', ai: null, kinds: ['photo', 'art'] },
  ...CATALOGUE.filter(({ task }) => task === 'enlarge').flatMap(({ id, denoising, kinds }) => {
    const levels: (NoiseLevel | null)[] = [null, ...Object.keys(denoising).map((level) => Number(level) as NoiseLevel)];
    return levels.map((noise) => ({
      name: noise === null ? id : `${id}, noise ${noise}`,
      ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id }, noise } as const,
      kinds,
    }));
  }),
  {
    name: 'anime4k-restore, then anime4k-ul',
    ai: { ...AI_DEFAULTS, model: { kind: 'bundled', id: 'anime4k-ul' }, before: [RESTORE] },
    kinds: ['art'],
  },
  {
    name: 'Lanczos-3, then anime4k-restore',
    ai: { ...AI_DEFAULTS, model: RESTORE },
    onEnlarged: true,
    kinds: ['art'],
  },
];

const here = fileURLToPath(new URL('.', import.meta.url));
const folder = join(here, 'out/pictures');
fetchPackages(folder);
if (flags.save !== '') mkdirSync(flags.save, { recursive: true });

const pictures = flags.quick ? [0, 5, 8, 12].map((i) => PICTURES[i]!) : PICTURES;
const truths = await Promise.all(pictures.map((picture) => truthOf(picture, folder)));

/** What becomes of a picture before it is enlarged: made small by a factor, and coded with a quality. */
const CASES = [
  { scale: 2, jpeg: null },
  { scale: 2, jpeg: 70 },
  { scale: 4, jpeg: null },
] as const;

for (const { scale, jpeg } of CASES) {
  const sources = await Promise.all(
    truths.map(async (truth) => {
      const small = resampled(truth, truth.width / scale, truth.height / scale, 'catmull-rom');
      if (jpeg === null) return small;
      const raw = { width: small.width, height: small.height, channels: 3 } as const;
      return rgbOf(sharp(await sharp(small.data, { raw }).jpeg({ quality: jpeg }).toBuffer()));
    }),
  );
  console.log(`\n### ${scale}x${jpeg === null ? '' : `, JPEG of quality ${jpeg}`}\n`);
  const counts = (['photo', 'art'] as const).map((kind) => pictures.filter((picture) => picture.kind === kind).length);
  console.log(`| model | ${counts[0]} photographs | ${counts[1]} drawings |\n| --- | ---: | ---: |`);
  for (const { name, ai, kinds, onEnlarged = false } of CONTESTANTS) {
    if (flags.only !== '' && ai !== null && !name.includes(flags.only)) continue;
    const scores: Score[] = [];
    for (const [i, truth] of truths.entries()) {
      const source = onEnlarged ? resampled(sources[i]!, truth.width, truth.height, 'lanczos3') : sources[i]!;
      const result = await enlarged(source, ai, truth.width, truth.height);
      scores.push(score(truth, result, scale));
      if (flags.save === '') continue;
      const label = `${pictures[i]!.file.replace(/\.\w+$/, '')} ${scale}x${jpeg === null ? '' : ' jpeg'} ${name}.png`;
      const raw = { width: result.width, height: result.height, channels: 3 } as const;
      await sharp(result.data, { raw }).toFile(join(flags.save, label));
    }
    const cell = (kind: ModelKind): string => {
      const of = scores.filter((_, i) => pictures[i]!.kind === kind);
      const mean = (pick: (score: Score) => number): number => of.reduce((sum, s) => sum + pick(s), 0) / of.length;
      const text = `${mean(({ psnr }) => psnr).toFixed(2)} ${mean(({ ssim }) => ssim).toFixed(4)}`;
      return kinds.includes(kind) ? text : `(${text})`;
    };
    console.log(`| ${name} | ${cell('photo')} | ${cell('art')} |`);
  }
}
