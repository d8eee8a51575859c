/**
 * `npm run models`: converts the networks of small packages to src/models/generated/*.onnx, and checks every bundled file,
 * these and the committed ones of src/models/data/, against the hash in the catalogue. Conversion always gives the same bytes.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledFiles } from '../../src/models/catalogue.ts';
import { Anime4kConverter, parseAnime4k } from './anime4k.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const shaders = join(root, 'node_modules/anime4k.js/dist/glsl');
const generated = join(root, 'src/models/generated');

/** Names of files, and the shaders that they come from. */
const ANIME4K: Readonly<Record<string, string>> = {
  'anime4k-s': 'Upscale/Anime4K_Upscale_CNN_x2_S.mjs',
  'anime4k-ul': 'Upscale/Anime4K_Upscale_CNN_x2_UL.mjs',
  'anime4k-restore': 'Restore/Anime4K_Restore_CNN_UL.mjs',
};

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

mkdirSync(generated, { recursive: true });
for (const [name, shader] of Object.entries(ANIME4K)) {
  const target = join(generated, `${name}.onnx`);
  const known = bundledFiles().find((file) => file.name === name);
  if (known && existsSync(target) && hashOf(readFileSync(target)) === known.sha256) continue;
  const scale = shader.startsWith('Upscale') ? '2' : '1';
  const metadata = { scale, licence: 'MIT', source: 'npm:anime4k.js@1.1.2' };
  const net = parseAnime4k(readFileSync(join(shaders, shader), 'utf8'));
  writeFileSync(target, new Anime4kConverter(name, metadata).convert(net));
}

let faults = 0;
for (const { name, folder, bytes, sha256 } of bundledFiles()) {
  const data = readFileSync(join(root, 'src/models', folder, `${name}.onnx`));
  const hash = hashOf(data);
  if (hash === sha256 && data.length === bytes) continue;
  faults++;
  console.error(`${name}.onnx: ${data.length} bytes, ${hash}; the catalogue says ${bytes} bytes, ${sha256}.`);
}
process.exitCode = faults > 0 ? 1 : 0;
