import type { AiOptions } from './ai.ts';
import { NO_EDIT, type Edit } from './edit/edit.ts';
import { editedSize } from './edit/plan-edit.ts';
import type { Chroma, DeflateLevel } from './encoding.ts';
import type { EngineName } from './engine.ts';
import { ONE_FILE, type ExportOptions } from './exports.ts';
import { NO_FINISH, type Finish } from './finish.ts';
import type { OutputFormat } from './formats.ts';
import type { Size } from './geometry.ts';
import type { HookUrls } from './hooks.ts';
import type { MetadataPolicy } from './metadata.ts';
import type { Depth } from './pixels.ts';
import type { KernelName, MethodName } from './resampling.ts';

/** What size the output shall have, in the words of the person who asks. */
export type Target =
  | { readonly kind: 'scale'; readonly x: number; readonly y: number }
  | { readonly kind: 'width'; readonly pixels: number }
  | { readonly kind: 'height'; readonly pixels: number }
  | { readonly kind: 'exact'; readonly width: number; readonly height: number }
  | { readonly kind: 'long'; readonly pixels: number }
  | { readonly kind: 'short'; readonly pixels: number }
  | { readonly kind: 'megapixels'; readonly megapixels: number }
  /** Fills the sheet at the density, keeping the proportions: the smallest size that covers it in both directions. */
  | { readonly kind: 'print'; readonly widthInches: number; readonly heightInches: number; readonly dpi: number };

/** Everything a person can choose for one job. Plain data: it is stored, crosses threads and stands in receipts. */
export interface JobOptions {
  /** What is done to the upright source before everything else. */
  readonly edit: Edit;
  /** The size of the edited picture. */
  readonly target: Target;
  readonly kernel: KernelName;
  readonly method: MethodName;
  readonly linear: boolean;
  readonly clampOvershoot: boolean;
  /** What is done to the finished pixels before they are coded. */
  readonly finish: Finish;
  readonly engine: EngineName | 'auto';
  readonly format: OutputFormat;
  /** One file, or many of this format. */
  readonly export: ExportOptions;
  /** 1..100 for lossy formats. */
  readonly quality: number;
  /** The most bytes that the file may have: the best quality up to `quality` that keeps to it is searched. Null: no limit. */
  readonly maxBytes: number | null;
  readonly chroma: Chroma;
  readonly level: DeflateLevel;
  /** `source` keeps 16 bits where the source has them and the format can hold them. */
  readonly depth: Depth | 'source';
  readonly metadata: MetadataPolicy;
  /** Density to write, pixels per inch; null keeps the source's. */
  readonly dpi: number | null;
  /** Encoded sRGB-like colour, 0..255 each, behind transparent pixels in formats without alpha. */
  readonly background: readonly [number, number, number];
  /**
   * Modules to call around the resampling, as URLs of the app's own origin; see `BandHook` in core/hooks.ts.
   */
  readonly hooks: HookUrls;
  /** Enlarge with a model first, and resample what it gives to the exact size; null resamples the source. */
  readonly ai: AiOptions | null;
}

export const DEFAULT_OPTIONS: JobOptions = {
  edit: NO_EDIT,
  target: { kind: 'scale', x: 2, y: 2 },
  kernel: 'lanczos3',
  method: 'direct',
  linear: false,
  clampOvershoot: false,
  finish: NO_FINISH,
  engine: 'auto',
  format: 'png',
  export: ONE_FILE,
  quality: 90,
  maxBytes: null,
  chroma: '420',
  level: 'fast',
  depth: 'source',
  metadata: 'keep',
  dpi: null,
  background: [255, 255, 255],
  hooks: { before: null, after: null },
  ai: null,
};

/** The factors between which an enlargement or reduction is offered, each way. */
export const MIN_SCALE = 0.05;
export const MAX_SCALE = 50;

const atLeastOne = (value: number): number => Math.max(1, Math.round(value));

const scaled = (source: Size, factor: number): Size => ({
  width: atLeastOne(source.width * factor),
  height: atLeastOne(source.height * factor),
});

/** Whether a picture has the proportions of a sheet but for a pixel of each side: those of a crop are rounded to whole pixels. */
const fitsSheet = ({ width, height }: Size, sheetWidth: number, sheetHeight: number): boolean =>
  (width - 1) * sheetHeight <= (height + 1) * sheetWidth && (height - 1) * sheetWidth <= (width + 1) * sheetHeight;

/** The output size in pixels of a target for an upright source. Pure; does not check limits. */
export function resolveTarget(source: Size, target: Target): Size {
  const { width, height } = source;
  switch (target.kind) {
    case 'scale':
      return { width: atLeastOne(width * target.x), height: atLeastOne(height * target.y) };
    case 'width':
      return { width: atLeastOne(target.pixels), height: atLeastOne((height * target.pixels) / width) };
    case 'height':
      return { width: atLeastOne((width * target.pixels) / height), height: atLeastOne(target.pixels) };
    case 'exact':
      return { width: atLeastOne(target.width), height: atLeastOne(target.height) };
    case 'long':
      return scaled(source, target.pixels / Math.max(width, height));
    case 'short':
      return scaled(source, target.pixels / Math.min(width, height));
    case 'megapixels':
      return scaled(source, Math.sqrt((target.megapixels * 1e6) / (width * height)));
    case 'print': {
      const sheetWidth = target.widthInches * target.dpi;
      const sheetHeight = target.heightInches * target.dpi;
      const turned = width > height !== sheetWidth > sheetHeight && sheetWidth !== sheetHeight;
      const [w, h] = turned ? [sheetHeight, sheetWidth] : [sheetWidth, sheetHeight];
      // The sheet and no more, at the cost of a stretch by less than a pixel of the source.
      if (fitsSheet(source, w, h)) return { width: atLeastOne(w), height: atLeastOne(h) };
      return scaled(source, Math.max(w / width, h / height));
    }
    default:
      return target satisfies never;
  }
}

/** The output size in pixels for an upright source that is edited first. Pure; does not check limits. */
export const outputSizeOf = (upright: Size, { edit, target }: Pick<JobOptions, 'edit' | 'target'>): Size =>
  resolveTarget(editedSize(upright, edit), target);
