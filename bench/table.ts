import type { Case } from './cases.ts';
import type { Measurement } from './measure.ts';

/** A contestant's medians; memory and quality are from the first run, whose time does not count where there are others. */
export interface CaseRow extends Measurement {
  readonly name: string;
  readonly runs: readonly number[];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function rowOf(name: string, measurements: readonly Measurement[]): CaseRow {
  const failure = measurements.find(({ error }) => error !== null);
  if (failure) return { name, runs: [], ...failure };
  const [first] = measurements;
  const timed = measurements.length > 1 ? measurements.slice(1) : measurements;
  return {
    ...{ name, runs: timed.map(({ seconds }) => seconds) },
    ...{
      seconds: median(timed.map(({ seconds }) => seconds)),
      cpuSeconds: median(timed.map((m) => m.cpuSeconds ?? NaN)),
    },
    ...{
      peakBytes: first.peakBytes,
      bytes: first.bytes,
      psnr: first.psnr,
      detail: measurements.at(-1)?.detail,
      error: null,
    },
  };
}

const fixed = (value: number | null, digits: number): string =>
  value === null || Number.isNaN(value) ? '-' : value.toFixed(digits);

/** Prints the medians of a case, fastest first behind ours, with each peer's time over ours, and returns them. */
export function printCase(entry: Case, all: ReadonlyMap<string, readonly Measurement[]>): CaseRow[] {
  const rows = [...all].map(([name, measurements]) => rowOf(name, measurements));
  const ours = rows.find(({ name }) => name === 'ours');
  console.log(`\n### ${entry.title}\n`);
  console.log('| contestant | wall s | x ours | cpu s | peak MB | bytes | x ours | PSNR dB |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const row of rows) {
    if (row.error !== null) {
      console.log(`| ${row.name} | fails: ${row.error} | | | | | | |`);
      continue;
    }
    const ratio = ours ? fixed(row.seconds / ours.seconds, 1) : '-';
    const sizes = ours?.bytes != null && row.bytes !== null ? fixed(row.bytes / ours.bytes, 2) : '-';
    const memory = row.peakBytes === null ? '-' : fixed(row.peakBytes / 2 ** 20, 0);
    const bytes = row.bytes?.toLocaleString('en') ?? '-';
    console.log(
      `| ${row.name} | ${fixed(row.seconds, 3)} | ${ratio} | ${fixed(row.cpuSeconds, 2)} | ${memory} | ${bytes} | ${sizes} | ${fixed(row.psnr, 2)} |`,
    );
  }
  return rows;
}
