import { refusalOf, type Refusal } from './errors.ts';
import type { FormatMeta, OutputFormat } from './formats.ts';
import type { Rect, Size } from './geometry.ts';
import { say, str, type Text } from './text.ts';

/** Panels of a print, all lengths in inches. */
export interface PanelOptions {
  readonly kind: 'panels';
  /** What is left of a panel when its bleed is cut off. */
  readonly widthInches: number;
  readonly heightInches: number;
  /** What neighbouring panels have in common, to lay them over one another. */
  readonly overlapInches: number;
  /** What is printed beyond each edge of a panel, and cut off. */
  readonly bleedInches: number;
}

/**
 * What is made of the finished picture: one file; deep-zoom tiles (DZI, of which viewers load what is looked at); a TIFF of tiles with
 * smaller copies of the picture in it; or panels to print, each a file of its own.
 */
export type ExportOptions =
  { readonly kind: 'file' } | { readonly kind: 'deepzoom' } | { readonly kind: 'pyramid' } | PanelOptions;

export type ExportKind = ExportOptions['kind'];

export const EXPORT_KINDS = ['file', 'deepzoom', 'pyramid', 'panels'] as const satisfies readonly ExportKind[];

export const ONE_FILE: ExportOptions = { kind: 'file' };

/** Sheets of A4 with a centimetre to lay over one another and the usual bleed of printers. */
export const USUAL_PANELS: PanelOptions = {
  kind: 'panels',
  widthInches: 210 / 25.4,
  heightInches: 297 / 25.4,
  overlapInches: 10 / 25.4,
  bleedInches: 3 / 25.4,
};

/** The density of panels where nobody has said any, pixels per inch. */
export const PANEL_DPI = 300;

/** Pixels of a deep-zoom tile without its overlap, which is on every side that has a neighbour: 512 in all. */
export const ZOOM_TILE = { side: 510, overlap: 1 } as const;

/**
 * Pixels of a side of a TIFF's tile: multiples of 16 (TIFF 6.0 section 15). A tiny picture gets one that is hardly larger than itself, since
 * libvips takes others for damaged.
 */
export const pyramidTile = ({ width, height }: Size): number =>
  Math.min(512, Math.ceil(Math.max(width, height) / 16) * 16);

/** More panels than this are a mistake. */
export const MOST_PANELS = 2000;

/** The file that marks a folder of files as incomplete: whoever finds it after the job has ended may delete the folder. */
export const UNFINISHED = 'unfinished.txt';

/** Whether a result is a folder of files, or a ZIP of them where it goes to no folder. */
export const isFileSet = ({ kind }: ExportOptions): boolean => kind === 'deepzoom' || kind === 'panels';

/** The formats that an export can be made of. */
export function exportFormats(kind: ExportKind, metas: readonly FormatMeta[]): readonly FormatMeta[] {
  switch (kind) {
    case 'file':
      return metas;
    case 'deepzoom':
      return metas.filter(({ format }) => format === 'jpeg' || format === 'png');
    case 'pyramid':
      return metas.filter(({ format }) => format === 'tiff');
    case 'panels':
      return metas.filter(({ banded }) => banded);
    default:
      return kind satisfies never;
  }
}

/** A name for a set of files: of its folder, or of a ZIP. */
export function exportName(name: string, { kind }: ExportOptions, folder: boolean): string {
  if (kind === 'file' || kind === 'pyramid') return name;
  const dot = name.lastIndexOf('.');
  const stem = `${dot > 0 ? name.slice(0, dot) : name}-${kind === 'deepzoom' ? 'tiles' : 'panels'}`;
  return folder ? stem : `${stem}.zip`;
}

/** Sizes of a picture halved again and again, rounded up, the whole one first, down to one that fits into a square of `side` pixels. */
export function halvings({ width, height }: Size, side: number): readonly Size[] {
  const sizes: Size[] = [{ width, height }];
  for (let last = sizes[0]!; last.width > side || last.height > side;) {
    last = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) };
    sizes.push(last);
  }
  return sizes;
}

/** A panel of a print. */
export interface Panel {
  /** From 1, by rows. */
  readonly number: number;
  /** From 0. */
  readonly row: number;
  readonly column: number;
  /** The part of the picture on it when its bleed is cut off. */
  readonly trim: Rect;
  /** With the bleed: reaches beyond the picture at its borders, where the border's pixels are repeated. */
  readonly full: Rect;
}

/** How a picture is cut into panels; lengths in pixels. */
export interface PanelPlan {
  readonly columns: number;
  readonly rows: number;
  readonly overlap: number;
  readonly bleed: number;
  readonly dpi: number;
  readonly panels: readonly Panel[];
}

/** The largest panel, with its bleed. */
export function panelSize(picture: Size, options: PanelOptions, dpi: number): Size {
  const bleed = 2 * Math.round(options.bleedInches * dpi);
  return {
    width: Math.min(picture.width, Math.round(options.widthInches * dpi)) + bleed,
    height: Math.min(picture.height, Math.round(options.heightInches * dpi)) + bleed,
  };
}

/** Cuts a picture into panels, from the top left; the last of a row and of a column are as large as what is left. */
export function planPanels(picture: Size, options: PanelOptions, dpi: number): PanelPlan {
  const pixels = (inches: number): number => Math.round(inches * dpi);
  const [width, height] = [pixels(options.widthInches), pixels(options.heightInches)];
  const [overlap, bleed] = [pixels(options.overlapInches), pixels(options.bleedInches)];
  const along = (all: number, side: number): readonly { start: number; length: number }[] => {
    const count = all <= side ? 1 : Math.ceil((all - overlap) / (side - overlap));
    return Array.from({ length: count }, (_, i) => {
      const start = i * (side - overlap);
      return { start, length: Math.min(side, all - start) };
    });
  };
  const [across, down] = [along(picture.width, width), along(picture.height, height)];
  const panels = down.flatMap((y, row) =>
    across.map((x, column): Panel => {
      const trim = { x: x.start, y: y.start, width: x.length, height: y.length };
      const full = {
        x: trim.x - bleed,
        y: trim.y - bleed,
        width: trim.width + 2 * bleed,
        height: trim.height + 2 * bleed,
      };
      return { number: row * across.length + column + 1, row, column, trim, full };
    }),
  );
  return { columns: across.length, rows: down.length, overlap, bleed, dpi, panels };
}

/** The largest picture that a single file of an export has to hold. */
export function largestFile(picture: Size, options: ExportOptions, dpi: number): Size {
  switch (options.kind) {
    case 'file':
    case 'pyramid':
      return picture;
    case 'deepzoom': {
      const side = ZOOM_TILE.side + 2 * ZOOM_TILE.overlap;
      return { width: Math.min(picture.width, side), height: Math.min(picture.height, side) };
    }
    case 'panels':
      return panelSize(picture, options, dpi);
    default:
      return options satisfies never;
  }
}

const NAMES: Readonly<Record<ExportKind, Text>> = {
  file: say('A file'),
  deepzoom: say('Deep-zoom tiles'),
  pyramid: say('A tiled pyramid'),
  panels: say('Panels'),
};

/** Why an export cannot be made in this format, or with these panels; null when it can. */
export function exportRefusal(
  options: ExportOptions,
  format: OutputFormat,
  picture: Size,
  dpi: number,
  metas: readonly FormatMeta[],
): Refusal | null {
  const takers = exportFormats(options.kind, metas);
  if (!takers.some((meta) => meta.format === format)) {
    const labels = takers.map(({ label }) => label);
    return refusalOf(
      'bad-options',
      say(str`${NAMES[options.kind]} can be made in ${labels}, not in ${format.toUpperCase()}.`),
      say(str`Choose ${labels}.`),
      { format, export: options.kind },
    );
  }
  if (options.kind !== 'panels') return null;
  const side = Math.min(Math.round(options.widthInches * dpi), Math.round(options.heightInches * dpi));
  const overlap = Math.round(options.overlapInches * dpi);
  if (!(side >= 16 && overlap >= 0 && options.bleedInches >= 0 && overlap <= side / 2)) {
    return refusalOf(
      'bad-options',
      say(
        str`Panels of ${side} pixels cannot overlap by ${overlap}: they need at least 16 pixels, and twice their overlap.`,
      ),
      say('Choose larger panels or less overlap.'),
      { side, overlap },
    );
  }
  const columns = picture.width / (Math.round(options.widthInches * dpi) - overlap);
  const rows = picture.height / (Math.round(options.heightInches * dpi) - overlap);
  if (columns * rows <= MOST_PANELS) return null;
  return refusalOf(
    'bad-options',
    say(str`This would be about ${Math.round(columns * rows)} panels; ${MOST_PANELS} is the most.`),
    say('Choose larger panels.'),
    { panels: Math.round(columns * rows), most: MOST_PANELS },
  );
}
