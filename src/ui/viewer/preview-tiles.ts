import OpenSeadragon from 'openseadragon';
import type { Size } from '../../core/geometry.ts';
import type { TileView } from '../../workers/protocol.ts';
import type { PreviewSession } from '../../workers/preview-client.ts';

/** Pixels of a tile's side: large enough for few requests, small enough to be there at once. A multiple of JPEG's blocks. */
const TILE = 512;

/** What is shown as one layer: a view of the preview, cut into tiles at every halving of its size. */
export interface Layer {
  /** Layers with equal keys show the same. */
  readonly key: string;
  readonly session: PreviewSession;
  readonly view: TileView;
  readonly size: Size;
  /** Something may shine through. What nothing shines through is drawn without a detour, in a third of the time. */
  readonly transparent: boolean;
}

interface Pending {
  readonly abort: AbortController;
  readonly job: OpenSeadragon.ImageJob;
}

/** The tiles of a layer, computed on demand. What scrolled out of sight before it was computed is dropped. */
export class PreviewTiles {
  readonly layer: Layer;
  readonly source: OpenSeadragon.TileSource;
  readonly #onError: (error: unknown) => void;
  readonly #onTile: () => void;
  readonly #pending = new Map<OpenSeadragon.Tile, Pending>();

  /** `onTile` is called whenever a tile has come, before it is drawn. */
  constructor(layer: Layer, onError: (error: unknown) => void, onTile: () => void) {
    this.layer = layer;
    this.#onError = onError;
    this.#onTile = onTile;
    const { width, height } = layer.size;
    const maxLevel = Math.ceil(Math.log2(Math.max(width, height, 1)));
    // The smallest level is what fits one tile.
    const minLevel = Math.min(maxLevel, Math.floor(Math.log2(TILE)));
    const source = new OpenSeadragon.TileSource({ width, height, tileSize: TILE, minLevel, maxLevel });
    // Never fetched: it only has to be unique.
    source.getTileUrl = (level, x, y) => `${layer.key}/${level}/${x}-${y}`;
    source.getTileHashKey = (level, x, y) => `${layer.key}/${level}/${x}-${y}`;
    source.hasTransparency = () => layer.transparent;
    source.downloadTileStart = (job) => void this.#load(job);
    source.downloadTileAbort = (job) => this.#pending.get(job.tile)?.abort.abort();
    this.source = source;
  }

  /** Tiles that are being computed. */
  get pending(): number {
    return [...this.#pending.values()].filter(({ abort }) => !abort.signal.aborted).length;
  }

  /** Drops requests for tiles that `isWanted` denies. */
  prune(isWanted: (tile: OpenSeadragon.Tile) => boolean): void {
    for (const [tile, { abort }] of this.#pending) if (!isWanted(tile)) abort.abort();
  }

  close(): void {
    this.prune(() => false);
  }

  async #load(job: OpenSeadragon.ImageJob): Promise<void> {
    const { session, view, size } = this.layer;
    const { tile } = job;
    const abort = new AbortController();
    this.#pending.set(tile, { abort, job });
    const scale = this.source.getLevelScale(tile.level);
    const level = { width: Math.ceil(size.width * scale), height: Math.ceil(size.height * scale) };
    const [x, y] = [tile.x * TILE, tile.y * TILE];
    const rect = { x, y, width: Math.min(TILE, level.width - x), height: Math.min(TILE, level.height - y) };
    try {
      const bitmap = await session.tile(view, { size: level, rect }, abort.signal);
      this.#onTile();
      job.finish(bitmap, null, 'imageBitmap');
    } catch (error) {
      // Neither finished nor failed, which would log an error and never ask again: forgotten, so that it is asked for when it is seen again.
      window.clearTimeout(job.jobId ?? undefined);
      job.jobId = null;
      tile.loading = false;
      if (abort.signal.aborted || session.ended) return;
      tile.exists = false;
      this.#onError(error);
    } finally {
      this.#pending.delete(tile);
    }
  }
}
