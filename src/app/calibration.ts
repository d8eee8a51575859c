import { editedSize } from '../core/edit/plan-edit.ts';
import { learnBytes, readSizes, type BytesQuestion, type SizeHistory } from '../core/estimate/bytes.ts';
import { learnTimes, readHistory, type SpeedFacts, type SpeedHistory } from '../core/estimate/speed.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import type { Receipt } from '../core/job.ts';
import type { JobOptions } from '../core/options.ts';
import type { PixelFormat } from '../core/pixels.ts';
import { keepStored, loadStored, type KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

/** What finished jobs have told of this device and of the pictures that go through it. */
export interface Experience {
  readonly speeds: SpeedHistory;
  readonly sizes: SizeHistory;
}

export const NO_EXPERIENCE: Experience = { speeds: {}, sizes: {} };

/** What estimates know of a picture. */
export type EstimateSource = Pick<SourceInfo, 'format' | 'channels'>;

/** What the size of a job's file depends on; `source` is the edited picture. */
export function bytesQuestion(options: JobOptions, source: Size, output: Size & PixelFormat): BytesQuestion {
  const { format, quality, chroma, level, finish } = options;
  return { format, quality, chroma, level, source, output, grain: finish.grain?.strength ?? 0 };
}

/** What the time of a job depends on; `source` is the picture as it is decoded, `searched` whether its quality is lowered for a limit. */
export function speedFacts(
  { format: input, channels }: EstimateSource,
  options: JobOptions,
  source: Size,
  output: Size & PixelFormat,
  searched: boolean,
): SpeedFacts {
  const { engine, format, level, method, linear, clampOvershoot, finish, ai, edit } = options;
  return {
    ...{ engine, format, level, method, input, source, output, searched },
    straightened: edit.straighten === 0 ? null : editedSize(source, edit),
    deep: linear || clampOvershoot || channels === 4 || output.depth === 16,
    sharpened: finish.sharpen !== null,
    grained: finish.grain !== null,
    model: ai === null ? null : ai.model.kind === 'bundled' ? ai.model.id : ai.model.sha256,
  };
}

const KEY = 'pro-upscaler.experience';

function readExperience(value: unknown): Experience {
  const { speeds, sizes } = (value ?? {}) as Partial<Record<keyof Experience, unknown>>;
  return { speeds: readHistory(speeds), sizes: readSizes(sizes) };
}

/** Learns from the receipts of jobs how fast this device is and how large files become, and keeps it from visit to visit. */
export class Calibration extends Store<Experience> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    super(readExperience(loadStored(storage, KEY)));
    this.#storage = storage;
  }

  /** Takes in a finished job of a picture whose samples are `source`. */
  learn(source: EstimateSource, { options, input, output, timings, ai, keptBands }: Receipt): void {
    // Tiles and panels take other time and room than files.
    if (options.export.kind !== 'file') return;
    const { speeds, sizes } = this.value;
    const channels = source.channels === 4 && output.format === 'jpeg' ? 3 : source.channels;
    const picture = { ...output, channels, depth: output.depth === 16 ? (16 as const) : (8 as const) };
    // A file that was kept below a limit tells of the limit; tiles from the cache and bands of an earlier attempt took no time.
    const limited = options.maxBytes !== null;
    const searched = limited && output.quality !== undefined && output.quality < options.quality;
    const cached = (ai !== null && ai.cached > 0) || keptBands !== undefined;
    const facts = speedFacts(source, options, input, picture, searched);
    this.set({
      speeds: (limited && !searched) || cached ? speeds : learnTimes(speeds, facts, timings),
      sizes: limited
        ? sizes
        : learnBytes(sizes, bytesQuestion(options, editedSize(input, options.edit), picture), output.bytes),
    });
    keepStored(this.#storage, KEY, this.value);
  }
}
