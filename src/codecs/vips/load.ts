import type VipsModule from 'wasm-vips';
import heif from 'wasm-vips/vips-heif.wasm?url';
import jxl from 'wasm-vips/vips-jxl.wasm?url';
import core from 'wasm-vips/vips.wasm?url';
import { AppError } from '../../core/errors.ts';
// libvips starts threads of its own.
import '../../core/script-policy.ts';
import script from './generated/vips-es6.js?url';
import { say, str } from '../../core/text.ts';

/** An instance of libvips. */
export type Vips = typeof VipsModule;
export type VipsImage = VipsModule.Image;

/**
 * The most that one instance can hold, in bytes: the maximum its memory is declared with. Decoded pixels handed over to
 * JavaScript do not count. An instance never gives memory back; ending its worker does.
 */
export const VIPS_HEAP_BYTES = 2 ** 31;

/**
 * libvips is LGPL, so its .wasm files are served untouched beside the app, where anyone can replace them, and loaded by
 * address: no bundler goes through them.
 */
const files: Readonly<Record<string, string>> = {
  'vips.wasm': core,
  'vips-heif.wasm': heif,
  'vips-jxl.wasm': jxl,
};

/** Whether libvips can run here: its threads need SharedArrayBuffer, and so a cross-origin isolated page. */
export const vipsAvailable = (): boolean => typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated;

/** The part of libvips that a format needs beside its core. */
const SIDE_MODULES: Readonly<Partial<Record<string, string>>> = { avif: 'vips-heif.wasm', jxl: 'vips-jxl.wasm' };

const loading = new Map<string | undefined, Promise<Vips>>();

/**
 * An instance for a format, loaded at the first call (5 MB of files, 2 to 4 more for JPEG XL and AVIF); a failed load is tried again by the next call.
 * Each of its threads would load every part that it is given, and in Firefox some wait for one another for ever: it gets no part that it does not need.
 * Only for a worker of its own: the calls block. Rejects with `unsupported-input` where there is no SharedArrayBuffer,
 * with `read-failed` when its files cannot be had.
 */
export function loadVips(format: string): Promise<Vips> {
  const side = SIDE_MODULES[format];
  const known = loading.get(side);
  if (known !== undefined) return known;
  const started = start(side === undefined ? [] : [side]).catch((error: unknown) => {
    loading.delete(side);
    throw error;
  });
  loading.set(side, started);
  return started;
}

async function start(dynamicLibraries: string[]): Promise<Vips> {
  if (!vipsAvailable()) {
    throw new AppError(
      'unsupported-input',
      say('The decoder for this file needs shared memory, which this page has not.'),
      {
        remedy: say(
          'Serve the app with the headers COOP same-origin and COEP require-corp, or convert the file to PNG or JPEG.',
        ),
      },
    );
  }
  const address = new URL(script, import.meta.url).href;
  try {
    const { default: create } = (await import(/* @vite-ignore */ address)) as { default: typeof VipsModule };
    const vips = (await create({
      dynamicLibraries,
      locateFile: (name) => new URL(files[name] ?? name, import.meta.url).href,
      mainScriptUrlOrBlob: address,
      // Warnings of the loaders; what stops a decoder arrives as an exception.
      print: () => undefined,
      printErr: () => undefined,
    })) as Vips;
    limit(vips);
    return vips;
  } catch (error) {
    throw new AppError('read-failed', say(str`The image library could not be loaded: ${String(error)}.`), {
      remedy: say('Connect once, so that the app can keep it; if that does not help, reload the page.'),
      cause: error,
    });
  }
}

/** Each operation runs once, so nothing is worth caching; one thread computes, while the worker's own feeds and drains it. */
function limit(vips: Vips): void {
  vips.concurrency(1);
  vips.Cache.max(0);
  vips.Cache.maxMem(0);
}
