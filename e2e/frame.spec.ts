/** The frame of the page: panes, commands, presets, languages, help. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';
import sharp from 'sharp';
import {
  choose,
  chosenFile,
  chosenNames,
  fill,
  openFiles,
  openPictures,
  startButton,
  stubPickers,
  test,
} from './support/app.ts';
import { fixtures } from './support/cli.ts';
import { decode, repeated } from './support/pixels.ts';

const RGB = join(fixtures, 'png/rgb.png');

/** Nothing may stick out at the side of the page. */
const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The content of a dialog: what is slotted into `<dialog>` is not below it in the tree. */
const dialogNamed = async (page: Page, element: string, name: string): Promise<Locator> => {
  await expect(page.getByRole('dialog', { name })).toBeVisible();
  return page.locator(element);
};

const palette = async (page: Page, words: string): Promise<void> => {
  await page.keyboard.press('Control+k');
  const box = page.locator('command-palette').getByRole('combobox');
  await box.fill(words);
  await page.keyboard.press('Enter');
  await expect(box).toBeHidden();
};

test('enlarges a picture by keys alone', async ({ page }) => {
  await stubPickers(page);
  // A file input can be answered here; the browser's own picker cannot.
  await page.addInitScript(() => Object.assign(window, { showOpenFilePicker: undefined }));
  // From the beginning: a chooser that opens while the page is only being told to hand it over is lost.
  page.on('filechooser', (chooser) => void chooser.setFiles(RGB));
  await page.goto('/');
  await expect(page.getByRole('main').getByRole('button', { name: 'Open pictures' })).toBeVisible();
  await page.keyboard.press('Control+o');
  await expect(page.getByRole('listitem').filter({ hasText: 'rgb.png' }).getByText(/\d px/)).toBeVisible();

  const focused = (): Promise<string> =>
    page.evaluate(() => {
      let active = document.activeElement;
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
      return active?.closest('input')?.labels?.[0]?.textContent?.trim() ?? active?.getAttribute('aria-label') ?? '';
    });
  for (let i = 0; i < 60 && (await focused()) !== 'Size'; i++) await page.keyboard.press('Tab');
  expect(await focused()).toBe('Size');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('3');
  await palette(page, 'start');
  await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeVisible();
  expect(await chosenNames(page)).toEqual(['rgb-3x.png']);
});

test('finds commands by name and lists their keys', async ({ page }) => {
  await page.goto('/');
  await palette(page, 'dark');
  await expect(page.locator('html')).toHaveClass(/wa-dark/);
  await palette(page, 'light col');
  await expect(page.locator('html')).toHaveClass(/wa-light/);
  await page.keyboard.press('?');
  const sheet = await dialogNamed(page, 'shortcut-sheet', 'Keyboard shortcuts');
  await expect(sheet.getByText('Start', { exact: true })).toBeVisible();
  await expect(sheet.getByText('Ctrl').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
});

test('lists the keys of the pictures under the queue', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await page.keyboard.press('?');
  const sheet = await dialogNamed(page, 'shortcut-sheet', 'Keyboard shortcuts');
  const queue = sheet.locator('section').filter({ has: page.getByRole('heading', { name: 'Queue' }) });
  const keysOf = (title: string): Promise<string[]> =>
    queue
      .locator('dl > div')
      .filter({ has: page.getByText(title, { exact: true }) })
      .locator('kbd')
      .allInnerTexts();
  expect(await keysOf('Take off the list')).toEqual(['Delete']);
  expect(await keysOf('Select all')).toEqual(['Ctrl', 'A']);
  expect(await keysOf('Previous or next picture')).toEqual(['↑', '↓']);
  expect(await keysOf('Select several')).toEqual(['Shift', '↑', 'Shift', '↓']);
  expect(await keysOf('Move up or down')).toEqual(['Alt', '↑', 'Alt', '↓']);
});

test('keeps the focus in the palette while it is open, and gives it back', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  const size = page.getByLabel('Size', { exact: true }).and(page.locator('input'));
  const box = page.locator('command-palette').getByRole('combobox');
  await size.focus();
  await page.keyboard.press('Control+k');
  await expect(box).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(box).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(box).toBeHidden();
  await expect(size).toBeFocused();

  // A click beside it closes it, and does not reach what is under it.
  await page.keyboard.press('Control+k');
  await expect(box).toBeFocused();
  const name = (await page.getByRole('button', { name: 'rgb.png', exact: true }).boundingBox())!;
  await page.mouse.click(name.x + 5, name.y + 5);
  await expect(box).toBeHidden();
  await expect(size).toBeFocused();
});

test('takes what is typed into the palette before its list is laid out', async ({ page }) => {
  await page.goto('/');
  await page.locator('app-shell').evaluate((shell) => {
    new MutationObserver((records) => {
      const added = records.flatMap(({ addedNodes }) => [...addedNodes]) as (Element & { updateComplete: unknown })[];
      const palette = added.find(({ localName }) => localName === 'command-palette');
      if (palette === undefined || document.documentElement.dataset['listed'] !== undefined) return;
      void Promise.resolve(palette.updateComplete).then(() => {
        const input = palette.shadowRoot!.querySelector('input')!;
        const listed = palette.shadowRoot!.querySelectorAll('[role="option"]').length;
        document.documentElement.dataset['listed'] = String(listed);
        input.value = 'dark';
        input.dispatchEvent(new Event('input'));
        input.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter' }));
      });
    }).observe(shell.shadowRoot!, { childList: true });
  });
  await page.keyboard.press('Control+k');
  await expect(page.locator('html')).toHaveClass(/wa-dark/);
  expect(await page.locator('html').getAttribute('data-listed')).toBe('0');
  // Opened again, and left alone, it lists everything.
  await page.keyboard.press('Control+k');
  const list = page.locator('command-palette').getByRole('listbox');
  await expect(list).toHaveAttribute('aria-busy', 'false');
  expect(await list.getByRole('option').count()).toBeGreaterThan(12);
});

test('finds what stands in the settings and in the viewer by the words that people have for it', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Format', /^JPEG$/);
  await page.keyboard.press('Control+k');
  const list = page.locator('command-palette');
  for (const [words, title] of [
    ['crop', 'Crop and straighten …'],
    ['straighten', 'Crop and straighten …'],
    ['rotate', 'Turn left'],
    ['flip', 'Mirror left to right'],
    ['sharpen', 'Sharpen'],
    ['grain', 'Grain'],
    ['split', 'Before and after'],
    ['difference', 'Difference'],
    ['histogram', 'Histogram'],
    ['contact sheet', 'Compare methods'],
    ['tiles', 'Export: Deep-zoom tiles'],
    ['panels', 'Export: Panels to print'],
    ['tiff', 'Format: TIFF'],
    ['background', 'Background behind transparency'],
    ['size', 'Go to: New size'],
  ] as const) {
    await list.getByRole('combobox').fill(words);
    await expect(list.getByRole('option').first(), words).toContainText(title);
  }
  await page.keyboard.press('Escape');
  await expect(list).toHaveCount(0);

  const sharpen = page.getByRole('switch', { name: 'Sharpen' });
  await palette(page, 'sharpen');
  await expect(sharpen).toBeChecked();
  await expect(sharpen).toBeInViewport();
  await palette(page, 'panels');
  await expect(page.getByLabel('Panel width').and(page.locator('input'))).toBeInViewport();
  await palette(page, 'one file');
  await palette(page, 'jpeg');
  await palette(page, 'background');
  await expect(page.getByLabel('Background behind transparency')).toBeFocused();
  await palette(page, 'turn left');
  const { width, height } = await sharp(RGB).metadata();
  await expect(page.getByText(`${height} × ${width} px`).first()).toBeVisible();

  // Also where the settings are closed, or behind the pictures.
  await page.keyboard.press(']');
  await expect(sharpen).toBeHidden();
  await palette(page, 'crop');
  await expect(page.getByRole('dialog', { name: /Crop/ })).toBeVisible();
  await page.keyboard.press('Escape');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('tab', { name: '1 picture' }).click();
  await palette(page, 'grain');
  await expect(page.getByRole('switch', { name: 'Grain' })).toBeInViewport();
});

test('goes back and forth through changes of settings', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  const size = page.getByLabel('Size', { exact: true }).and(page.locator('input'));
  await fill(page, 'Size', 3);
  await choose(page, 'Kernel', /mitchell/i);
  const kernel = page.getByRole('combobox', { name: 'Kernel', exact: true });
  await expect(kernel).toHaveValue(/mitchell/i);
  await palette(page, 'undo');
  await expect(kernel).toHaveValue(/lanczos 3/i);
  await palette(page, 'undo');
  await expect(size).toHaveValue('2');
  await palette(page, 'redo');
  await expect(size).toHaveValue('3');
});

test('keeps presets, carries them out and in again', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Kernel', /nearest/i);
  await palette(page, 'presets');
  const dialog = await dialogNamed(page, 'preset-dialog', 'Presets');
  await dialog.getByRole('textbox').fill('Pixel art');
  await dialog.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(dialog.getByText('In use')).toBeVisible();
  const waiting = page.waitForEvent('download');
  await dialog.getByRole('button', { name: 'Export' }).click();
  const file = await (await waiting).path();
  await dialog.getByRole('button', { name: 'Delete Pixel art' }).click();
  await expect(dialog.getByText('No presets yet.')).toBeVisible();
  await dialog.getByLabel('Import presets').setInputFiles(file);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await choose(page, 'Kernel', /lanczos 4/i);
  await palette(page, 'pixel art');
  await expect(page.getByRole('combobox', { name: 'Kernel', exact: true })).toHaveValue(/nearest/i);
});

test('divides the screen as there is room', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  const queue = page.getByRole('region', { name: 'Pictures' });
  const settings = page.getByRole('region', { name: 'Settings' });
  await expect(queue).toBeVisible();
  await expect(settings).toBeVisible();
  const viewerWidth = async (): Promise<number> =>
    (await page.getByRole('region', { name: 'Viewer' }).boundingBox())!.width;
  const between = await viewerWidth();
  await page.keyboard.press('[');
  await expect(queue).toBeHidden();
  await expect.poll(viewerWidth).toBeGreaterThan(between);
  await expect(startButton(page)).toBeInViewport();
  const beside = await viewerWidth();
  await page.keyboard.press(']');
  await expect(settings).toBeHidden();
  await expect.poll(viewerWidth).toBeGreaterThan(beside);
  await page.keyboard.press(']');
  await page.keyboard.press('[');
  await expect(queue).toBeVisible();
  await expect.poll(viewerWidth).toBe(between);

  await page.setViewportSize({ width: 360, height: 740 });
  await expect(page.getByRole('tab', { name: 'Settings' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Start', exact: true })).toBeInViewport();
  await page.getByRole('tab', { name: '1 picture' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'rgb.png' })).toBeInViewport();
  expect(await overflow(page)).toBe(0);
});

for (const [name, width, height] of [
  ['at 200 % zoom', 640, 400],
  ['on a small phone', 320, 568],
  ['on a phone held sideways', 740, 360],
] as const) {
  test(`reaches every pane and Start ${name}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await stubPickers(page);
    await page.goto('/');
    await openFiles(page, RGB);
    await expect(page.locator('verdict-view .output')).toBeVisible();
    const viewer = page.getByRole('region', { name: 'Viewer' });
    await expect(viewer).toBeInViewport();
    expect((await viewer.boundingBox())!.height).toBeGreaterThanOrEqual(200);
    expect(await overflow(page)).toBe(0);
    await page.locator('names-section').scrollIntoViewIfNeeded();
    await expect(page.locator('names-section')).toBeInViewport();
    const pictures = page.getByRole('tab', { name: '1 picture' });
    await pictures.click();
    await page.getByRole('listitem').filter({ hasText: 'rgb.png' }).getByText(/\d px/).first().scrollIntoViewIfNeeded();
    await expect(page.getByRole('listitem').filter({ hasText: 'rgb.png' })).toBeInViewport({ ratio: 0.3 });
    await page.getByRole('tab', { name: 'Settings' }).click();
    await expect(startButton(page)).toBeInViewport({ ratio: 1 });
    await startButton(page).click();
    await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeInViewport();
    expect(await chosenNames(page)).toEqual(['rgb-2x.png']);
    expect(await overflow(page)).toBe(0);
  });
}

test('tells the chosen factor and mode, in forced colours too, and shows what is wrong with a model', async ({
  page,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('/');
  await openFiles(page, RGB);
  const background = (button: Locator): Promise<string> =>
    button.evaluate((at) => getComputedStyle(at).backgroundColor);
  const factors = page.getByRole('group', { name: 'Factors' });
  await factors.getByRole('button', { name: '3×' }).click();
  const chosen = factors.getByRole('button', { pressed: true });
  await expect(chosen).toHaveText('3×');
  expect(await background(chosen)).not.toBe(await background(factors.getByRole('button', { name: '4×' })));
  const modes = page.getByRole('group', { name: 'View', exact: true });
  const pressed = modes.getByRole('button', { pressed: true });
  expect(await background(pressed)).not.toBe(await background(modes.getByRole('button', { pressed: false }).first()));

  const bad = { name: 'bad.onnx', mimeType: '', buffer: Buffer.from('no model') };
  await page.locator('model-section input[type=file]').setInputFiles(bad);
  const alert = page.locator('model-section').getByRole('alert');
  await expect(alert).toBeInViewport({ ratio: 0.9 });
  await alert.getByRole('button', { name: 'Close the message' }).click();
  await expect(alert).toHaveCount(0);
});

test('leads from a photo to its saved result on a phone', async ({ page }) => {
  await page.addInitScript(() => {
    for (const picker of ['showDirectoryPicker', 'showSaveFilePicker']) Object.assign(window, { [picker]: undefined });
  });
  const phone = await page.context().newCDPSession(page);
  const screen = { width: 360, height: 740, deviceScaleFactor: 1, mobile: true };
  await phone.send('Emulation.setDeviceMetricsOverride', screen);
  await phone.send('Emulation.setTouchEmulationEnabled', { enabled: true });
  await page.goto('/');
  await openFiles(page, RGB);
  await expect(page.locator('verdict-view .output')).toBeVisible();
  const hint = page.locator('first-hint');
  await expect(hint.getByText('Choose a size above, then Start.')).toBeVisible();
  await expect(hint.getByText('Press ?')).toBeHidden();
  await startButton(page).click();
  // What comes out of it is brought to the front; the next visit begins with the settings again.
  await expect(page.getByRole('tab', { name: '1 picture' })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('button', { name: 'Save as' })).toBeVisible();
  const row = page.locator('picture-row');
  const [facts, buttons] = await Promise.all([
    row.locator('.facts').first().boundingBox(),
    row.locator('.side').boundingBox(),
  ]);
  expect(facts!.x + facts!.width, 'facts have the room below the buttons').toBeGreaterThan(buttons!.x);
  await page.reload();
  await openFiles(page, RGB);
  await expect(page.locator('verdict-view .output')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Settings' })).toHaveAttribute('aria-selected', 'true');

  await expect(page.locator('deep-zoom[loaded]')).toBeVisible();
  await page.getByRole('button', { name: 'Compare methods' }).click();
  await expect(page.getByRole('button', { name: /^Draw a box/ })).toBeFocused();
  await page.keyboard.press('Enter');
  const names = ['Lanczos 3', 'Lanczos 2'].map((name) => page.locator('contact-sheet').getByRole('button', { name }));
  const [first, second] = await Promise.all(names.map((button) => button.boundingBox()));
  expect(second!.y).toBe(first!.y);
});

test('opens the sample, and says so much of itself', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'Try a sample' }).click();
  await expect(page.getByText('North Point.jpg').first()).toBeVisible();
  await page.getByRole('button', { name: 'Help', exact: true }).click();
  await page.getByRole('menuitem', { name: 'About Pro Upscaler' }).click();
  const about = await dialogNamed(page, 'about-dialog', 'About Pro Upscaler');
  await about.getByRole('tab', { name: 'Privacy' }).click();
  await expect(about.getByText('requests to other places since this page was opened')).toBeVisible();
  await expect(about.locator('.count strong')).toHaveText('0');
  await about.getByRole('tab', { name: 'This device' }).click();
  await expect(about.locator('dl')).toContainText('Processors');
  await about.getByRole('tab', { name: 'Licences' }).click();
  await expect(about.getByRole('link', { name: 'lit', exact: true })).toBeVisible();
});

test('copies the result to the clipboard', async ({ page }) => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Kernel', /nearest/i);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeVisible();
  await palette(page, 'copy the result');
  const types = (): Promise<string[]> =>
    page.evaluate(async () => (await navigator.clipboard.read()).flatMap(({ types: all }) => [...all]));
  await expect.poll(types).toContain('image/png');
  const bytes = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    return [...new Uint8Array(await (await item!.getType('image/png')).arrayBuffer())];
  });
  expect((await decode(Buffer.from(bytes))).data).toEqual((await decode(await chosenFile(page, 'rgb-2x.png'))).data);
  expect(await decode(await chosenFile(page, 'rgb-2x.png'))).toEqual(repeated(await decode(RGB), 2));
});

test('remembers what was enlarged, with small pictures', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await choose(page, 'Kernel', /nearest/i);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeVisible();
  await page.reload();
  await choose(page, 'Kernel', /mitchell/i);
  await page.getByRole('button', { name: 'More for all pictures' }).click();
  await page.getByRole('menuitem', { name: 'History' }).click();
  const dialog = await dialogNamed(page, 'history-dialog', 'History');
  await expect(dialog.getByText('rgb-2x.png', { exact: true })).toBeVisible();
  const loaded = dialog.locator('img');
  await expect.poll(() => loaded.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0);
  // Repeating gives the picture the settings of that job.
  await dialog.getByRole('button', { name: /^Repeat ?: rgb-2x\.png$/ }).click();
  await expect(page.getByRole('dialog', { name: 'History' })).toBeHidden();
  await expect(page.getByRole('combobox', { name: 'Kernel', exact: true })).toHaveValue(/nearest/i);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeVisible();
  expect(await chosenNames(page)).toEqual(['rgb-2x (2).png', 'rgb-2x.png']);
  expect(await chosenFile(page, 'rgb-2x (2).png')).toEqual(await chosenFile(page, 'rgb-2x.png'));
});

test('forgets what was enlarged when it is told to, for good', async ({ page }) => {
  await stubPickers(page);
  await page.goto('/');
  await openPictures(page, RGB);
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('status').filter({ hasText: /^Done: 1 picture/ })).toBeVisible();
  await palette(page, 'history');
  const dialog = await dialogNamed(page, 'history-dialog', 'History');
  await expect(dialog.getByText('rgb-2x.png', { exact: true })).toBeVisible();
  await dialog.getByRole('button', { name: 'Clear the history' }).click();
  await expect(dialog.getByText('Nothing has been enlarged yet.')).toBeVisible();
  await page.reload();
  await expect(page.getByRole('button', { name: 'Language', exact: true })).toBeVisible();
  await palette(page, 'history');
  await expect(
    (await dialogNamed(page, 'history-dialog', 'History')).getByText('Nothing has been enlarged yet.'),
  ).toBeVisible();
  // The file itself is the person's.
  expect(await chosenNames(page)).toEqual(['rgb-2x.png']);
});

test('says what is wrong in the language of the page', async ({ page }, info) => {
  const cut = info.outputPath('halb.png');
  writeFileSync(cut, readFileSync(RGB).subarray(0, 60));
  const wide = info.outputPath('breit.png');
  await sharp({ create: { width: 400, height: 10, channels: 3, background: '#369' } }).toFile(wide);
  await stubPickers(page);
  await page.goto('/');
  await palette(page, 'Deutsch');
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  const input = page.locator('input[type=file][multiple]');
  await input.setInputFiles(cut);
  const alert = page.getByRole('alert').filter({ hasText: 'halb.png' });
  await expect(alert).toContainText('halb.png lässt sich nicht lesen: ');
  await expect(alert).toContainText('Prüfen Sie, ob die Datei vollständig kopiert oder heruntergeladen wurde');
  await input.setInputFiles(join(fixtures, 'README.md'));
  await expect(page.getByRole('alert').filter({ hasText: 'README.md ist eine Textdatei, kein Bild.' })).toBeVisible();

  // A refusal of the plan, with numbers and names to choose from.
  await input.setInputFiles(wide);
  await choose(page, 'Format', /^WebP$/i);
  await choose(page, 'Angabe als', /^Breite$/);
  await fill(page, 'Größe', 16384);
  const verdict = page.locator('verdict-view');
  await expect(verdict).toContainText('WebP endet bei 16.383 × 16.383 Pixeln');
  await expect(verdict).toContainText(/Wählen Sie PNG, JPEG(, [^,.]+)* oder [^,.]+, oder eine kleinere Größe\./);
});

test('speaks other languages, from right to left too', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('button', { name: 'Language', exact: true }).click();
  await page.getByRole('menuitemcheckbox', { name: 'Deutsch' }).click();
  await expect(page.getByRole('main').getByRole('button', { name: 'Bilder öffnen' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await page.reload();
  await expect(page.getByRole('main').getByRole('button', { name: 'Bilder öffnen' })).toBeVisible();

  await page.locator('input[type=file][multiple]').setInputFiles(RGB);
  await palette(page, 'العربية');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  // From right to left: the pictures, the viewer, the settings; each as wide as it is from left to right.
  const boxes = async (): Promise<{ x: number; width: number }[]> => {
    const found = await page.locator('workspace-frame section').all();
    const all = await Promise.all(found.map((section) => section.boundingBox()));
    return all.map((box) => ({ x: box!.x, width: box!.width }));
  };
  const mirrored = (await boxes()).map(({ x, width }) => ({ x: 1280 - x - width, width }));
  expect(mirrored.map(({ width }) => Math.round(width / 10))).toEqual([32, 60, 36]);
  expect(mirrored.map(({ x }) => Math.round(x / 10))).toEqual([0, 32, 92]);
  // Menus show their values in the new language at once.
  await expect(page.locator('start-bar wa-select')).not.toContainText('Ordner');
  await palette(page, 'English');
  await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
  const back = await boxes();
  expect(back.map(({ width }) => Math.round(width / 10))).toEqual([32, 60, 36]);
  expect(back.map(({ x }) => Math.round(x / 10))).toEqual([0, 32, 92]);
});

test('says where the picture would be why there is none', async ({ page }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  await openFiles(page, join(fixtures, 'README.md'));
  await expect(page.getByRole('button', { name: 'Turn right' })).toBeEnabled();
  await page.getByRole('button', { name: 'README.md', exact: true }).click();
  await expect(page.locator('picture-viewer').getByText('README.md is a text file, not a picture.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Turn right' })).toBeDisabled();
});

test('keeps the queue when a part of the page fails', async ({ page, misdeeds }) => {
  await page.goto('/');
  await openPictures(page, RGB);
  // The panel is broken from the outside, as a fault in its code would.
  await page.evaluate(() => {
    const find = (root: ParentNode, name: string): Element | null => {
      for (const element of root.querySelectorAll('*')) {
        if (element.localName === name) return element;
        const inner = element.shadowRoot === null ? null : find(element.shadowRoot, name);
        if (inner !== null) return inner;
      }
      return null;
    };
    const panel = find(document, 'size-section') as unknown as { render(): never; requestUpdate(): void };
    panel.render = () => {
      throw new Error('broken on purpose');
    };
    panel.requestUpdate();
  });
  await expect(page.getByRole('alert').filter({ hasText: 'broken on purpose' })).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'rgb.png' })).toBeVisible();
  await page.getByRole('button', { name: 'Show it again' }).click();
  await expect(page.getByLabel('Size', { exact: true }).and(page.locator('input'))).toHaveValue('2');
  expect(misdeeds.list).toEqual([]);
});
