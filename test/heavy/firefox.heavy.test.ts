/** The main flow in Firefox: open pictures, Start, the right files in the private storage, and saved. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answer, startServer, type Route, type RunningServer } from '../../scripts/cli/server.ts';

const SIZE = { width: 50, height: 40 };
const FACTOR = 3;

/** What firefox-driver.js tells. */
interface Report {
  readonly error?: string;
  readonly isolated?: boolean;
  readonly states: readonly string[];
  /** The files, in base64. */
  readonly results?: readonly { readonly name: string; readonly text: string }[];
  /** Addresses. */
  readonly loaded?: readonly string[];
  readonly faults: readonly string[];
}

function findFirefox(): string {
  const named = process.env['FIREFOX'];
  if (named !== undefined && named !== '') return named;
  for (const name of ['firefox-esr', 'firefox']) {
    const found = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (found.status === 0) return found.stdout.trim();
  }
  throw new Error(
    'There is no Firefox here: install one (Debian: apt-get install firefox-esr), or name it in FIREFOX.',
  );
}

const folder = mkdtempSync(join(tmpdir(), 'firefox-'));
const downloads = join(folder, 'downloads');
const profile = join(folder, 'profile');
const PREFERENCES = {
  'browser.download.folderList': 2,
  'browser.download.dir': downloads,
  'browser.download.always_ask_before_handling_new_types': false,
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
};

let pixels: Buffer;
const pictures = new Map<string, Buffer>();
let server: RunningServer;
let firefox: ChildProcess;
let tell: (report: Report) => void;
const told = new Promise<Report>((resolve) => (tell = resolve));

const driver: Route = async (request, response, { pathname }) => {
  const name = pathname.slice('/driver/'.length);
  if (request.method === 'POST') {
    tell(JSON.parse(await text(request)) as Report);
    answer(response, 200);
  } else if (name === 'script.js') {
    response.setHeader('content-type', 'text/javascript');
    response.end(readFileSync('test/heavy/firefox-driver.js'));
  } else {
    response.end(pictures.get(name));
  }
};

/** The app's own page, with the driver in it. */
const page: Route = (_, response) => {
  const driven = '<script type="module" src="/driver/script.js"></script></head>';
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.end(readFileSync('dist/index.html', 'utf8').replace('</head>', driven));
  return Promise.resolve();
};

beforeAll(async () => {
  const noise = { type: 'gaussian', mean: 120, sigma: 40 } as const;
  pixels = await sharp({ create: { ...SIZE, channels: 3, background: '#888', noise } })
    .raw()
    .toBuffer();
  const image = (): Sharp => sharp(pixels, { raw: { ...SIZE, channels: 3 } });
  pictures.set('a.png', await image().png().toBuffer());
  pictures.set('b.tif', await image().tiff({ compression: 'lzw' }).toBuffer());
  pictures.set('c.webp', await image().webp({ lossless: true }).toBuffer());

  server = await startServer({ root: 'dist', port: 0, routes: { '/driver/': driver, '/index.html': page } });
  mkdirSync(profile);
  const preferences = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`,
  );
  writeFileSync(join(profile, 'user.js'), preferences.join(''));
  const args = ['--headless', '--no-remote', '--profile', profile, `${server.origin}/index.html`];
  firefox = spawn(findFirefox(), args, { stdio: 'ignore', detached: true });
});

afterAll(async () => {
  // Its whole family.
  if (firefox?.pid !== undefined) process.kill(-firefox.pid, 'SIGKILL');
  await server?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});

it('enlarges pictures of every kind, to the pixel, and saves them', async () => {
  const { error, isolated, states, results, loaded, faults } = await told;
  expect(error).toBeUndefined();
  expect(isolated).toBe(true);
  expect(states).toEqual(['a.png: done', 'b.tif: done', 'c.webp: done']);
  expect(results!.map(({ name }) => name)).toEqual(['a-3x.png', 'b-3x.png', 'c-3x.png']);
  for (const { name, text: base64 } of results!) {
    const { data, info } = await sharp(Buffer.from(base64, 'base64'), { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const [width, height] = [FACTOR * SIZE.width, FACTOR * SIZE.height];
    expect(info, name).toMatchObject({ width, height, channels: 3 });
    let wrong = 0;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const source = (Math.floor(y / FACTOR) * SIZE.width + Math.floor(x / FACTOR)) * 3;
        for (let c = 0; c < 3; c++) if (data[(y * width + x) * 3 + c] !== pixels[source + c]) wrong++;
      }
    }
    expect(wrong, name).toBe(0);
  }

  const saved = join(downloads, 'a-3x.png');
  for (let tries = 0; !existsSync(saved) && tries < 100; tries++) await new Promise((later) => setTimeout(later, 200));
  const { width, height } = await sharp(readFileSync(saved)).metadata();
  expect([width, height]).toEqual([FACTOR * SIZE.width, FACTOR * SIZE.height]);
  expect(
    loaded!.filter((address) => !address.startsWith(`${server.origin}/`) && !/^(data|blob):/.test(address)),
  ).toEqual([]);
  expect(faults).toEqual([]);
});
