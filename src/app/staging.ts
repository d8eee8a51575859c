import type { JobOptions } from '../core/options.ts';
import { metaOf } from './formats.ts';
import { oneOf } from './read-fields.ts';
import { keepStored, loadStored, type KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

/** Which jobs keep their finished bands on the disk until they end: long ones, all that can, none. */
export const STAGING_CHOICES = ['long', 'always', 'never'] as const;
export type StagingChoice = (typeof STAGING_CHOICES)[number];

const KEY = 'pro-upscaler.staging';

/** A job that is thought to take longer than this is worth the disk space. */
export const LONG_JOB_MS = 60_000;

/** Why finished bands of a job cannot be kept, or null when they can. */
export function unstageable({ format, maxBytes, ai }: JobOptions): 'format' | 'limit' | 'model' | null {
  if (!metaOf(format).banded) return 'format';
  if (maxBytes !== null) return 'limit';
  // Its tiles are kept instead.
  return ai === null ? null : 'model';
}

/** Decides which jobs are staged, by what the person chose and how long they will take. */
export class Staging extends Store<StagingChoice> {
  readonly #storage: KeyValueStorage;

  constructor(storage: KeyValueStorage) {
    super(oneOf(loadStored(storage, KEY), STAGING_CHOICES, 'long'));
    this.#storage = storage;
  }

  choose(choice: StagingChoice): void {
    this.set(choice);
    keepStored(this.#storage, KEY, choice);
  }

  /** Whether to keep the finished bands of a job; `expectedMs` is null when nobody knows how long it will take. */
  wants(options: JobOptions, expectedMs: number | null): boolean {
    if (this.value === 'never' || unstageable(options) !== null) return false;
    return this.value === 'always' || (expectedMs ?? 0) > LONG_JOB_MS;
  }
}
