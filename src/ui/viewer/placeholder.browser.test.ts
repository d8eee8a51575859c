import type OpenSeadragon from 'openseadragon';
import { expect, test } from 'vitest';
import { makePlaceholder } from './placeholder.ts';

/** What the viewer gets when it asks for the tile. */
function requested(source: OpenSeadragon.TileSource): { context: CanvasRenderingContext2D | null; failed: boolean } {
  const answer: ReturnType<typeof requested> = { context: null, failed: false };
  source.downloadTileStart({
    finish: (context: CanvasRenderingContext2D) => (answer.context = context),
    fail: () => (answer.failed = true),
  } as unknown as OpenSeadragon.ImageJob);
  return answer;
}

test('is there again after the viewer has emptied its tile', async () => {
  const pixels = new ImageData(new Uint8ClampedArray([10, 20, 30, 255, 40, 50, 60, 255]), 2, 1);
  const bitmap = await createImageBitmap(pixels);
  const source = makePlaceholder(bitmap);
  const first = requested(source).context!;
  // As OpenSeadragon does with tiles that fall out of its cache.
  Object.assign(first.canvas, { width: 0, height: 0 });
  const second = requested(source).context!;
  expect([...second.getImageData(0, 0, 2, 1).data]).toEqual([...pixels.data]);

  bitmap.close();
  expect(requested(source)).toEqual({ context: null, failed: true });
});
