/** The GPU engine by itself: opening a device, its passes, bands, and sizes of output. */
import type { EngineCase, EngineFigures } from '../gpu-page.ts';
import { isQuick, PHOTO, runs, sized } from './options.ts';
import type { Call } from './page-host.ts';
import { attempt, median, report, results } from './report.ts';

export async function measureOpenings(call: Call): Promise<void> {
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

/** After one to warm up. */
async function engineRuns(call: Call, kase: EngineCase, times: number): Promise<EngineFigures[]> {
  await call('runEngine', kase);
  const all: EngineFigures[] = [];
  for (let i = 0; i < times; i++) all.push(await call('runEngine', kase));
  return all;
}

async function engineMedian(call: Call, kase: EngineCase): Promise<EngineFigures & { all: number[] }> {
  const all = await engineRuns(call, kase, runs);
  const each = all.map(({ ms }) => ms);
  return { ...all.at(-1)!, ms: median(each), openMs: median(all.map(({ openMs }) => openMs)), all: each };
}

/** The passes by the GPU's clock, against the time to write the output once. */
export async function measurePasses(call: Call): Promise<void> {
  const bandwidth = Number(results['bandwidth'] ?? (await call('copyBandwidth')));
  const rows: (string | number)[][] = [];
  for (const [name, kase] of [
    ['15x', { scale: 15, source: PHOTO, output: 'jpeg', profile: true }],
    ['15x, bands of 8 MiB', { scale: 15, source: PHOTO, output: 'jpeg', profile: true, bandMebibytes: 8 }],
    ['15x pixels', { scale: 15, source: PHOTO, output: 'pixels', profile: true }],
    ['15x progressive', { scale: 15, source: PHOTO, output: 'jpeg', method: 'progressive', profile: true }],
    ['4x', { scale: 4, source: PHOTO, output: 'jpeg', profile: true }],
    ['1.1x', { scale: 1.1, source: PHOTO, output: 'jpeg', profile: true }],
    ['0.25x', { scale: 0.25, source: PHOTO, output: 'jpeg', profile: true }],
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
export async function measureEngine(call: Call): Promise<void> {
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
  await measure('JPEG', { scale: 15, source: PHOTO, output: 'jpeg' });
  for (const depth of [1, 2, 4, 16])
    await measure(`JPEG, ${depth} in flight`, { scale: 15, source: PHOTO, output: 'jpeg', depth });
  for (const bandMebibytes of [4, 16, 32]) {
    await measure(`JPEG, bands of ${bandMebibytes} MiB`, { scale: 15, source: PHOTO, output: 'jpeg', bandMebibytes });
  }
  await measure('pixels', { scale: 15, source: PHOTO, output: 'pixels' });
  for (const bandMebibytes of [4, 32]) {
    await measure(`pixels, bands of ${bandMebibytes} MiB`, {
      scale: 15,
      source: PHOTO,
      output: 'pixels',
      bandMebibytes,
    });
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
 * Fixed cost and marginal time from 1.1x to 50x, in three rounds through all sizes: what disturbs the machine for a second shall not fall on one
 * of them alone. Marginal times are taken between sizes half as large again at least: the milliseconds by which runs of one size differ are more
 * than a smaller step costs.
 */
export async function measureSweep(call: Call): Promise<void> {
  const source = sized(1300, 1300);
  const seen = new Map<number, EngineFigures[]>();
  for (let round = 0; round < 3; round++) {
    for (const scale of [1.1, 1.5, 2, 4, 7.6, 11, 15, 20, 30, 40, 50]) {
      const kase = { scale, source, output: 'jpeg' } as const;
      const figures = await attempt(`sweep ${scale}x`, () => engineRuns(call, kase, runs));
      if (typeof figures === 'string') console.log(`${scale}x ${figures}`);
      else seen.set(scale, [...(seen.get(scale) ?? []), ...figures]);
    }
  }
  const rows = [...seen].map(([scale, all]) => {
    const [{ megapixels }] = all as [EngineFigures];
    const [openMs, ms] = [median(all.map((one) => one.openMs)), median(all.map((one) => one.ms))];
    return [scale, megapixels, openMs, ms, ms / megapixels];
  });
  const large = rows.filter(([, megapixels]) => megapixels! >= (isQuick ? 0.1 : 96));
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
