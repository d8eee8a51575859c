import type { AiPass } from '../../core/plan/ai-passes.ts';
import type { Tile } from '../../core/plan/tiles.ts';
import { fileHash } from '../../models/catalogue.ts';
import type { PixelChoices } from './model-pixels.ts';

/** Raised whenever tiles of the same key would have other pixels than before. */
const TILES_VERSION = 1;

/**
 * What names the tiles of each pass, but for the picture: the models up to it, and of the choices those that change them. Mixing and
 * colour lock come after the tiles: they change only those of later passes.
 */
export function passKeys(passes: readonly AiPass[], choices: PixelChoices): string[] {
  const { tta, alpha, blend, colourLock } = choices;
  return passes.map(({ input, shape }, index) => {
    const models = passes.slice(0, index + 1).map((pass) => [fileHash(pass), pass.shape]);
    return JSON.stringify([TILES_VERSION, models, input, shape, tta, alpha, index === 0 ? null : [blend, colourLock]]);
  });
}

export const tileKey = (passKey: string, { column, row }: Tile): string => `${column},${row} ${passKey}`;
