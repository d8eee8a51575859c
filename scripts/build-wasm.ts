/**
 * Makes what lies in generated/ folders: in src/wasm the AssemblyScript kernels, `kernels.wasm` (SIMD) with the types of its exports, and
 * `graph-relaxed.wasm`, those of networks once more with instructions that not all engines have (relaxed SIMD);
 * in src/codecs/vips the glue of wasm-vips without functions out of strings. Nothing is done when the outputs are newer than every source.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, existsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { rewriteVipsGlue } from './vips-glue.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'src/wasm/assembly');
const outDir = join(root, 'src/wasm/generated');
const outputs = [
  { entry: 'index.ts', out: 'kernels.wasm', options: ['--bindings', 'raw'] },
  { entry: 'graph.ts', out: 'graph-relaxed.wasm', options: ['--enable', 'relaxed-simd'] },
];

const newestSource = Math.max(
  statSync(fileURLToPath(import.meta.url)).mtimeMs,
  ...readdirSync(sources).map((name) => statSync(join(sources, name)).mtimeMs),
);

for (const { entry, out, options } of outputs) {
  const outFile = join(outDir, out);
  if (existsSync(outFile) && statSync(outFile).mtimeMs >= newestSource) continue;
  mkdirSync(outDir, { recursive: true });
  const { error, stderr } = await asc.main([
    join(sources, entry),
    ...['--outFile', outFile],
    ...['--runtime', 'stub'],
    ...['--enable', 'simd'],
    ...['--enable', 'bulk-memory'],
    ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
    ...['--initialMemory', '16'],
    ...options,
  ]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}

const glueFrom = join(root, 'node_modules/wasm-vips/lib/vips-es6.js');
const glueTo = join(root, 'src/codecs/vips/generated/vips-es6.js');
const glueSources = Math.max(statSync(glueFrom).mtimeMs, statSync(join(root, 'scripts/vips-glue.ts')).mtimeMs);

if (!existsSync(glueTo) || statSync(glueTo).mtimeMs < glueSources) {
  mkdirSync(dirname(glueTo), { recursive: true });
  writeFileSync(glueTo, rewriteVipsGlue(readFileSync(glueFrom, 'utf8')));
}
