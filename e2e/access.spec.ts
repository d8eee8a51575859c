/** What people with other eyes and other screens get: no violations of the accessibility rules, in either theme, at any size. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { cancelButton, fill, openFiles, openPictures, startButton, stubPickers, test } from './support/app.ts';
import { fixtures } from './support/cli.ts';

const SCREENS = 'test-results/screens';
const TALL = 3000;
const THEMES = ['light', 'dark'] as const;

/** One line for each thing that breaks a rule. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${String(target)} ${failureSummary}`),
  );
}

async function command(page: Page, words: string): Promise<void> {
  // One that is still closing would take the words.
  await expect(page.locator('command-palette')).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Commands' }).fill(words);
  await page.keyboard.press('Enter');
}

for (const theme of THEMES) {
  test(`breaks no rule of accessibility in the ${theme} theme`, async ({ page }, info) => {
    test.setTimeout(480_000);
    const large = info.outputPath('large.png');
    await sharp({ create: { width: 500, height: 400, channels: 3, background: '#369' } }).toFile(large);
    await stubPickers(page);
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    await page.goto('/');
    await expect(page.getByRole('main').getByRole('button', { name: 'Open pictures' })).toBeVisible();
    expect(await violations(page), 'welcome').toEqual([]);

    await openFiles(page, join(fixtures, 'README.md'));
    await openPictures(page, join(fixtures, 'png/rgb.png'), large);
    // So tall that nothing has to be scrolled to: the rules take a label that is scrolled out of its pane for a missing one.
    await page.setViewportSize({ width: 1280, height: TALL });
    expect(await violations(page), 'workspace with an unreadable picture').toEqual([]);

    await page.keyboard.press('Control+k');
    await expect(page.getByRole('combobox', { name: 'Commands' })).toBeFocused();
    expect(await violations(page), 'palette').toEqual([]);
    await page.keyboard.press('Escape');
    for (const [words, name] of [
      ['shortcuts', 'Keyboard shortcuts'],
      ['presets', 'Presets'],
      ['history', 'History'],
      ['about', 'About Pro Upscaler'],
      ['storage and', 'Storage'],
      ['crop', 'Crop and straighten'],
      ['compare methods', 'Compare methods'],
    ] as const) {
      await command(page, words);
      // The sheet of methods asks for a part of the picture first: all that is seen.
      if (name === 'Compare methods') await page.getByRole('button', { name: /^Draw a box/ }).press('Enter');
      await expect(page.getByRole('dialog', { name })).toBeVisible();
      expect(await violations(page), name).toEqual([]);
      await page.keyboard.press('Escape');
      await expect(page.getByRole('dialog', { name })).toBeHidden();
    }

    for (const [words, shown] of [
      ['before and after', page.getByRole('button', { name: 'Before and after', pressed: true })],
      ['side by side', page.getByRole('button', { name: 'Side by side', pressed: true })],
      ['difference', page.getByRole('button', { name: 'Difference', pressed: true })],
      ['histogram', page.getByText(/^median /).first()],
      ['result', page.getByRole('button', { name: 'Result', pressed: true })],
    ] as const) {
      await command(page, words);
      await expect(shown).toBeVisible();
      expect(await violations(page), words).toEqual([]);
    }

    for (const made of ['deep-zoom', 'panels', 'one file']) {
      await command(page, made);
      if (made === 'panels') await expect(page.getByText(/Panels: \d/)).toBeVisible();
      expect(await violations(page), made).toEqual([]);
    }
    await page.getByRole('button', { name: 'large.png', exact: true }).click();
    await command(page, 'format: webp');
    await expect(page.getByRole('combobox', { name: 'Format', exact: true })).toHaveValue('WebP');
    await fill(page, 'Size', 50);
    await expect(page.getByRole('button', { name: /^Use / }).first()).toBeVisible();
    expect(await violations(page), 'refused, with ways out').toEqual([]);
    await command(page, 'format: png');
    await expect(page.getByRole('combobox', { name: 'Format', exact: true })).toHaveValue('PNG');

    await startButton(page).click();
    await expect(page.getByText(/MP\/s/).first()).toBeVisible();
    // Held, so that it has not ended when the rules have been gone through.
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Resume' })).toBeVisible();
    expect(await violations(page), 'running').toEqual([]);
    await cancelButton(page).click();
    await expect(startButton(page)).toBeVisible();
    await fill(page, 'Size', 1);
    await startButton(page).click();
    await expect(page.getByRole('status').filter({ hasText: /Done: \d/ })).toBeVisible();
    expect(await violations(page), 'done').toEqual([]);

    await page.setViewportSize({ width: 360, height: TALL });
    await expect(page.getByRole('tab', { name: 'Settings' })).toBeVisible();
    expect(await violations(page), 'phone').toEqual([]);
  });
}

test('tells progress and errors to those who cannot see them', async ({ page }, info) => {
  const large = info.outputPath('large.png');
  await sharp({ create: { width: 600, height: 400, channels: 3, background: '#369' } }).toFile(large);
  await stubPickers(page);
  await page.goto('/');
  await openFiles(page, join(fixtures, 'README.md'));
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - alert:
      - paragraph:
        - strong: /README\\.md.+/
  `);
  await openPictures(page, large);
  await fill(page, 'Size', 50);
  await startButton(page).click();
  await expect(page.getByRole('progressbar').first()).toBeVisible();
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - progressbar "Progress of large.png"
  `);
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - status: '/Enlarging large\\.png.*: \\d+.?%/'
  `);
  await cancelButton(page).click();
  await expect(page.getByRole('main')).toMatchAriaSnapshot(`
    - status: Cancelled.
  `);
});

test('keeps pictures of the screens', async ({ page }) => {
  test.setTimeout(180_000);
  mkdirSync(SCREENS, { recursive: true });
  await stubPickers(page);
  const shoot = async (name: string): Promise<void> => {
    for (const [width, height] of [
      [360, 740],
      [1280, 800],
      [2560, 1440],
    ] as const) {
      await page.setViewportSize({ width, height });
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme });
        await page.screenshot({ path: `${SCREENS}/${name}-${width}-${theme}.png` });
      }
      const sticksOut = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(sticksOut, `${name} at ${width}`).toBe(0);
    }
  };
  await page.goto('/');
  await expect(page.getByRole('main').getByRole('button', { name: 'Open pictures' })).toBeVisible();
  await shoot('welcome');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('button', { name: 'Try a sample' }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'North Point.jpg' }).getByText(/\d px/)).toBeVisible();
  await shoot('workspace');
  await page.setViewportSize({ width: 1280, height: 800 });
  await startButton(page).click();
  await expect(page.getByRole('status').filter({ hasText: /Done: \d/ })).toBeVisible();
  await shoot('done');
  await page.setViewportSize({ width: 1280, height: 800 });
  await command(page, 'العربية');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await shoot('arabic');
});
