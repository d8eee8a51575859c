import type { EngineName } from '../../core/engine.ts';
import type { JobOptions } from '../../core/options.ts';
import type { JobPlan } from '../plan-job.ts';

const CHUNK_BYTES = 8 << 20;

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A sum of a file's whole content, in bounded memory: SHA-256 of the SHA-256 of its runs of 8 MiB. */
export async function contentHash(file: Blob): Promise<string> {
  const sums: ArrayBuffer[] = [];
  for (let at = 0; at < file.size; at += CHUNK_BYTES) {
    sums.push(await crypto.subtle.digest('SHA-256', await file.slice(at, at + CHUNK_BYTES).arrayBuffer()));
  }
  return hex(await crypto.subtle.digest('SHA-256', await new Blob(sums).arrayBuffer()));
}

/**
 * Stands for everything that the bytes of a job's bands depend on: the picture, what is asked for, the plan, the engine, and the build
 * of the app. Where two jobs differ in any of it, their keys do.
 */
export async function stageKey(
  source: Blob,
  options: JobOptions,
  { spec, picture, bands }: JobPlan,
  engine: EngineName,
  build: string,
): Promise<string> {
  // The curves are the profile's, which is the picture's.
  const resampling = { ...spec, curves: null };
  const facts = {
    build,
    engine,
    source: await contentHash(source),
    options,
    resampling,
    picture,
    rows: bands[0]!.rows,
  };
  const text = new TextEncoder().encode(JSON.stringify(facts));
  return hex(await crypto.subtle.digest('SHA-256', text));
}
