/**
 * Measures the GPU engine on a machine with a GPU that may have neither this repository's packages nor a network.
 *
 *     npx tsx bench/gpu.ts --pack           builds bench/out/gpu: the page, this program as one file, a photograph
 *     node bench/out/gpu/gpu.mjs            runs all cases there and prints the tables; also writes results.json
 *
 * `--browser` and `--playwright` name the browser's program and playwright-core's folder (environment: CHROMIUM, PLAYWRIGHT); `--software`
 * runs on a machine without a GPU, `--quick` takes small pictures, `--only passes,jobs` some of the groups, `--models cunet` some of the models, `--out`
 * is the folder for results.
 */
import { measureEngine, measureOpenings, measurePasses, measureSweep } from './gpu/measure-engine.ts';
import { measureJobs, measureMemory } from './gpu/measure-jobs.ts';
import { measureLayers, measureModelPasses, measureModels } from './gpu/measure-models.ts';
import { measurePeers } from './gpu/measure-peers.ts';
import { options, runs } from './gpu/options.ts';
import { withPage, type BenchPage } from './gpu/page-host.ts';
import { attempt, saveResults } from './gpu/report.ts';

const GROUPS: Record<string, (bench: BenchPage) => Promise<void>> = {
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
  peers: measurePeers,
};

if (options.pack) {
  const { pack } = await import('./gpu/pack.ts');
  await pack();
} else {
  const wanted = options.only === '' ? Object.keys(GROUPS) : options.only.split(',');
  await withPage(async (bench) => {
    console.log(`Chromium ${bench.version}, medians of ${runs} after one run to warm up`);
    for (const name of wanted) {
      const failure = await attempt(name, () => GROUPS[name]!(bench));
      if (typeof failure === 'string') console.log(`\n${name} ${failure}`);
      saveResults(options.out);
    }
  });
}
