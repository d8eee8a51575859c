import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchActing } from './acting.ts';

const heard = new Map<string, (event: unknown) => void>();
let frames: (() => void)[] = [];
let told: boolean[] = [];

beforeEach(() => {
  [frames, told] = [[], []];
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => frames.push(callback));
  vi.stubGlobal('addEventListener', (type: string, listener: () => void, { signal }: { signal: AbortSignal }) => {
    heard.set(type, listener);
    signal.addEventListener('abort', () => heard.delete(type));
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

const act = (type: string, change = {}): void => heard.get(type)?.({ type, isTrusted: true, buttons: 0, ...change });

function paint(): void {
  const due = frames;
  frames = [];
  for (const callback of due) callback();
}

test.each(['pointerdown', 'click', 'keydown', 'input', 'wheel'])('tells of a %s, and when it is painted', (type) => {
  watchActing((acting) => told.push(acting));
  act(type);
  expect(told).toEqual([true]);
  paint();
  expect(told).toEqual([true]);
  paint();
  expect(told).toEqual([true, false]);
  expect(frames).toEqual([]);
});

test('tells once for every few frames of what goes on', () => {
  watchActing((acting) => told.push(acting));
  for (let frame = 0; frame < 4; frame++) {
    for (let i = 0; i < 5; i++) act('wheel');
    paint();
  }
  expect(told).toEqual([true, true, true]);
  paint();
  paint();
  expect(told).toEqual([true, true, true, false]);
});

test('takes a pointer that only moves, what no person did, and what nobody sees for nothing', () => {
  watchActing((acting) => told.push(acting));
  act('pointermove');
  act('keydown', { isTrusted: false });
  vi.stubGlobal('document', { visibilityState: 'hidden' });
  act('keydown');
  expect([told, frames]).toEqual([[], []]);
  vi.stubGlobal('document', { visibilityState: 'visible' });
  act('pointermove', { buttons: 1 });
  expect(told).toEqual([true]);
});

test('hears nothing more once it is stopped, and tells the end of what it has told', () => {
  const stop = watchActing((acting) => told.push(acting));
  act('keydown');
  stop();
  act('keydown');
  paint();
  paint();
  act('keydown');
  expect(told).toEqual([true, false]);
});
