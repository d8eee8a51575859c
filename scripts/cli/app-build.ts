/** Makes sure that there is a built app, and that it is not older than its sources. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const appRoot = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const SOURCES = [
  'src',
  'wgsl',
  'public',
  'examples',
  'index.html',
  'cli.html',
  'vite.config.ts',
  'scripts/vite-plugins.ts',
  'scripts/vite-service-worker.ts',
  'scripts/web-manifest.ts',
  'package-lock.json',
];

/** The time of the last change in a file or below a folder, in milliseconds; tests and generated files do not count. */
export function newestChange(path: string): number {
  if (!existsSync(path)) return 0;
  const own = statSync(path);
  if (!own.isDirectory()) return own.mtimeMs;
  const entries = readdirSync(path).filter((name) => name !== 'generated' && !name.endsWith('.test.ts'));
  return Math.max(0, ...entries.map((name) => newestChange(join(path, name))));
}

/** Why `dist` must be built before use, in a few words; null when it is good. */
export function staleReason(root: string): string | null {
  const built = join(root, 'dist', 'cli.html');
  if (!existsSync(built)) return 'The app is not built yet';
  const changed = Math.max(...SOURCES.map((name) => newestChange(join(root, name))));
  return changed > statSync(built).mtimeMs ? 'The app is older than its sources' : null;
}

/** The folder of the built app, after building it where needed. Throws when the build fails. */
export function ensureBuilt(say: (line: string) => void): string {
  const reason = staleReason(appRoot);
  if (reason === null) return join(appRoot, 'dist');
  say(`${reason}: building it …`);
  const windows = process.platform === 'win32';
  const run = spawnSync('npm', ['run', '--silent', 'build'], { cwd: appRoot, encoding: 'utf8', shell: windows });
  if (run.status !== 0) throw new Error(`The build failed.\n${run.stdout}${run.stderr}`);
  return join(appRoot, 'dist');
}
