import type { Raster } from './pixels.ts';

/**
 * The default export of a hook module. Called in the worker that owns the rows, once for every run of full-width rows:
 * before the resampling with source rows (runs of neighbouring bands overlap), after it with finished rows.
 * Changes the samples in place; must depend on each pixel alone, or bands would show.
 */
export type BandHook = (
  rows: Raster,
  place: { readonly y: number; readonly imageHeight: number },
) => void | Promise<void>;

/** Where hook modules come from: URLs of the app's own origin, or null for none. */
export interface HookUrls {
  readonly before: string | null;
  readonly after: string | null;
}
