import { maxSample, type Channels, type Depth } from '../../src/core/pixels.ts';

/** Size of the pictures that scripts/make-fixtures.ts makes. */
export const SCENE = { width: 61, height: 43 } as const;

/** The TIFF files of test/fixtures that hold just these pictures, with their channels and bits. */
export const EXACT_TIFFS = [
  ...['strips', 'lzw', 'deflate', 'packbits', 'tiled', 'planar', 'bigtiff', 'big-endian', 'pages'].map(
    (name) => [`tiff/${name}.tif`, 3, 8] as const,
  ),
  ['tiff/rgb16.tif', 3, 16],
  ['tiff/grey.tif', 1, 8],
  ['tiff/grey16.tif', 1, 16],
  ['tiff/alpha.tif', 4, 8],
  ['tiff/alpha16.tif', 4, 16],
] as const;

/** The samples of those pictures, by the same formula: ramps, a disc, a bar, and an alpha that runs from 0 up. */
export function sceneSamples(channels: Channels, depth: Depth): number[] {
  const max = maxSample(depth);
  const samples: number[] = [];
  for (let y = 0; y < SCENE.height; y++) {
    for (let x = 0; x < SCENE.width; x++) samples.push(...scenePixel(x, y, channels).map((v) => Math.round(v * max)));
  }
  return samples;
}

function scenePixel(x: number, y: number, channels: Channels): number[] {
  const u = x / (SCENE.width - 1);
  const v = y / (SCENE.height - 1);
  const disc = Math.hypot(x - 40, y - 14) < 9;
  const bar = x < 14 && y > 26;
  const background = [0.15 + 0.7 * u, 0.9 - 0.6 * v, 0.3 + 0.3 * u * v];
  const rgb = disc ? [0.95, 0.15, 0.1] : bar ? [0.05, 0.2, 0.85] : background;
  if (channels === 1) return [0.299 * rgb[0]! + 0.587 * rgb[1]! + 0.114 * rgb[2]!];
  const alpha = y < 4 ? 0 : y < 12 ? (x % 8) / 255 : Math.min(1, v * 1.3);
  return channels === 3 ? rgb : [...rgb, alpha];
}
