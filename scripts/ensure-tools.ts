/**
 * Makes sure that everything the tests use is here: a browser, and the decoders of Debian that our files are checked against.
 * What is missing is installed where that can be done without asking; else one line says what to do.
 */
import { spawnSync } from 'node:child_process';
import { ensureBrowser } from './browser.ts';

/** Programs that tests start, with their package on Debian and on Homebrew. */
const ORACLES = [
  { program: 'pngcheck', debian: 'pngcheck', brew: 'pngcheck' },
  { program: 'djpeg', debian: 'libjpeg-turbo-progs', brew: 'jpeg-turbo' },
  { program: 'tiffinfo', debian: 'libtiff-tools', brew: 'libtiff' },
  { program: 'exiftool', debian: 'libimage-exiftool-perl', brew: 'exiftool' },
] as const;

const present = (program: string): boolean =>
  spawnSync(process.platform === 'win32' ? 'where' : 'which', [program], { stdio: 'ignore' }).status === 0;

const missing = (): (typeof ORACLES)[number][] => ORACLES.filter(({ program }) => !present(program));

/** Throws an Error whose message is the one line to show. */
export function ensureTools(): void {
  ensureBrowser();
  let lacking = missing();
  if (lacking.length > 0 && process.getuid?.() === 0 && present('apt-get')) {
    const packages = lacking.map(({ debian }) => debian).join(' ');
    console.error(`Installing ${packages} …`);
    const install = `apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq ${packages}`;
    spawnSync('sh', ['-c', install], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
    lacking = missing();
  }
  if (lacking.length === 0) return;
  const names = lacking.map(({ program }) => program).join(', ');
  const debian = lacking.map((tool) => tool.debian).join(' ');
  const brew = lacking.map((tool) => tool.brew).join(' ');
  throw new Error(`The tests need ${names}: "apt-get install ${debian}" as root, or "brew install ${brew}".`);
}

if (process.argv[1]?.endsWith('ensure-tools.ts')) {
  try {
    ensureTools();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
