/** The bundled models on the GPU: whole jobs, the engine's passes, and the layers of one network. */
import type { EngineCase, JobFigures, ModelCase } from '../gpu-page.ts';
import { isQuick, options, PHOTO, runs } from './options.ts';
import type { Call } from './page-host.ts';
import { attempt, median, report } from './report.ts';

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
export async function measureModels(call: Call): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const [id, scale] of MODEL_CASES) {
    const name = `${id} ${scale}x`;
    const kase: ModelCase = { id, scale, source: PHOTO };
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
export async function measureModelPasses(call: Call): Promise<void> {
  const rows: (string | number)[][] = [];
  for (const [model, scale] of MODEL_CASES) {
    const figures = await attempt(`passes ${model} ${scale}x`, async () => {
      const kase: EngineCase = { scale, source: PHOTO, output: 'jpeg', model };
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
export async function measureLayers(call: Call): Promise<void> {
  const layers = await call('runLayers', 'cunet', isQuick ? 60 : 362);
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
    (await call('runVariants', isQuick)).map(({ name, teraflops, difference }) => [name, teraflops, difference]),
  );
}
