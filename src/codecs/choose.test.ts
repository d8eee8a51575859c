import { describe, expect, it } from 'vitest';
import type { SourceInfo } from '../core/formats.ts';
import { NO_METADATA } from '../core/metadata.ts';
import { BROWSER_MOST_PIXELS, chooseDecoder, type DecodeEnvironment } from './choose.ts';

const FULL: DecodeEnvironment = { isolated: true, imageBitmap: true, memoryBudget: 2e9 };
const PLAIN: DecodeEnvironment = { ...FULL, isolated: false };

const source = (format: SourceInfo['format'], facts: Partial<SourceInfo> = {}): SourceInfo => ({
  ...{ format, mime: `image/${format}`, width: 2000, height: 3000, model: 'rgb', alpha: false, bits: 8 },
  ...{ channels: 3, depth: 8, progressive: false, frames: 1, bytes: 1e6, metadata: NO_METADATA, warnings: [] },
  ...facts,
});

const large = { width: 24_000, height: 25_000 };
const cmyk = { model: 'cmyk' } as const;
const deep = { bits: 16, depth: 16 } as const;
const transparent = { alpha: true, channels: 4 } as const;
const turned = { metadata: { ...NO_METADATA, orientation: 6 } } as const;

describe('chooseDecoder', () => {
  it.each<[string, SourceInfo, DecodeEnvironment, string]>([
    ['PNG', source('png'), FULL, 'png'],
    ['a giant PNG of 16 bits', source('png', { ...large, ...deep }), PLAIN, 'png'],
    ['JPEG', source('jpeg'), FULL, 'browser'],
    ['JPEG without isolation', source('jpeg'), PLAIN, 'browser'],
    ['progressive JPEG', source('jpeg', { progressive: true }), FULL, 'browser'],
    ['JPEG where bitmaps are missing', source('jpeg'), { ...FULL, imageBitmap: false }, 'vips'],
    ['a giant JPEG', source('jpeg', large), FULL, 'vips'],
    ['a JPEG just over what browsers get', source('jpeg', { width: BROWSER_MOST_PIXELS + 1, height: 1 }), FULL, 'vips'],
    ['the same without isolation', source('jpeg', { width: BROWSER_MOST_PIXELS + 1, height: 1 }), PLAIN, 'browser'],
    ['a giant progressive JPEG', source('jpeg', { ...large, progressive: true }), FULL, 'too-large-input'],
    ['a giant progressive grey JPEG', source('jpeg', { ...large, progressive: true, channels: 1 }), FULL, 'vips'],
    ['a giant JPEG without isolation', source('jpeg', large), PLAIN, 'too-large-input'],
    ['a CMYK JPEG', source('jpeg', cmyk), FULL, 'vips'],
    ['a CMYK JPEG without isolation', source('jpeg', cmyk), PLAIN, 'unsupported-input'],
    ['WebP', source('webp', transparent), FULL, 'browser'],
    ['transparent WebP where WebGL fails', source('webp', transparent), { ...FULL, straightAlpha: false }, 'vips'],
    ['the same without isolation', source('webp', transparent), { ...PLAIN, straightAlpha: false }, 'browser'],
    ['opaque WebP where WebGL fails', source('webp'), { ...FULL, straightAlpha: false }, 'browser'],
    ['AVIF', source('avif'), FULL, 'browser'],
    ['AVIF of 10 bits', source('avif', { bits: 10, depth: 16 }), FULL, 'vips'],
    ['AVIF of 10 bits without isolation', source('avif', { bits: 10, depth: 16 }), PLAIN, 'browser'],
    ['transparent AVIF', source('avif', transparent), FULL, 'vips'],
    ['transparent AVIF without isolation', source('avif', transparent), PLAIN, 'unsupported-input'],
    ['GIF', source('gif', transparent), { ...FULL, straightAlpha: false }, 'browser'],
    ['a GIF that claims the largest size', source('gif', { width: 65_535, height: 65_535 }), FULL, 'too-large-input'],
    ['BMP', source('bmp'), FULL, 'browser'],
    ['a BMP that only the browser can read', source('bmp', { width: 10_000, height: 10_000 }), FULL, 'browser'],
    ['a giant BMP', source('bmp', large), FULL, 'too-large-input'],
    ['BMP where bitmaps are missing', source('bmp'), { ...FULL, imageBitmap: false }, 'unsupported-input'],
    ['TIFF', source('tiff', deep), FULL, 'vips'],
    ['a giant TIFF', source('tiff', { ...large, ...deep }), FULL, 'vips'],
    ['TIFF without isolation', source('tiff'), PLAIN, 'tiff-small'],
    ['JPEG XL', source('jxl'), FULL, 'vips'],
    ['JPEG XL without isolation', source('jxl'), PLAIN, 'unsupported-input'],
    ['a giant JPEG XL', source('jxl', large), FULL, 'too-large-input'],
    ['a JPEG to be turned', source('jpeg', turned), FULL, 'browser'],
    ['a giant grey JPEG to be turned', source('jpeg', { ...large, ...turned, channels: 1 }), FULL, 'vips'],
  ])('%s', (_, info, environment, expected) => {
    const choice = chooseDecoder(info, environment);
    expect('kind' in choice ? choice.kind : choice.code).toBe(expected);
    if ('code' in choice) {
      expect(choice.message).toMatch(/\.$/);
      expect(choice.remedy).toMatch(/\.$/);
    }
  });
});
