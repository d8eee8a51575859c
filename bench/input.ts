/** The pictures that the benchmarks enlarge: one made by a formula, one real photograph. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/**
 * A photo-like picture: nine octaves of smooth value noise (an approximate 1/f spectrum, as photographs have), hard-edged
 * discs and stripes, and a little sensor noise. Deterministic.
 */
function photoLike(width: number, height: number): Uint8Array {
  const hash = (x: number, y: number, octave: number): number => {
    let h = (x * 374761393 + y * 668265263 + octave * 2147483647) | 0;
    h = Math.imul(h ^ (h >>> 13), 1274126177);
    return ((h ^ (h >>> 16)) >>> 0) / 4294967295;
  };
  const smooth = (t: number): number => t * t * (3 - 2 * t);
  const noise = (x: number, y: number, octave: number): number => {
    const [x0, y0] = [Math.floor(x), Math.floor(y)];
    const [fx, fy] = [smooth(x - x0), smooth(y - y0)];
    const top = hash(x0, y0, octave) * (1 - fx) + hash(x0 + 1, y0, octave) * fx;
    const bottom = hash(x0, y0 + 1, octave) * (1 - fx) + hash(x0 + 1, y0 + 1, octave) * fx;
    return top * (1 - fy) + bottom * fy - 0.5;
  };
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let light = 0;
      for (let octave = 0; octave < 9; octave++) {
        const step = 512 >> octave;
        light += noise(x / step, y / step, octave) * 0.42 * 0.66 ** octave;
      }
      const disc = (((x % 400) - 200) ** 2 + ((y % 500) - 250) ** 2) ** 0.5 < 90 ? 0.18 : 0;
      const stripes = y % 750 < 60 && ((x + y) >> 3) % 2 === 0 ? -0.25 : 0;
      const warmth = noise(x / 700, y / 900, 9) * 0.3;
      for (let c = 0; c < 3; c++, i++) {
        const grain = (hash(x, y, 20 + c) - 0.5) * 0.06;
        pixels[i] = Math.max(
          0,
          Math.min(255, Math.round(255 * (0.5 + light + disc + stripes + warmth * (c - 1) + grain))),
        );
      }
    }
  }
  return pixels;
}

/** Writes `photo.jpg` (quality 92, 4:2:0) of this size into the folder, unless it is there. */
export async function makePhoto(folder: string, width: number, height: number): Promise<string> {
  const path = join(folder, `photo-${width}x${height}.jpg`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const raw = { width, height, channels: 3 } as const;
  await sharp(photoLike(width, height), { raw }).jpeg({ quality: 92, mozjpeg: false }).toFile(path);
  return path;
}

/**
 * A real photograph of 2560 x 1600: "Garden" from Debian's package mate-backgrounds (GPL-2+), fetched with apt-get and kept
 * out of the repository. Null where there is no apt-get or no network.
 */
export function realPhoto(folder: string): string | null {
  const path = join(folder, 'real-garden.jpg');
  if (existsSync(path)) return path;
  const temporary = join(folder, 'package');
  mkdirSync(temporary, { recursive: true });
  const script = `cd '${temporary}' && apt-get download -qq mate-backgrounds && dpkg -x mate-backgrounds_*.deb . && cp usr/share/backgrounds/mate/nature/Garden.jpg '${path}'`;
  spawnSync('sh', ['-c', script], { stdio: 'ignore', timeout: 120_000 });
  if (readdirSync(temporary).length > 0) rmSync(temporary, { recursive: true, force: true });
  return existsSync(path) ? path : null;
}
