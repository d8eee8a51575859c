/** What crosses between a preview and those who look at it. Types only. */
import type { PictureShape } from '../../core/encoding.ts';
import type { Refusal } from '../../core/errors.ts';
import type { Rect, Size } from '../../core/geometry.ts';
import type { JobOptions } from '../../core/options.ts';
import type { Text } from '../../core/text.ts';

/** What a set of options would make of the picture. */
export type PreviewPlan =
  | { readonly kind: 'plan'; readonly picture: PictureShape; readonly warnings: readonly Text[] }
  | (Refusal & { readonly kind: 'refusal' });

/** What a tile shows. Everything is of one size and shape: options whose outputs differ are compared at a common size. */
export type TileView =
  | { readonly kind: 'picture'; readonly options: JobOptions }
  /** As above, and at the output's own size as a JPEG of these options comes out. */
  | { readonly kind: 'coded'; readonly options: JobOptions }
  /** How far two results are apart, times `gain`. */
  | { readonly kind: 'difference'; readonly before: JobOptions; readonly after: JobOptions; readonly gain: number };

/** A rectangle of a picture at a size. */
export interface Region {
  /** The size of the whole: the output's, or a smaller one. */
  readonly size: Size;
  readonly rect: Rect;
}

/** Samples at a point: the source's own (after the edit), and those of the result. */
export interface PointValues {
  readonly source: {
    readonly x: number;
    readonly y: number;
    readonly samples: readonly number[];
    readonly depth: 8 | 16;
  };
  readonly result: {
    readonly x: number;
    readonly y: number;
    readonly samples: readonly number[];
    readonly depth: 8 | 16;
  };
}
