import { afterEach, expect, test } from 'vitest';
import type { StartBar } from './start-bar.ts';
import './start-bar.ts';

afterEach(() => document.body.replaceChildren());

/** The line above the button: what is seen, what those who listen are told, and whether they see that, too. */
async function line(change: Partial<StartBar>): Promise<{ seen: string; told: string; both: boolean }> {
  const bar = document.querySelector<StartBar>('start-bar') ?? (document.createElement('start-bar') as StartBar);
  Object.assign(bar, change);
  document.body.append(bar);
  await bar.updateComplete;
  const { offsetWidth, textContent } = bar.renderRoot.querySelector<HTMLElement>('[role=status]')!;
  const hidden = bar.renderRoot.querySelector('[aria-hidden=true]');
  return { seen: hidden?.textContent ?? '', told: textContent, both: offsetWidth > 1 };
}

test('during a run the exact progress is seen and its steps are told; what came of it is one text for all', async () => {
  const bar = {
    destination: { kind: 'download', offered: ['download'], folder: null, notice: '' },
    ...{ startable: 1, refusal: null, total: { bytes: 0, ms: 0 }, freeBytes: null },
  } as unknown as Partial<StartBar>;
  expect(await line({ ...bar, running: true, seen: 'a.jpg: 14%', status: 'a.jpg: 10%' })).toEqual({
    ...{ seen: 'a.jpg: 14%', told: 'a.jpg: 10%', both: false },
  });
  const region = document.querySelector('start-bar')!.shadowRoot!.querySelector('[role=status]');
  expect(await line({ running: false, seen: 'Done.', status: 'Done.' })).toEqual({
    ...{ seen: '', told: 'Done.', both: true },
  });
  // Another element would be a region that says nothing when it comes up.
  expect(document.querySelector('start-bar')!.shadowRoot!.querySelector('[role=status]')).toBe(region);
});
