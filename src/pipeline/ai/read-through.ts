import type { RowReader } from '../../core/source.ts';
import type { TileStore } from '../../core/tile-store.ts';
import { fileHash } from '../../models/catalogue.ts';
import type { ModelRunners } from '../../models/runner.ts';
import type { JobRequest } from '../job-request.ts';
import type { JobPlan } from '../plan-job.ts';
import { AiReader } from './ai-reader.ts';
import { fileDigest, sourceName } from './source-name.ts';
import type { AiProgress } from './tally.ts';
import { keepTiles } from './tile-keys.ts';

/** The rows of the picture that the models of a job make of the edited source's. `tiles` keeps finished ones beyond the job. */
export function readThroughModels(
  source: RowReader,
  { source: file, options }: JobRequest,
  { passes, decoder }: JobPlan,
  runners: ModelRunners,
  tiles: TileStore | null,
  signal: AbortSignal,
  onProgress: (progress: AiProgress) => void,
): AiReader {
  const choices = options.ai!;
  const stage = { passes, choices, runners, hashOf: fileHash, signal, onProgress };
  if (tiles === null) return new AiReader(source, stage);
  const name = fileDigest(file, signal).then((digest) => sourceName(digest, decoder, options));
  name.catch(() => undefined);
  return new AiReader(source, { ...stage, keeper: keepTiles(tiles, name, passes, choices) });
}
