/** Passes that one submission can time. */
const SLOTS = 256;

/**
 * Times passes by the GPU's own clock (the feature `timestamp-query`). Browsers round the times to 0.1 ms unless developer features are
 * enabled. For benchmarks: it makes a compute pass of each dispatch.
 */
export class StageClock {
  readonly #device: GPUDevice;
  readonly #queries: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #totals = new Map<string, number>();
  #names: string[] = [];
  #readback: GPUBuffer | null = null;
  #pending: Promise<void>[] = [];

  constructor(device: GPUDevice) {
    this.#device = device;
    this.#queries = device.createQuerySet({ label: 'stage clock', type: 'timestamp', count: 2 * SLOTS });
    const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
    this.#resolved = device.createBuffer({ label: 'stage clock', size: 16 * SLOTS, usage });
  }

  /** Reserves the two timestamps of a pass; undefined when the submission has no slot left. */
  begin(name: string): GPUComputePassTimestampWrites | undefined {
    if (this.#names.length === SLOTS) return undefined;
    const index = 2 * this.#names.push(name) - 2;
    return { querySet: this.#queries, beginningOfPassWriteIndex: index, endOfPassWriteIndex: index + 1 };
  }

  /** Records the reading of this submission's timestamps. */
  resolve(encoder: GPUCommandEncoder): void {
    const count = 2 * this.#names.length;
    if (count === 0) return;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    this.#readback = this.#device.createBuffer({ label: 'stage clock', size: 8 * count, usage });
    encoder.resolveQuerySet(this.#queries, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#readback, 0, 8 * count);
  }

  /** Reads them when they are there; to be called after the submission. */
  collect(): void {
    const [readback, names] = [this.#readback, this.#names];
    this.#readback = null;
    this.#names = [];
    if (readback === null) return;
    const reading = readback
      .mapAsync(GPUMapMode.READ)
      .then(() => {
        const times = new BigUint64Array(readback.getMappedRange());
        names.forEach((name, i) => {
          const spent = Number(times[2 * i + 1] - times[2 * i]) / 1e6;
          this.#totals.set(name, (this.#totals.get(name) ?? 0) + spent);
        });
      })
      .catch(() => undefined)
      .finally(() => readback.destroy());
    this.#pending.push(reading);
  }

  /** Milliseconds by pass since the last call. */
  async take(): Promise<Record<string, number>> {
    await Promise.all(this.#pending);
    this.#pending = [];
    const totals = Object.fromEntries(this.#totals);
    this.#totals.clear();
    return totals;
  }

  destroy(): void {
    this.#queries.destroy();
    this.#resolved.destroy();
  }
}
