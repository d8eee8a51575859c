import type { TileStore } from '../../core/tile-store.ts';

/** Finished tiles in memory, the least recently used given up first; before another store, if there is one. */
export class MemoryTiles implements TileStore {
  readonly #budget: number;
  readonly #behind: TileStore | null;
  readonly #tiles = new Map<string, Uint8Array<ArrayBuffer>>();
  #bytes = 0;

  /** `budget` in bytes. */
  constructor(budget: number, behind: TileStore | null = null) {
    this.#budget = budget;
    this.#behind = behind;
  }

  async get(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const tile = this.#tiles.get(key) ?? (await this.#behind?.get(key)) ?? null;
    if (tile !== null) this.#keep(key, tile);
    return tile;
  }

  async put(key: string, bytes: Uint8Array<ArrayBuffer>, milliseconds: number): Promise<void> {
    this.#keep(key, bytes);
    await this.#behind?.put(key, bytes, milliseconds);
  }

  async close(): Promise<void> {
    this.#tiles.clear();
    this.#bytes = 0;
    await this.#behind?.close();
  }

  #keep(key: string, bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes += bytes.length - (this.#tiles.get(key)?.length ?? 0);
    this.#tiles.delete(key);
    this.#tiles.set(key, bytes);
    for (const [oldest, tile] of this.#tiles) {
      if (this.#bytes <= this.#budget) break;
      this.#tiles.delete(oldest);
      this.#bytes -= tile.length;
    }
  }
}
