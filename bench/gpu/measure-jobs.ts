/** Whole jobs by the product's API: how long they take, and how much memory. */
import { findProcess, ResourceWatch, type ResourceUse } from '../../scripts/cli/memory.ts';
import type { JobCase, JobFigures } from '../gpu-page.ts';
import { PHOTO, runs, sized } from './options.ts';
import type { BenchPage, Call } from './page-host.ts';
import { attempt, median, report } from './report.ts';

/** Whole jobs: file in OPFS or memory to file. */
export async function measureJobs(call: Call): Promise<void> {
  const jpeg = { format: 'jpeg', quality: 90 } as const;
  const by = (scale: number): { target: { kind: 'scale'; x: number; y: number } } => ({
    target: { kind: 'scale', x: scale, y: scale },
  });
  const cases: readonly (readonly [string, JobCase])[] = [
    ['15x JPEG, OPFS, gpu', { options: { ...jpeg, ...by(15), engine: 'gpu' }, source: PHOTO, sink: 'opfs' }],
    ['15x JPEG, OPFS, auto', { options: { ...jpeg, ...by(15), engine: 'auto' }, source: PHOTO, sink: 'opfs' }],
    ['15x JPEG, OPFS, simd', { options: { ...jpeg, ...by(15), engine: 'simd' }, source: PHOTO, sink: 'opfs' }],
    ['15x JPEG, file stream, gpu', { options: { ...jpeg, ...by(15), engine: 'gpu' }, source: PHOTO, sink: 'stream' }],
    ['15x PNG fast, OPFS, gpu', { options: { format: 'png', ...by(15), engine: 'gpu' }, source: PHOTO, sink: 'opfs' }],
    [
      '15x PNG fast, OPFS, simd',
      { options: { format: 'png', ...by(15), engine: 'simd' }, source: PHOTO, sink: 'opfs' },
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
export async function measureMemory({ call, open, profile }: BenchPage): Promise<void> {
  const pid = await findProcess(`--user-data-dir=${profile}`);
  if (pid === null) throw new Error('the processes of the browser are not to be seen here');
  const rows: (string | number)[][] = [];
  for (const format of ['jpeg', 'png'] as const) {
    for (const scale of [4, 6, 10, 15]) {
      const target = { kind: 'scale', x: scale, y: scale } as const;
      const kase: JobCase = { options: { format, quality: 90, target, engine: 'gpu' }, source: PHOTO, sink: 'opfs' };
      const uses: ResourceUse[] = [];
      for (let i = 0; i < runs; i++) {
        await open();
        const watch = await ResourceWatch.start(pid, 2, true);
        await call('runJob', kase);
        uses.push(await watch.stop());
      }
      const peaks = uses.map(({ peakBytes }) => peakBytes / 1e6);
      const types = [...new Set(uses.flatMap(({ peakByType }) => Object.keys(peakByType)))];
      const byType = types.map((type) => {
        const each = uses.map(({ peakByType }) => (peakByType[type] ?? 0) / 1e6);
        return `${type || 'browser'} ${median(each).toFixed(0)}`;
      });
      rows.push([`${scale}x ${format}`, median(peaks), Math.min(...peaks), Math.max(...peaks), byType.join(', ')]);
    }
  }
  report(
    'Memory of all processes above an idle tab, MB',
    ['job on the GPU', 'median', 'least', 'most', 'by process'],
    rows,
  );
}
