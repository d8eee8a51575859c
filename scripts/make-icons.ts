/** Makes the PNG icons of the manifest from public/icon.svg. Run after changing it: `npx tsx scripts/make-icons.ts`. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { appRoot } from './cli/app-build.ts';

const folder = join(appRoot, 'public/icons');
const icon = readFileSync(join(appRoot, 'public/icon.svg'));

/** The part of a maskable icon that every shape shows is a circle of 80 % of the side: the drawing is shrunk to fit. */
const SAFE = 0.78;

const drawing = (side: number): Promise<Buffer> =>
  sharp(icon, { density: (72 * side) / 32 })
    .resize(side, side)
    .png()
    .toBuffer();

mkdirSync(folder, { recursive: true });
const background = /fill="(#[0-9a-f]{3,8})"/i.exec(icon.toString())?.[1] ?? '#06e';

for (const side of [192, 512]) {
  await sharp(await drawing(side))
    .png({ compressionLevel: 9 })
    .toFile(join(folder, `icon-${side}.png`));
  const inner = Math.round(side * SAFE);
  await sharp({ create: { width: side, height: side, channels: 3, background } })
    .composite([{ input: await drawing(inner), gravity: 'centre' }])
    .png({ compressionLevel: 9 })
    .toFile(join(folder, `maskable-${side}.png`));
}

// Only the alpha of a monochrome icon counts: the white lines of the drawing.
const { data, info } = await sharp(await drawing(512))
  .raw()
  .toBuffer({ resolveWithObject: true });
const lines = Buffer.alloc(info.width * info.height * 4);
for (let pixel = 0; pixel < info.width * info.height; pixel++) {
  // The darkest sample is 0 on the blue ground and 255 on white.
  const from = pixel * info.channels;
  const whiteness = Math.min(data[from]!, data[from + 1]!, data[from + 2]!);
  lines.fill(255, pixel * 4, pixel * 4 + 3);
  lines[pixel * 4 + 3] = Math.round((whiteness * (info.channels === 4 ? data[from + 3]! : 255)) / 255);
}
await sharp(lines, { raw: { width: info.width, height: info.height, channels: 4 } })
  .png({ compressionLevel: 9 })
  .toFile(join(folder, 'monochrome-512.png'));
