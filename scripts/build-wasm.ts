/**
 * Compiles the AssemblyScript kernels to src/wasm/generated/: `kernels.wasm` (SIMD) and the types of its exports.
 * Nothing is done when the outputs are newer than every source.
 */
import { mkdirSync, readdirSync, statSync, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, 'src/wasm/assembly');
const outDir = join(root, 'src/wasm/generated');
const outFile = join(outDir, 'kernels.wasm');

const newestSource = Math.max(
  statSync(fileURLToPath(import.meta.url)).mtimeMs,
  ...readdirSync(sources).map((name) => statSync(join(sources, name)).mtimeMs),
);

if (!existsSync(outFile) || statSync(outFile).mtimeMs < newestSource) {
  mkdirSync(outDir, { recursive: true });
  const { error, stderr } = await asc.main([
    join(sources, 'index.ts'),
    ...['--outFile', outFile],
    ...['--bindings', 'raw'],
    ...['--runtime', 'stub'],
    ...['--enable', 'simd'],
    ...['--enable', 'bulk-memory'],
    ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--converge', '--noAssert'],
    ...['--initialMemory', '16'],
  ]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
}
