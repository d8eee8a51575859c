import type { EngineJob } from '../core/engine.ts';
import { AppError } from '../core/errors.ts';
import type { Rect, Size } from '../core/geometry.ts';
import type { BandHook, HookUrls } from '../core/hooks.ts';
import type { PixelFormat } from '../core/pixels.ts';
import { takeRows, windowOfRows, type SourceWindow } from '../core/source.ts';
import { sourceRowsFor } from '../core/taps.ts';

/** The user's functions around the resampling, loaded into this thread. */
export interface LoadedHooks {
  readonly before: BandHook | null;
  readonly after: BandHook | null;
}

export const NO_HOOKS: LoadedHooks = { before: null, after: null };

/** Imports the hook modules. Rejects with `bad-options` when one cannot be loaded or exports no function. */
export async function loadHooks(urls: HookUrls): Promise<LoadedHooks> {
  if (urls.before === null && urls.after === null) return NO_HOOKS;
  return { before: await loadHook(urls.before), after: await loadHook(urls.after) };
}

async function loadHook(url: string | null): Promise<BandHook | null> {
  if (url === null) return null;
  const loaded = (await import(/* @vite-ignore */ url).catch((cause: unknown) => {
    throw new AppError('bad-options', `The hook module ${url} could not be loaded.`, { values: { url }, cause });
  })) as { default?: unknown };
  if (typeof loaded.default !== 'function') {
    const remedy = 'Export a function as the default: (rows, place) => { … }.';
    throw new AppError('bad-options', `The hook module ${url} has no default function.`, { remedy, values: { url } });
  }
  return loaded.default as BandHook;
}

/**
 * The window that a rectangle of the output is resampled from: the job's own, or, with a hook before the resampling, a
 * private copy of the rows under the rectangle that the hook has worked on.
 */
export async function hookedWindow(hooks: LoadedHooks, job: EngineJob, rect: Rect): Promise<SourceWindow> {
  const { source } = job;
  if (hooks.before === null) return source;
  const { first, count } = sourceRowsFor(job.spec, rect.y, rect.height);
  const rows = takeRows(source, first, count);
  const { width, channels, depth } = source;
  const raster = { width, height: count, channels, depth, data: rows.data };
  await callHook(hooks.before, raster, { y: first, imageHeight: source.height });
  return windowOfRows(source, rows);
}

/** Lets the hook after the resampling change finished full-width rows in place; clipped previews are left alone. */
export async function applyAfterHook(
  hooks: LoadedHooks,
  picture: Size & PixelFormat,
  rect: Rect,
  rows: Uint8Array,
): Promise<void> {
  if (hooks.after === null) return;
  const { channels, depth, height } = picture;
  const raster = { width: rect.width, height: rect.height, channels, depth, data: rows };
  await callHook(hooks.after, raster, { y: rect.y, imageHeight: height });
}

/** A hook that throws is the user's fault, not the engine's: no other engine is to be tried. */
async function callHook(hook: BandHook, ...args: Parameters<BandHook>): Promise<void> {
  try {
    await hook(...args);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('bad-options', `The hook failed: ${why}`, { remedy: 'Correct the hook module.', cause });
  }
}
