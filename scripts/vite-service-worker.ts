/** Builds the service worker after the app: the shell's files are listed in it to be kept at once, the heavy parts at first use. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { build, type Plugin } from 'vite';
import { injectManifest } from 'workbox-build';
import { OFFLINE_PARTS_FILE, type OfflinePart, type OfflinePartKind } from '../src/core/offline.ts';

/** Not part of the app: pages of their own, and what only hosts and stores look at. */
const APART = [
  /^cli\.html$/,
  /^assets\/(cli|module|negative-hook)-/,
  /^examples\//,
  /^licences\//,
  /^_headers$/,
  /^screenshots\//,
];

/** The bundler's names carry a hash of the content. */
const HASHED = /^assets\//;

/** Above this a file is no part of the shell, unless it is one of the app's own workers. */
const SHELL_FILE_BYTES = 400e3;

/** Networks up to this size are part of the shell: they run on the app's own kernels, so that there is a model offline from the first visit on. */
const SHELL_MODEL_BYTES = 100e3;

/** The kind of a file that is only kept once it is used; null for the shell's. `module` is the source it was made of, if one. */
export function partKind(name: string, bytes: number, module: string | null): OfflinePartKind | null {
  if (name.endsWith('.onnx')) return bytes > SHELL_MODEL_BYTES ? 'models' : null;
  if (/\/ort[.-]/.test(name)) return 'engine';
  if (/^assets\/(vips|lerc|zstd|webimage)/.test(name)) return 'codecs';
  // The viewer that goes beside exported tiles.
  if (/^assets\/openseadragon\.min/.test(name)) return 'other';
  if (module !== null && /\/(locales|webawesome\/dist\/translations)\//.test(module)) return 'languages';
  // Without the app's own workers nothing works, however large they are.
  const isWorker = /^assets\/[a-z]+\.worker-/.test(name);
  return bytes > SHELL_FILE_BYTES && !isWorker ? 'other' : null;
}

const revisionOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .map((name) => name.split(sep).join('/'))
    .sort();
}

/** Splits the built files into the shell and the heavy parts. */
function sortFiles(outDir: string, modules: ReadonlyMap<string, string>): { shell: string[]; parts: OfflinePart[] } {
  const shell: string[] = [];
  const parts: OfflinePart[] = [];
  for (const name of filesBelow(outDir)) {
    if (APART.some((pattern) => pattern.test(name))) continue;
    const path = join(outDir, name);
    const bytes = statSync(path).size;
    const kind = partKind(name, bytes, modules.get(name) ?? null);
    if (kind === null) shell.push(name);
    else parts.push({ url: name, revision: HASHED.test(name) ? null : revisionOf(path), bytes, kind });
  }
  return { shell, parts };
}

/** Bundles the worker into one classic script, which every browser with service workers takes. */
async function bundleWorker(root: string, outDir: string, parts: readonly OfflinePart[]): Promise<void> {
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'warn',
    define: { OFFLINE_PARTS: JSON.stringify(parts), 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir,
      emptyOutDir: false,
      target: 'es2023',
      lib: {
        entry: join(root, 'src/sw/sw.ts'),
        formats: ['iife'],
        name: 'serviceWorker',
        fileName: () => 'sw.unlisted.js',
      },
    },
  });
}

/** The plugin; it works on the finished output folder. */
export function serviceWorker(): Plugin {
  let root = '';
  let outDir = '';
  const modules = new Map<string, string>();
  return {
    name: 'service-worker',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      outDir = resolve(config.root, config.build.outDir);
    },
    generateBundle(_, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type === 'chunk' && output.facadeModuleId) modules.set(output.fileName, output.facadeModuleId);
      }
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        // A build that failed has nothing to keep.
        if (!existsSync(join(outDir, 'index.html'))) return;
        const swDest = join(outDir, 'sw.js');
        rmSync(swDest, { force: true });
        const { shell, parts } = sortFiles(outDir, modules);
        writeFileSync(join(outDir, OFFLINE_PARTS_FILE), JSON.stringify(parts));
        await bundleWorker(root, outDir, parts);
        const swSrc = join(outDir, 'sw.unlisted.js');
        const { warnings } = await injectManifest({
          swSrc,
          swDest,
          globDirectory: outDir,
          globPatterns: [...shell, OFFLINE_PARTS_FILE],
          dontCacheBustURLsMatching: HASHED,
          // The list is made above.
          maximumFileSizeToCacheInBytes: 2 ** 31,
        });
        rmSync(swSrc);
        for (const warning of warnings) this.warn(warning);
      },
    },
  };
}
