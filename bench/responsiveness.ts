/**
 * How the page answers while it enlarges a picture 15 times, by the browser's own performance entries: the longest task of the main thread
 * (`longtask`) and the time from each key and click to the next paint (`event`).
 * `npm run build && npx tsx bench/responsiveness.ts [--format png] [--out FILE]`. Without a result for machines other than the one it runs on.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type ElementHandle, type Locator, type Page } from 'playwright-core';
import sharp from 'sharp';
import { BROWSER_FLAGS, ensureBrowser } from '../scripts/browser.ts';
import { startServer } from '../scripts/cli/server.ts';

const SOURCE = { width: 2000, height: 3000 };
const FACTOR = 15;

/** An entry as it comes out of the page; milliseconds. */
interface Entry {
  readonly name: string;
  readonly start: number;
  readonly duration: number;
}

/** A script that ran in a frame that took long, and what of its time was spent on laying out the page. */
interface Script {
  readonly invoker: string;
  /** The function and its place in the built file. */
  readonly source: string;
  readonly duration: number;
  readonly layout: number;
}

/** A frame that took long: all of it, what held up input, the time from its rendering on, and of that for style and layout. */
interface Frame {
  readonly start: number;
  readonly duration: number;
  readonly blocking: number;
  readonly rendering: number;
  readonly layout: number;
}

interface Entries {
  readonly scripts: readonly Script[];
  readonly frames: readonly Frame[];
  readonly tasks: readonly Entry[];
  readonly events: readonly Entry[];
}

/** Gathers entries from now on. */
const observe = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const kept = { tasks: [] as unknown[], events: [] as unknown[], scripts: [] as unknown[], frames: [] as unknown[] };
    Object.assign(window, { responsiveness: kept });
    new PerformanceObserver((list) => {
      for (const { name, startTime, duration } of list.getEntries()) {
        kept.tasks.push({ name, start: startTime, duration });
      }
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      type LongFrame = PerformanceEntry &
        Record<'blockingDuration' | 'renderStart' | 'styleAndLayoutStart', number> & {
          scripts: Record<string, unknown>[];
        };
      for (const frame of list.getEntries() as LongFrame[]) {
        const { startTime, duration, blockingDuration, renderStart, styleAndLayoutStart } = frame;
        const end = startTime + duration;
        kept.frames.push({
          ...{ start: startTime, duration, blocking: blockingDuration },
          ...{ rendering: renderStart && end - renderStart, layout: styleAndLayoutStart && end - styleAndLayoutStart },
        });
        for (const script of frame.scripts) {
          const { invoker, duration: time, forcedStyleAndLayoutDuration: layout } = script;
          const file = String(script.sourceURL).split('/').at(-1);
          const source = `${String(script.sourceFunctionName)} ${file}:${String(script.sourceCharPosition)}`;
          kept.scripts.push({ invoker, source, duration: time, layout });
        }
      }
    }).observe({ type: 'long-animation-frame' });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEventTiming & { interactionId: number })[]) {
        const { name, startTime, duration, interactionId } = entry;
        if (interactionId > 0) kept.events.push({ name, start: startTime, duration });
      }
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
  });

const gathered = (page: Page): Promise<Entries> =>
  page.evaluate(() => (window as unknown as { responsiveness: Entries }).responsiveness);

/** An element that is there, found once: to search the page for it each time, with all its shadow roots, is a task of tens of milliseconds. */
async function handle(locator: Locator): Promise<ElementHandle<HTMLElement | SVGElement>> {
  const found = await locator.first().elementHandle();
  if (found === null) throw new Error(`not on the page: ${String(locator)}`);
  return found;
}

const paletteIs = (page: Page, wanted: boolean): Promise<unknown> =>
  page.waitForFunction((open) => {
    const palette = document.querySelector('app-shell')?.shadowRoot?.querySelector('command-palette');
    return (palette?.shadowRoot?.querySelector('input') != null) === open;
  }, wanted);

/** What a person may do meanwhile: other settings, panes, the palette, the viewer, the list. */
async function use(page: Page, running: () => Promise<boolean>): Promise<number> {
  const size = await handle(page.getByLabel('Size', { exact: true }).and(page.locator('input')));
  const row = await handle(page.locator('picture-row .select'));
  const kernel = await handle(page.getByRole('combobox', { name: 'Kernel', exact: true }));
  let rounds = 0;
  for (; await running(); rounds++) {
    await size.fill(String(2 + (rounds % 5)));
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+k');
    await paletteIs(page, true);
    await page.keyboard.type('hist');
    await page.keyboard.press('Escape');
    await paletteIs(page, false);
    await row.click();
    await kernel.click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.mouse.move(500 + (rounds % 7) * 20, 400);
    await page.mouse.wheel(0, rounds % 2 === 0 ? -240 : 240);
    await page.keyboard.press('Control+z');
  }
  return rounds;
}

const { values } = parseArgs({
  options: {
    format: { type: 'string', default: 'png' },
    out: { type: 'string' },
    app: { type: 'string', default: 'dist' },
  },
});
const scratch = mkdtempSync(join(tmpdir(), 'responsiveness-'));
const server = await startServer({ root: values.app, port: 0 });
try {
  const path = join(scratch, 'photo.png');
  const noise = { type: 'gaussian', mean: 128, sigma: 24 } as const;
  await sharp({ create: { ...SOURCE, channels: 3, background: '#888', noise } })
    .blur(2)
    .png({ compressionLevel: 1 })
    .toFile(path);
  const context = await chromium.launchPersistentContext(join(scratch, 'profile'), {
    executablePath: ensureBrowser(),
    headless: true,
    args: [...BROWSER_FLAGS],
    viewport: { width: 1280, height: 900 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  // A folder of the private file system in the place of the picker, which nobody can click on here.
  await page.addInitScript(() => {
    window.showDirectoryPicker = async () =>
      (await navigator.storage.getDirectory()).getDirectoryHandle('chosen', { create: true });
  });
  await page.goto(server.origin);
  await page.locator('input[type=file][multiple]').setInputFiles(path);
  await page.locator('verdict-view .output').waitFor();
  const size = page.getByLabel('Size', { exact: true }).and(page.locator('input'));
  await size.fill(String(FACTOR));
  await page.getByRole('combobox', { name: 'Format', exact: true }).click();
  await page.getByRole('option', { name: new RegExp(`^${values.format}$`, 'i') }).click();
  await page.waitForTimeout(3000);
  await observe(page);
  const began = performance.now();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('progressbar').first().waitFor();
  // The title tells how far it is.
  const running = async (): Promise<boolean> => (await page.title()).includes('%');
  const rounds = await use(page, running);
  const seconds = (performance.now() - began) / 1000;
  await page.waitForTimeout(500);
  const { tasks, events, scripts, frames } = await gathered(page);
  const longest = (entries: readonly Entry[]): number =>
    Math.round(Math.max(0, ...entries.map(({ duration }) => duration)));
  const report = {
    browser: context.browser()?.version() ?? 'unknown',
    job: `${SOURCE.width} x ${SOURCE.height} to ${FACTOR}x, ${values.format}`,
    seconds: Math.round(seconds * 10) / 10,
    rounds,
    longTasks: tasks.length,
    longestTaskMs: longest(tasks),
    interactions: events.length,
    /** Of interactions of 16 ms and more; the browser rounds to 8 ms. */
    interactionToNextPaintMs: longest(events),
    interactionsOver100Ms: events.filter(({ duration }) => duration > 100).length,
    slowest: [...events].sort((a, b) => b.duration - a.duration).slice(0, 5),
    tasks: [...tasks].sort((a, b) => b.duration - a.duration).slice(0, 5),
    frames: [...frames].sort((a, b) => b.blocking - a.blocking).slice(0, 8),
    scripts: [...scripts].sort((a, b) => b.duration - a.duration).slice(0, 8),
  };
  console.log(JSON.stringify(report, null, 2));
  if (values.out !== undefined) {
    mkdirSync(dirname(values.out), { recursive: true });
    writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  }
  await context.close();
} finally {
  await server.close();
  rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
}
