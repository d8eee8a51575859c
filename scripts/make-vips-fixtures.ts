/**
 * Makes the TIFFs under test/fixtures/vips that need colour or sample conversions, and what sharp makes of CMYK as PNG, to
 * compare with. Only for whoever changes the set: the results are committed. Needs ImageMagick 6 and the vips command.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const fixtures = join(dirname(dirname(fileURLToPath(import.meta.url))), 'test/fixtures');
const out = join(fixtures, 'vips');
const work = mkdtempSync(join(tmpdir(), 'fixtures-'));
mkdirSync(out, { recursive: true });

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
};
const target = (name: string): string => join(out, name);
const png = (name: string): string => join(fixtures, 'png', `${name}.png`);

run('convert', png('rgb16'), '-colorspace', 'Lab', '-depth', '16', '-compress', 'lzw', target('lab16.tif'));
run('convert', png('rgba'), '-define', 'tiff:alpha=associated', '-compress', 'lzw', target('premultiplied.tif'));

// Linear light as floats, as photo programs save "32 bits a channel".
const linear = join(work, 'linear.v');
run('vips', 'colourspace', png('rgb16'), linear, 'scrgb');
run('vips', 'copy', linear, `${target('linear-float.tif')}[compression=deflate]`);
run('vips', 'linear', join(fixtures, 'tiff/grey16.tif'), join(work, 'wide.v'), '65537', '0');
run('vips', 'cast', join(work, 'wide.v'), `${target('uint32.tif')}[compression=deflate]`, 'uint');

// CMYK without a profile: what sharp's fallback profile makes of it.
for (const [name, path] of [
  ['cmyk-jpeg', join(fixtures, 'jpeg/cmyk.jpg')],
  ['cmyk-tiff', join(fixtures, 'tiff/cmyk.tif')],
] as const) {
  await sharp(path)
    .toColourspace('srgb')
    .png()
    .toFile(target(`${name}.png`));
}
rmSync(work, { recursive: true });
