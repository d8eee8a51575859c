import type { AiPass } from '../../core/plan/ai-passes.ts';
import type { Tile } from '../../core/plan/tiles.ts';
import { fileHash } from '../../models/catalogue.ts';
import type { TileStore } from '../../core/tile-store.ts';
import { APP_VERSION } from '../receipt.ts';
import type { PixelChoices, TileKeeper } from './model-pixels.ts';

/**
 * Raised whenever tiles of the same key would have other pixels than before, by however little: tiles of both would meet in one picture.
 * That is also so where a network moves to another runtime or to other kernels, which round otherwise. Every version of the app has tiles
 * of its own besides.
 *
 * 2: the bundled networks run on kernels of our own, no longer in ONNX Runtime.
 */
const TILES_VERSION = 2;

/**
 * What names the tiles of each pass, but for the picture: the models up to it, and of the choices those that change them. Mixing and
 * colour lock come after the tiles: they change only those of later passes.
 */
export function passKeys(passes: readonly AiPass[], choices: PixelChoices): string[] {
  const { tta, alpha, blend, colourLock } = choices;
  return passes.map(({ input, shape }, index) => {
    const models = passes.slice(0, index + 1).map((pass) => [fileHash(pass), pass.shape]);
    return JSON.stringify([
      TILES_VERSION,
      APP_VERSION,
      models,
      input,
      shape,
      tta,
      alpha,
      index === 0 ? null : [blend, colourLock],
    ]);
  });
}

export const tileKey = (passKey: string, { column, row }: Tile): string => `${column},${row} ${passKey}`;

/**
 * A keeper for one picture and one set of choices. `source` names the picture that the first pass sees, by what it shows: null when it has
 * no name, and nothing is kept then.
 */
export function keepTiles(
  store: TileStore,
  source: Promise<string | null>,
  passes: readonly AiPass[],
  choices: PixelChoices,
): TileKeeper {
  const keys = passKeys(passes, choices);
  const keyOf = async (pass: number, tile: Tile): Promise<string | null> => {
    const name = await source.catch(() => null);
    return name === null ? null : `${tileKey(keys[pass], tile)} ${name}`;
  };
  return {
    async get(pass, tile) {
      const key = await keyOf(pass, tile);
      return key === null ? null : store.get(key);
    },
    async put(pass, tile, samples, milliseconds) {
      const key = await keyOf(pass, tile);
      if (key !== null) await store.put(key, samples, milliseconds);
    },
  };
}
