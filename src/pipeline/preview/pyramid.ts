import type { Size } from '../../core/geometry.ts';
import { bytesPerRow } from '../../core/pixels.ts';
import type { SourceWindow } from '../../core/source.ts';
import { breathe } from '../breathe.ts';
import { GiantSource, reductionSpec, type Resample } from './giant-source.ts';
import type { HeldSource } from './held-source.ts';
import { halvedSize, halvingsFor, runsOf, sameSize } from './level-spec.ts';

/** More than any side can be halved. */
const MOST_HALVINGS = 31;

/** A held source with reduced copies of it, each half the size of the one before, made when somebody looks from farther away. */
export class Pyramid {
  readonly source: HeldSource;
  /** Names it among others, in keys. */
  readonly id: number;
  readonly #resample: Resample;
  readonly #signal: AbortSignal;
  readonly #copies = new Map<number, Promise<SourceWindow>>();

  constructor(source: HeldSource, id: number, resample: Resample, signal: AbortSignal) {
    this.source = source;
    this.id = id;
    this.#resample = resample;
    this.#signal = signal;
  }

  /** How often the source is halved for a level of this size. Of a giant there is no copy between the whole and its reduced one. */
  halvingsFor(size: Size): number {
    const { source } = this;
    const halvings = halvingsFor(source, size, MOST_HALVINGS);
    return source instanceof GiantSource && 2 ** halvings < source.reduction ? 0 : halvings;
  }

  sizeOf(halvings: number): Size {
    return halvedSize(this.source, halvings);
  }

  /** The copy, made from the one before and kept. At least one halving. */
  copy(halvings: number): Promise<SourceWindow> {
    let copy = this.#copies.get(halvings);
    if (copy === undefined) {
      copy = this.#make(halvings);
      this.#copies.set(halvings, copy);
      copy.catch(() => this.#copies.delete(halvings));
    }
    return copy;
  }

  async close(): Promise<void> {
    this.#copies.clear();
    await this.source.close();
  }

  async #make(halvings: number): Promise<SourceWindow> {
    const { source } = this;
    const to = this.sizeOf(halvings);
    if (source instanceof GiantSource && sameSize(to, source.proxy)) {
      await source.proxyReady;
      return { ...source.proxy, capacity: source.proxy.height };
    }
    if (halvings === 1) await source.ready(0, source.height);
    const from = halvings === 1 ? source.window : await this.copy(halvings - 1);
    const { channels, depth } = source;
    const stride = bytesPerRow(to.width, source);
    const data = new Uint8Array(to.height * stride);
    const spec = reductionSpec(from, to);
    for (const run of runsOf(spec, { x: 0, y: 0, ...to }, source, from.capacity)) {
      await breathe();
      this.#signal.throwIfAborted();
      data.set(await this.#resample(spec, from, run.y, run.height), run.y * stride);
    }
    return { ...to, channels, depth, capacity: to.height, data };
  }
}
