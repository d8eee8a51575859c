import type { AiPass } from '../../core/plan/ai-passes.ts';
import type { PixelChoices, TileKeeper } from './model-pixels.ts';
import { passKeys, tileKey } from './tile-keys.ts';

/** Finished tiles in memory, the least recently used given up first. */
export class MemoryTiles {
  readonly #budget: number;
  readonly #tiles = new Map<string, Uint8Array<ArrayBuffer>>();
  #bytes = 0;

  /** `budget` in bytes. */
  constructor(budget: number) {
    this.#budget = budget;
  }

  /** A keeper for one picture, named by `source`, and one set of choices. */
  keeperFor(source: string, passes: readonly AiPass[], choices: PixelChoices): TileKeeper {
    const keys = passKeys(passes, choices).map((key) => `${key} ${source}`);
    return {
      get: (pass, tile) => Promise.resolve(this.#get(tileKey(keys[pass], tile))),
      put: (pass, tile, samples) => this.#put(tileKey(keys[pass], tile), samples),
    };
  }

  #get(key: string): Uint8Array<ArrayBuffer> | null {
    const tile = this.#tiles.get(key);
    if (tile === undefined) return null;
    this.#tiles.delete(key);
    this.#tiles.set(key, tile);
    return tile;
  }

  #put(key: string, samples: Uint8Array<ArrayBuffer>): void {
    this.#bytes += samples.length - (this.#tiles.get(key)?.length ?? 0);
    this.#tiles.delete(key);
    this.#tiles.set(key, samples);
    for (const [oldest, tile] of this.#tiles) {
      if (this.#bytes <= this.#budget) break;
      this.#tiles.delete(oldest);
      this.#bytes -= tile.length;
    }
  }
}
