/** Finds, or as a last resort installs, a Chromium-family browser for the tests, the command line and the benchmarks. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

/** Flags that every run needs: no background traffic, and WebGPU (on SwiftShader where there is no GPU). */
export const BROWSER_FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-unsafe-webgpu',
] as const;

const NAMES = ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'];
const PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

function onPath(name: string): string | null {
  if (process.platform === 'win32') return null;
  const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** The path of an installed browser (`CHROMIUM` overrides), else of Playwright's own download, else null. */
export function findBrowser(): string | null {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return named;
  for (const name of NAMES) {
    const path = onPath(name);
    if (path !== null) return path;
  }
  const fixed = PATHS.find((path) => existsSync(path));
  if (fixed !== undefined) return fixed;
  const downloaded = chromium.executablePath();
  return downloaded !== '' && existsSync(downloaded) ? downloaded : null;
}

const isRoot = (): boolean => process.getuid?.() === 0;

/** As `findBrowser`, but tries Playwright's download and then Debian's package before it gives up with one line of advice. */
export function ensureBrowser(): string {
  const found = findBrowser();
  if (found !== null) return found;
  console.error('No browser found: trying to install one …');
  spawnSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'ignore', timeout: 300_000 });
  const downloaded = findBrowser();
  if (downloaded !== null) return downloaded;
  if (isRoot() && onPath('apt-get') !== null) {
    const install = 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium';
    spawnSync('sh', ['-c', install], { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 });
    const packaged = findBrowser();
    if (packaged !== null) return packaged;
  }
  throw new Error('No Chrome, Chromium or Edge here: install one, or name its program in the variable CHROMIUM.');
}
