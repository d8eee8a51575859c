/**
 * Measures the GPU engine on a machine with a GPU that may have neither this repository's packages nor a network.
 *
 *     npx tsx bench/gpu.ts --pack           builds bench/out/gpu: the page, this script as plain JavaScript, a photograph
 *     node bench/out/gpu/gpu.mjs            runs all cases there and prints the tables; also writes results.json
 *
 * `--browser` and `--playwright` name the browser's program and playwright-core's folder (environment: CHROMIUM, PLAYWRIGHT); `--software`
 * runs on a machine without a GPU, `--quick` takes small pictures, `--only passes,jobs` some of the groups, `--models cunet` some of the models, `--out`
 * is the folder for results.
 */
import { createReadStream, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type * as Playwright from 'playwright-core';
import type * as Memory from '../scripts/cli/memory.ts';
import type { EngineCase, EngineFigures, GpuBench, JobCase, JobFigures, ModelCase } from './gpu-page.ts';

const here = dirname(fileURLToPath(import.meta.url));

const { values: options } = parseArgs({
  options: {
    pack: { type: 'boolean', default: false },
    software: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    models: { type: 'string', default: '' },
    runs: { type: 'string', default: '5' },
    out: { type: 'string', default: here.endsWith('gpu') ? here : join(here, 'out/gpu') },
    browser: { type: 'string', default: process.env['CHROMIUM'] ?? '' },
    playwright: { type: 'string', default: process.env['PLAYWRIGHT'] ?? '' },
  },
});

const built = here.endsWith('gpu') ? here : join(here, 'out/gpu');

/** Builds everything that the GPU machine needs into one folder. */
async function pack(): Promise<void> {
  const { build } = await import('vite');
  const { RESOLVE } = await import('./vite.config.ts');
  const { transpileModule, ModuleKind, ScriptTarget } = (await import('typescript')).default;
  const { copyFileSync, readFileSync } = await import('node:fs');
  await import('../scripts/build-wasm.ts');
  await import('../scripts/models/build.ts');
  const { makePhoto } = await import('./input.ts');
  await build({
    configFile: false,
    root: here,
    base: './',
    logLevel: 'warn',
    resolve: RESOLVE,
    worker: { format: 'es' },
    build: {
      outDir: built,
      emptyOutDir: true,
      target: 'es2023',
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 8000,
      rolldownOptions: { input: join(here, 'gpu.html') },
    },
  });
  copyFileSync(await makePhoto(join(here, 'out'), 2000, 3000), join(built, 'photo.jpg'));
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const memory = readFileSync(join(here, '../scripts/cli/memory.ts'), 'utf8');
  writeFileSync(join(built, 'gpu.mjs'), transpileModule(source, { compilerOptions }).outputText);
  writeFileSync(join(built, 'memory.mjs'), transpileModule(memory, { compilerOptions }).outputText);
  console.log(`${built} is ready: carry it to the machine with the GPU and run gpu.mjs there.`);
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
};

const FLAGS = ['--no-sandbox', '--no-first-run', '--disable-quic', '--disable-background-networking', '--disable-sync'];
/** Without the developer features the GPU's clock is rounded to 0.1 ms. */
const WEBGPU_FLAGS = ['--enable-unsafe-webgpu', '--enable-webgpu-developer-features'];
/** Headless Chromium on a Linux machine with an NVIDIA driver and no display. */
const HARDWARE_FLAGS = [
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-angle=vulkan',
  '--disable-vulkan-surface',
];

type Call = <K extends keyof GpuBench>(
  name: K,
  ...args: Parameters<GpuBench[K]>
) => Promise<Awaited<ReturnType<GpuBench[K]>>>;

/** The page in the browser. */
interface Bench {
  readonly call: Call;
  readonly version: string;
  /** Where the browser's files are: the argument that its process is known by. */
  readonly profile: string;
  /** Opens the page anew: nothing of earlier jobs is left in it. */
  open(): Promise<void>;
}

/** Serves the built page cross-origin isolated, and hands it to `task`. */
async function withPage(task: (bench: Bench) => Promise<void>): Promise<void> {
  const playwright = options.playwright === '' ? 'playwright-core' : join(options.playwright, 'index.mjs');
  const { chromium } = (await import(playwright)) as typeof Playwright;
  const executablePath = options.browser || ((await import('../scripts/browser.ts')).findBrowser() ?? '');
  const server = createServer((request, response) => {
    const file = join(built, normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname)));
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
    });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const profile = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : here, 'gpu-bench-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    ignoreDefaultArgs: options.software ? [] : ['--disable-gpu'],
    args: [...FLAGS, ...WEBGPU_FLAGS, ...(options.software ? [] : HARDWARE_FLAGS)],
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('pageerror', (error) => console.error(`[page] ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error') console.error(`[console] ${message.text()}`);
    });
    const open = async (): Promise<void> => {
      await page.goto(`http://localhost:${port}/gpu.html`);
      await page.waitForFunction(() => 'gpuBench' in window);
    };
    await open();
    const call: Call = (name, ...args) =>
      page.evaluate(
        ([method, values]) => {
          const { gpuBench } = window as unknown as { gpuBench: Record<string, (...all: unknown[]) => unknown> };
          return gpuBench[method]!(...values) as never;
        },
        [name, args] as const,
      );
    await task({ call, open, profile, version: context.browser()?.version() ?? '' });
  } finally {
    await context.close();
    server.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};

const results: Record<string, unknown> = {};
const report = (title: string, header: readonly string[], rows: readonly (readonly (string | number)[])[]): void => {
  const text = (cell: string | number): string =>
    typeof cell === 'string' ? cell : Number.isInteger(cell) ? cell.toLocaleString('en') : cell.toPrecision(4);
  console.log(`\n### ${title}\n`);
  console.log(`| ${header.join(' | ')} |\n|${' --- |'.repeat(header.length)}`);
  for (const row of rows) console.log(`| ${row.map(text).join(' | ')} |`);
  results[title] = rows.map((row) => Object.fromEntries(row.map((cell, i) => [header[i]!, cell])));
};

/** A failure of one case is a row of its own, and does not end the rest. */
async function attempt<T>(name: string, task: () => Promise<T>): Promise<T | string> {
  console.error(`… ${name}`);
  try {
    return await task();
  } catch (error) {
    return `fails: ${String(error).split('\n')[0]!.slice(0, 200)}`;
  }
}

const quick = options.quick;
const runs = quick ? 1 : Number(options.runs);
const sized = (width: number, height: number): { width: number; height: number } =>
  quick ? { width: Math.ceil(width / 16), height: Math.ceil(height / 16) } : { width, height };

async function measureOpenings(call: Call): Promise<void> {
  const { first, second } = await call('openings');
  const { limits, ...adapter } = await call('adapter');
  const bandwidth = await call('copyBandwidth');
  report(
    'Device',
    ['vendor', 'architecture', 'description', 'software', 'first device ms', 'second ms', 'copy GB/s', 'max binding'],
    [
      [
        ...[adapter.vendor, adapter.architecture, adapter.description, String(adapter.isSoftware)],
        ...[first, second, bandwidth, limits.maxStorageBufferBindingSize],
      ],
    ],
  );
  results['bandwidth'] = bandwidth;
}

async function engineMedian(call: Call, kase: EngineCase, times = runs): Promise<EngineFigures & { all: number[] }> {
  await call('runEngine', kase);
  const all: EngineFigures[] = [];
  for (let i = 0; i < times; i++) all.push(await call('runEngine', kase));
  const each = all.map(({ ms }) => ms);
  return { ...all.at(-1)!, ms: median(each), openMs: median(all.map(({ openMs }) => openMs)), all: each };
}

/** The passes by the GPU's clock, against the time to write the output once. */
async function measurePasses(call: Call): Promise<void> {
  const source = quick ? sized(2000, 3000) : null;
  const bandwidth = Number(results['bandwidth'] ?? (await call('copyBandwidth')));
  const rows: (string | number)[][] = [];
  for (const [name, kase] of [
    ['15x', { scale: 15, source, output: 'jpeg', profile: true }],
    ['15x, bands of 8 MiB', { scale: 15, source, output: 'jpeg', profile: true, bandMebibytes: 8 }],
    ['15x pixels', { scale: 15, source, output: 'pixels', profile: true }],
    ['15x progressive', { scale: 15, source, output: 'jpeg', method: 'progressive', profile: true }],
    ['4x', { scale: 4, source, output: 'jpeg', profile: true }],
    ['1.1x', { scale: 1.1, source, output: 'jpeg', profile: true }],
    ['0.25x', { scale: 0.25, source, output: 'jpeg', profile: true }],
  ] as const satisfies readonly (readonly [string, EngineCase])[]) {
    const figures = await attempt(`passes ${name}`, () => engineMedian(call, kase));
    if (typeof figures === 'string') {
      rows.push([name, figures]);
      continue;
    }
    const { passes, megapixels } = figures;
    const resampling = ['unpack', 'horizontal', 'vertical', 'vertical-finish'].reduce(
      (ms, p) => ms + (passes[p] ?? 0),
      0,
    );
    const all = Object.values(passes).reduce((sum, ms) => sum + ms, 0);
    const stages = Object.entries(passes).map(([pass, ms]) => `${pass} ${ms.toFixed(2)}`);
    rows.push([name, megapixels, resampling, (megapixels * 4) / bandwidth, all, stages.join(', ')]);
  }
  report('GPU passes alone (ms)', ['case', 'MP', 'resampling', 'writing once', 'all passes', 'by pass'], rows);
}

/** The engine without decoding, writing or encoding elsewhere; by bands in flight and by their size. */
async function measureEngine(call: Call): Promise<void> {
  const source = quick ? sized(2000, 3000) : null;
  const rows: (string | number)[][] = [];
  const measure = async (name: string, kase: EngineCase): Promise<void> => {
    const f = await attempt(`engine ${name}`, () => engineMedian(call, kase));
    if (typeof f === 'string') rows.push([name, f]);
    else
      rows.push([
        name,
        f.megapixels,
        f.bands,
        f.openMs,
        f.ms,
        (1000 * f.megapixels) / f.ms,
        f.bytes,
        f.peakBytes / 1e6,
      ]);
  };
  await measure('JPEG', { scale: 15, source, output: 'jpeg' });
  for (const depth of [1, 2, 4, 16])
    await measure(`JPEG, ${depth} in flight`, { scale: 15, source, output: 'jpeg', depth });
  for (const bandMebibytes of [4, 16, 32]) {
    await measure(`JPEG, bands of ${bandMebibytes} MiB`, { scale: 15, source, output: 'jpeg', bandMebibytes });
  }
  await measure('pixels', { scale: 15, source, output: 'pixels' });
  for (const bandMebibytes of [4, 32]) {
    await measure(`pixels, bands of ${bandMebibytes} MiB`, { scale: 15, source, output: 'pixels', bandMebibytes });
  }
  report('Engine alone, 15x', ['case', 'MP', 'bands', 'open ms', 'ms', 'MP/s', 'bytes', 'peak GPU MB'], rows);
}

/** Least squares: milliseconds that every picture costs, and those of each megapixel. */
function fitLine(points: readonly (readonly [megapixels: number, ms: number])[]): { fixed: number; marginal: number } {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(points.map(([mp]) => mp)), mean(points.map(([, ms]) => ms))];
  const covariance = mean(points.map(([mp, ms]) => (mp - x) * (ms - y)));
  const marginal = covariance / mean(points.map(([mp]) => (mp - x) ** 2));
  return { fixed: y - marginal * x, marginal };
}

/**
 * Fixed cost and marginal time from 1.1x to 50x. Marginal times are taken between sizes half as large again at least: the milliseconds by which
 * runs of one size differ are more than a smaller step costs.
 */
async function measureSweep(call: Call): Promise<void> {
  const source = sized(1300, 1300);
  const rows: number[][] = [];
  for (const scale of [1.1, 1.5, 2, 4, 7.6, 11, 15, 20, 30, 40, 50]) {
    const f = await attempt(`sweep ${scale}x`, () => engineMedian(call, { scale, source, output: 'jpeg' }, 3 * runs));
    if (typeof f === 'string') console.log(`${scale}x ${f}`);
    else rows.push([scale, f.megapixels, f.openMs, f.ms, f.ms / f.megapixels]);
  }
  const large = rows.filter(([, megapixels]) => megapixels! >= (quick ? 0.1 : 96));
  const { fixed, marginal } = fitLine(large.map((row) => [row[1]!, row[3]!]));
  const steps: number[][] = [];
  let last = large[0]!;
  for (const row of large) {
    if (row[1]! < 1.5 * last[1]!) continue;
    const step = (row[3]! - last[3]!) / (row[1]! - last[1]!);
    steps.push([last[1]!, row[1]!, step, (100 * step) / marginal]);
    last = row;
  }
  report('Scale sweep, 1300 x 1300 to JPEG, engine alone', ['scale', 'MP', 'open ms', 'ms', 'ms per MP'], rows);
  report('From 96 megapixels up', ['fixed ms', 'ms per MP'], [[fixed, marginal]]);
  report('Marginal time from size to size', ['from MP', 'to MP', 'ms per MP', '% of the fit'], steps);
}

/** Whole jobs: file in OPFS or memory to file. */
async function measureJobs(call: Call): Promise<void> {
  const photo = quick ? sized(2000, 3000) : null;
  const jpeg = { format: 'jpeg', quality: 90 } as const;
  const by = (scale: number): { target: { kind: 'scale'; x: number; y: number } } => ({
    target: { kind: 'scale', x: scale, y: scale },
  });
  const cases: readonly (readonly [string, JobCase])[] = [
    ['15x JPEG, OPFS, gpu', { options: { ...jpeg, ...by(15), engine: 'gpu' }, source: photo, sink: 'opfs' }],
    ['15x JPEG, OPFS, auto', { options: { ...jpeg, ...by(15), engine: 'auto' }, source: photo, sink: 'opfs' }],
    ['15x JPEG, OPFS, simd', { options: { ...jpeg, ...by(15), engine: 'simd' }, source: photo, sink: 'opfs' }],
    ['15x JPEG, file stream, gpu', { options: { ...jpeg, ...by(15), engine: 'gpu' }, source: photo, sink: 'stream' }],
    ['15x PNG fast, OPFS, gpu', { options: { format: 'png', ...by(15), engine: 'gpu' }, source: photo, sink: 'opfs' }],
    [
      '15x PNG fast, OPFS, simd',
      { options: { format: 'png', ...by(15), engine: 'simd' }, source: photo, sink: 'opfs' },
    ],
    ['10x to 600 MP JPEG', { options: { ...jpeg, ...by(10), engine: 'gpu' }, source: sized(2400, 2500), sink: 'opfs' }],
    ['4x to 300 MP JPEG', { options: { ...jpeg, ...by(4), engine: 'gpu' }, source: sized(4330, 4330), sink: 'opfs' }],
    ['2x to 600 MP JPEG', { options: { ...jpeg, ...by(2), engine: 'gpu' }, source: sized(12000, 12500), sink: 'opfs' }],
  ];
  const rows: (string | number)[][] = [];
  for (const [name, kase] of cases) {
    const cold = await attempt(`job ${name}`, () => call('runJob', kase));
    if (typeof cold === 'string') {
      rows.push([name, cold]);
      continue;
    }
    const all: JobFigures[] = [];
    for (let i = 0; i < runs; i++) all.push(await call('runJob', kase));
    const { timings, engine, bytes, warnings } = all.at(-1)!;
    const stages = Object.entries(timings).map(([stage, ms]) => `${stage} ${ms.toFixed(0)}`);
    const remarks = [...new Set(warnings)].join(' ');
    rows.push([name, engine, cold.ms, median(all.map(({ ms }) => ms)), bytes, stages.join(', '), remarks]);
  }
  report('Jobs, file to file', ['case', 'engine', 'first ms', 'median ms', 'bytes', 'stages (ms)', 'remarks'], rows);
}

/** Peak memory of the browser's processes, above the open page without a job; each job in a fresh page, as its first. */
async function measureMemory({ call, open, profile }: Bench): Promise<void> {
  const path = here.endsWith('gpu') ? './memory.mjs' : '../scripts/cli/memory.ts';
  const { findProcess, ResourceWatch } = (await import(path)) as typeof Memory;
  const pid = await findProcess(`--user-data-dir=${profile}`);
  if (pid === null) throw new Error('the processes of the browser are not to be seen here');
  const photo = quick ? sized(2000, 3000) : null;
  const rows: (string | number)[][] = [];
  for (const format of ['jpeg', 'png'] as const) {
    for (const scale of [4, 6, 10, 15]) {
      const target = { kind: 'scale', x: scale, y: scale } as const;
      const kase: JobCase = { options: { format, quality: 90, target, engine: 'gpu' }, source: photo, sink: 'opfs' };
      const peaks: number[] = [];
      for (let i = 0; i < runs; i++) {
        await open();
        const watch = await ResourceWatch.start(pid, 2, true);
        await call('runJob', kase);
        peaks.push((await watch.stop()).peakBytes / 1e6);
      }
      rows.push([`${scale}x ${format}`, median(peaks), Math.min(...peaks), Math.max(...peaks)]);
    }
  }
  report('Memory of all processes above an idle tab, MB', ['job on the GPU', 'median', 'least', 'most'], rows);
}

const ALL_MODEL_CASES = [
  ['anime4k-ul', 2],
  ['anime4k-ul', 4],
  ['upconv7', 2],
  ['animevideo', 4],
  ['cunet', 2],
  ['cunet', 4],
] as const;
const MODEL_CASES = ALL_MODEL_CASES.filter(([id]) => options.models === '' || options.models.split(',').includes(id));

/** Jobs with models, file to file, in seconds per megapixel of the file; and what of it the passes of the networks take. */
async function measureModels(call: Call): Promise<void> {
  const photo = quick ? sized(2000, 3000) : null;
  const rows: (string | number)[][] = [];
  for (const [id, scale] of MODEL_CASES) {
    const name = `${id} ${scale}x`;
    const kase: ModelCase = { id, scale, source: photo };
    const cold = await attempt(`model ${name}`, () => call('runModel', kase));
    if (typeof cold === 'string') {
      rows.push([name, cold]);
      continue;
    }
    const all: JobFigures[] = [];
    // Slow ones need no median; of a tenth of a second the browser's own work is a part, which differs from run to run.
    const times = cold.ms > 8000 ? 1 : cold.ms > 2000 ? Math.min(3, runs) : 2 * runs;
    for (let i = 0; i < times; i++) all.push(await call('runModel', kase));
    const { megapixels, engine, ai: report, warnings, timings } = all.at(-1)!;
    const ms = median(all.map((run) => run.ms));
    const stages = Object.entries(timings).map(([stage, spent]) => `${stage} ${spent.toFixed(0)}`);
    rows.push([
      ...[name, report!.backends.join(', '), engine, megapixels, cold.ms, ms, ms / 1000 / megapixels],
      ...[report!.tiles, stages.join(', '), warnings.join(' ')],
    ]);
  }
  report(
    'Models, file to file',
    ['case', 'model by', 'engine', 'MP', 'first ms', 'median ms', 's / MP', 'tiles', 'stages (ms)', 'remarks'],
    rows,
  );
}

const NETWORK_PASSES = ['network-', 'graph-'];

/** The engine with a model: source decoded before, coded bytes thrown away; without the GPU's clock, and with it. */
async function measureModelPasses(call: Call): Promise<void> {
  const source = quick ? sized(2000, 3000) : null;
  const rows: (string | number)[][] = [];
  for (const [model, scale] of MODEL_CASES) {
    const figures = await attempt(`passes ${model} ${scale}x`, async () => {
      const kase: EngineCase = { scale, source, output: 'jpeg', model };
      await call('runEngine', kase);
      const { ms } = await call('runEngine', kase);
      return { alone: ms, ...(await call('runEngine', { ...kase, profile: true })) };
    });
    if (typeof figures === 'string') {
      rows.push([`${model} ${scale}x`, figures]);
      continue;
    }
    const { alone, ms, passes, megapixels, peakBytes } = figures;
    const inNetwork = Object.entries(passes)
      .filter(([pass]) => NETWORK_PASSES.some((start) => pass.startsWith(start)))
      .reduce((sum, [, spent]) => sum + spent, 0);
    const stages = Object.entries(passes).map(([pass, spent]) => `${pass} ${spent.toFixed(1)}`);
    rows.push([
      ...[`${model} ${scale}x`, alone, ms, inNetwork, (100 * inNetwork) / alone, inNetwork / 1000 / megapixels],
      ...[peakBytes / 2 ** 20, stages.join(', ')],
    ]);
  }
  report(
    'Engine with a model',
    ['case', 'ms', 'with the clock', 'in the network', '%', 's / MP in the network', 'peak MiB', 'passes (ms)'],
    rows,
  );
}

/** The layers of the good model over one tile, and other shapes of the convolution. */
async function measureLayers(call: Call): Promise<void> {
  const layers = await call('runLayers', 'cunet', quick ? 60 : 362);
  const rate = (work: number, ms: number): number | string => (work === 0 ? '-' : (2 * work) / ms / 1e9);
  const all = layers.reduce((sum, { work, ms }) => ({ work: sum.work + work, ms: sum.ms + ms }), { work: 0, ms: 0 });
  report(
    'Layers of cunet, one tile',
    ['layer', 'pass', 'multiplications (10^9)', 'ms', 'TFLOP/s'],
    [
      ...layers.map(({ pass, work, ms }, i) => [i, pass, work / 1e9, ms, rate(work, ms)]),
      ['all', '', all.work / 1e9, all.ms, rate(all.work, all.ms)],
    ],
  );
  report(
    'Shapes of a convolution of 64 to 64 channels',
    ['shape', 'TFLOP/s', 'difference'],
    (await call('runVariants', quick)).map(({ name, teraflops, difference }) => [name, teraflops, difference]),
  );
}

const GROUPS: Record<string, (bench: Bench) => Promise<void>> = {
  device: ({ call }) => measureOpenings(call),
  passes: ({ call }) => measurePasses(call),
  engine: ({ call }) => measureEngine(call),
  sweep: ({ call }) => measureSweep(call),
  jobs: ({ call }) => measureJobs(call),
  memory: measureMemory,
  models: async ({ call }) => {
    for (const [name, task] of [
      ['models', measureModels],
      ['passes of models', measureModelPasses],
      ['layers', measureLayers],
    ] as const) {
      const failure = await attempt(name, () => task(call));
      if (typeof failure === 'string') console.log(`\n${name} ${failure}`);
    }
  },
};

if (options.pack) {
  await pack();
} else {
  const wanted = options.only === '' ? Object.keys(GROUPS) : options.only.split(',');
  await withPage(async (bench) => {
    console.log(`Chromium ${bench.version}, medians of ${runs} after one run to warm up`);
    for (const name of wanted) {
      const failure = await attempt(name, () => GROUPS[name]!(bench));
      if (typeof failure === 'string') console.log(`\n${name} ${failure}`);
      mkdirSync(options.out, { recursive: true });
      writeFileSync(join(options.out, 'results.json'), JSON.stringify(results, null, 1));
    }
  });
}
