/** What the command line asks for, and where the built page lies. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Size } from '../../src/core/geometry.ts';

const here = dirname(fileURLToPath(import.meta.url));

/** The folder of the page: that of the packed program, or bench/out/gpu. */
export const BUILT = import.meta.url.endsWith('.mjs') ? here : join(here, '../out/gpu');

export const { values: options } = parseArgs({
  options: {
    pack: { type: 'boolean', default: false },
    software: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    models: { type: 'string', default: '' },
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: BUILT },
    browser: { type: 'string', default: process.env['CHROMIUM'] ?? '' },
    playwright: { type: 'string', default: process.env['PLAYWRIGHT'] ?? '' },
  },
});

export const isQuick = options.quick;

/** How often each case is measured after one run to warm up. */
export const runs = isQuick ? 1 : Number(options.runs);

/** A size as it is, or a sixteenth of it under --quick. */
export const sized = (width: number, height: number): Size =>
  isQuick ? { width: Math.ceil(width / 16), height: Math.ceil(height / 16) } : { width, height };

/** The photograph of 2000 x 3000 as it was packed (null), or its small size under --quick. */
export const PHOTO: Size | null = isQuick ? sized(2000, 3000) : null;
