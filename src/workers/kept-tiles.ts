import { TileStorage } from '../cache/tile-storage.ts';
import type { JobServices } from '../pipeline/services.ts';

/** Tiles are kept by the hash of their picture, which pages that are not served securely cannot compute. */
export const KEPT_TILES: Pick<JobServices, 'tiles'> = globalThis.isSecureContext
  ? { tiles: (onTrouble) => new TileStorage({ onTrouble }) }
  : {};
