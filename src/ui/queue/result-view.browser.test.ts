import { afterEach, expect, test } from 'vitest';
import type { Receipt } from '../../core/job.ts';
import { NO_EDIT } from '../../core/edit/edit.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../../core/options.ts';
import type { ResultView } from './result-view.ts';
import './result-view.ts';

/** The rows of the receipt of a JPEG that was made with these options. */
async function rows(options: Partial<JobOptions>, quality?: number): Promise<ReadonlyMap<string, string>> {
  const receipt: Receipt = {
    ...{ app: 'Pro Upscaler', version: '1', engine: 'simd', engineReason: '', ai: null, bands: 1 },
    input: { name: 'a.jpg', bytes: 10, format: 'jpeg', width: 4, height: 4 },
    output: {
      name: 'b.jpg',
      bytes: 10,
      format: 'jpeg',
      depth: 8,
      width: 8,
      height: 8,
      ...(quality ? { quality } : {}),
    },
    options: { ...DEFAULT_OPTIONS, ...options },
    timings: { probe: 1, decode: 1, compute: 1, write: 1, total: 4 },
    ...{ ledgerPeakBytes: 1, metadataKept: [], metadataDropped: [], warnings: [] },
  };
  const view = document.createElement('result-view') as ResultView;
  Object.assign(view, { receipt, place: { kind: 'blob', blob: new Blob() }, pictureId: 1 });
  document.body.append(view);
  await view.updateComplete;
  const terms = [...view.shadowRoot!.querySelectorAll('dt')];
  return new Map(terms.map((term) => [term.textContent, term.nextElementSibling!.textContent]));
}

afterEach(() => {
  document.body.replaceChildren();
});

test('a receipt names the quality that kept to a limit of bytes', async () => {
  expect((await rows({ maxBytes: 500_000 }, 63)).get('Quality')).toBe('63 · At most 500 kB');
  expect((await rows({}, 90)).get('Quality')).toBe('90');
  expect((await rows({})).has('Quality')).toBe(false);
});

test.each([
  [{}, undefined],
  [{ quarterTurns: 1, mirror: true, straighten: -2.5 }, 'Turn right · Mirror left to right · straightened by -2.5°'],
  [{ quarterTurns: 2, flip: true }, '180° · Mirror top to bottom'],
  [{ crop: { kind: 'rect', x: 1, y: 1, width: 1200, height: 800 } }, '1,200 × 800 px'],
  [{ crop: { kind: 'part', x: 0, y: 0, width: 0.5, height: 0.25 } }, '50% × 25%'],
  [{ crop: { kind: 'aspect', width: 3, height: 2, follow: true } }, '3:2'],
] as const)('a receipt tells of the edit %j', async (edit, told) => {
  expect((await rows({ edit: { ...NO_EDIT, ...edit } })).get('Crop and turn')).toBe(told);
});
