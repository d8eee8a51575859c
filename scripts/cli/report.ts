/** What a finished or failed job comes to, for `--json` and for people. */
import { toErrorRecord, type ErrorRecord } from '../../src/core/errors.ts';
import type { Receipt } from '../../src/core/job.ts';
import type { ResourceUse } from './memory.ts';
import { formatBytes, formatDuration } from './progress.ts';

/** One job of `--json`. Sizes are in pixels, times in milliseconds, memory in bytes. */
export interface JobReport {
  readonly input: Receipt['input'] & { readonly path: string };
  readonly output: Receipt['output'] & { readonly path: string };
  readonly engine: string;
  readonly engineReason: string;
  readonly kernel: string;
  /** What models did; null without any. */
  readonly ai: Receipt['ai'];
  readonly method: string;
  readonly timings: Receipt['timings'];
  /** From the command's call into the browser to its answer. */
  readonly wallMs: number;
  /**
   * The most proportional set size of the browser's process tree above that of the idle tab before the job, looked at
   * every 200 ms; null where there is no /proc.
   */
  readonly peakMemory: number | null;
  readonly idleMemory: number | null;
  readonly ledgerPeak: number;
  readonly cpuSeconds: number | null;
  readonly bytes: number;
  readonly bands: number;
  readonly metadataKept: readonly string[];
  readonly metadataDropped: readonly string[];
  readonly warnings: readonly string[];
  readonly options: Receipt['options'];
}

export interface FailureReport {
  readonly input: { readonly path: string };
  readonly error: Omit<ErrorRecord, 'stack'>;
}

/** A failed job; the stack is for `--verbose` alone. */
export function failureReport(path: string, error: unknown): FailureReport {
  const { name, code, message, remedy, values } = toErrorRecord(error);
  return { input: { path }, error: { name, code, message, remedy, values } };
}

/** A finished job, out of its receipt and what was measured around it. */
export function jobReport(
  paths: { readonly input: string; readonly output: string },
  receipt: Receipt,
  measured: { readonly wallMs: number; readonly bytes: number; readonly use: ResourceUse | null },
): JobReport {
  const { use, wallMs, bytes } = measured;
  return {
    input: { ...receipt.input, path: paths.input },
    output: { ...receipt.output, path: paths.output },
    engine: receipt.engine,
    engineReason: receipt.engineReason,
    kernel: receipt.options.kernel,
    ai: receipt.ai,
    method: receipt.options.method,
    timings: receipt.timings,
    wallMs: Math.round(wallMs),
    peakMemory: use?.peakBytes ?? null,
    idleMemory: use?.idleBytes ?? null,
    ledgerPeak: receipt.ledgerPeakBytes,
    cpuSeconds: use === null ? null : Number(use.cpuSeconds.toFixed(2)),
    bytes,
    bands: receipt.bands,
    metadataKept: receipt.metadataKept,
    metadataDropped: receipt.metadataDropped,
    warnings: receipt.warnings,
    options: receipt.options,
  };
}

/** "lanczos3 on simd", with the model before it. */
function methodWords({ ai, kernel, engine }: JobReport): string {
  const resampling = `${kernel} on ${engine}`;
  return ai === null
    ? resampling
    : `${ai.passes.map(({ model }) => model).join(', ')} on ${ai.backends.join(', ')}, ${resampling}`;
}

/** The result in one line. */
export function summaryLine(report: JobReport): string {
  const { output, wallMs } = report;
  const speed = (output.width * output.height) / 1000 / Math.max(1, wallMs);
  const memory = report.peakMemory === null ? '' : `, peak memory ${formatBytes(report.peakMemory)}`;
  return (
    `${report.output.path}: ${output.width} x ${output.height}, ${formatBytes(report.bytes)} in ` +
    `${formatDuration(wallMs)} (${speed.toFixed(speed < 10 ? 1 : 0)} MP/s), ${methodWords(report)}${memory}`
  );
}

/** An error in at most two lines: what happened, and what to do. */
export const errorText = (error: { readonly message: string; readonly remedy?: string }): string =>
  error.remedy === undefined || error.remedy === '' ? error.message : `${error.message}\n  ${error.remedy}`;
