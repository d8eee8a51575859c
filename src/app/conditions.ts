import type { Environment } from '../pipeline/environment.ts';
import type { Calibration } from './calibration.ts';
import type { Destination } from './destination.ts';
import { Store } from './store.ts';
import { UNKNOWN_CONDITIONS, type Conditions } from './verdict.ts';

/** Where the conditions of jobs are learnt from. */
export interface ConditionSources {
  readonly destination: Destination;
  readonly calibration: Calibration;
  readonly modelTime: Conditions['modelTime'];
  /** Bytes that the browser's own storage has left, or null. */
  readonly freeBytes: () => Promise<number | null>;
  /** Parts of the library of formats that cannot be had now. */
  readonly outOfReach: () => Promise<Conditions['outOfReach']>;
}

/**
 * What verdicts are made under, beside the settings; replaced whenever a part of it changes. What jobs teach is taken over between runs:
 * each change has all verdicts made anew, which for a thousand pictures takes longer than the page may stand still while a job runs.
 */
export class ConditionsStore extends Store<Conditions> {
  readonly #freeBytes: ConditionSources['freeBytes'];
  readonly #outOfReach: ConditionSources['outOfReach'];
  readonly #calibration: Calibration;

  constructor({ destination, calibration, modelTime, freeBytes, outOfReach }: ConditionSources) {
    super({
      ...UNKNOWN_CONDITIONS,
      ...{ destination: destination.value, experience: calibration.value, modelTime },
    });
    this.#freeBytes = freeBytes;
    this.#outOfReach = outOfReach;
    this.#calibration = calibration;
    destination.subscribe(() => {
      const { kind } = this.value.destination;
      this.set({ ...this.value, destination: destination.value });
      if (kind !== destination.value.kind) void this.refresh();
    });
  }

  /** Takes in what the engine has found out about this device. */
  know(environment: Environment): void {
    this.set({ ...this.value, environment });
  }

  /** Takes over what the jobs of a run have taught. */
  learn(): Promise<void> {
    const experience = this.#calibration.value;
    if (experience !== this.value.experience) this.set({ ...this.value, experience });
    return this.refresh();
  }

  /** Looks again how much room the browser's storage has, and what is out of reach. */
  async refresh(): Promise<void> {
    const [freeBytes, outOfReach] = await Promise.all([
      this.#freeBytes().catch(() => null),
      this.#outOfReach().catch(() => []),
    ]);
    const same = freeBytes === this.value.freeBytes && outOfReach.join() === this.value.outOfReach.join();
    if (!same) this.set({ ...this.value, freeBytes, outOfReach });
  }
}
