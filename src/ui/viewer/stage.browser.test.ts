import { expect, test, vi } from 'vitest';
import type { PreviewSession } from '../../workers/preview-client.ts';
import './deep-zoom.ts';
import type { DeepZoom } from './deep-zoom.ts';
import type { Layer } from './preview-tiles.ts';
import { Stage } from './stage.ts';

const SIZE = { width: 200, height: 100 };

const frame = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));

async function frames(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await frame();
}

/** A layer whose tiles come, all of one colour, once `come` is called. */
function layerOf(key: string, colour: string): { readonly layer: Layer; readonly asked: () => number; come(): void } {
  let come = (): void => undefined;
  const ready = new Promise<void>((resolve) => (come = resolve));
  const tile = vi.fn(async (_view: unknown, { rect }: { rect: { width: number; height: number } }) => {
    await ready;
    const canvas = new OffscreenCanvas(rect.width, rect.height);
    const context = canvas.getContext('2d')!;
    context.fillStyle = colour;
    context.fillRect(0, 0, rect.width, rect.height);
    return canvas.transferToImageBitmap();
  });
  const session = { tile, ended: false } as unknown as PreviewSession;
  const layer = { key, session, view: {} as Layer['view'], size: SIZE, transparent: false };
  return { layer, asked: () => tile.mock.calls.length, come };
}

test('draws nothing for a layer of which nothing is there yet, and keeps showing the one before', async () => {
  const host = document.createElement('div');
  Object.assign(host.style, { width: '200px', height: '100px' });
  document.body.append(host);
  const ignore = (): void => undefined;
  const stage = new Stage(host, { view: ignore, loaded: ignore, error: ignore });
  stage.setSize(SIZE);
  const middle = (): readonly number[] => {
    const canvas = host.querySelector('canvas')!;
    const { data } = canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
    return [...data];
  };

  const first = layerOf('first', 'rgb(255, 0, 0)');
  stage.setLayer('after', first.layer);
  first.come();
  await vi.waitFor(() => expect([stage.isLoaded, middle()]).toEqual([true, [255, 0, 0, 255]]));
  await frames(5);
  const drawn = vi.spyOn(CanvasRenderingContext2D.prototype, 'clearRect');
  // Said again, as with every report of a job's progress.
  stage.show({ kind: 'one', slot: 'after' });
  await frames(5);
  expect(drawn).not.toHaveBeenCalled();

  const second = layerOf('second', 'rgb(0, 0, 255)');
  stage.setLayer('after', second.layer);
  await vi.waitFor(() => expect(second.asked()).toBeGreaterThan(0));
  await frames(5);
  drawn.mockClear();
  await frames(20);
  expect(drawn).not.toHaveBeenCalled();
  expect([stage.isLoaded, middle()]).toEqual([false, [255, 0, 0, 255]]);
  drawn.mockRestore();

  second.come();
  await vi.waitFor(() => expect([stage.isLoaded, middle()]).toEqual([true, [0, 0, 255, 255]]));
  stage.destroy();
  host.remove();
});

test('does nothing where it is told the same in other objects', async () => {
  const surface = document.createElement('deep-zoom') as DeepZoom;
  const tell = (key: string, factor: number): void => {
    surface.result = layerOf(key, 'red').layer;
    surface.reference = layerOf(`${key}, before`, 'blue').layer;
    surface.size = { width: SIZE.width * factor, height: SIZE.height * factor };
    surface.labels = { before: 'Source', after: `Result ${factor}` };
  };
  tell('one', 2);
  document.body.append(surface);
  await surface.updateComplete;
  tell('one', 2);
  expect(surface.isUpdatePending).toBe(false);
  tell('one', 3);
  expect(surface.isUpdatePending).toBe(true);
  await surface.updateComplete;
  tell('other', 3);
  expect(surface.isUpdatePending).toBe(true);
  surface.remove();
});
