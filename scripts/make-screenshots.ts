/** Makes the screenshots of the manifest from the built app: `npm run build && npx tsx scripts/make-screenshots.ts && npm run build`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { BROWSER_FLAGS, ensureBrowser } from './browser.ts';
import { appRoot } from './cli/app-build.ts';
import { startServer } from './cli/server.ts';

const VIEWS = [
  { name: 'wide', width: 1280, height: 800, scale: 1 },
  { name: 'narrow', width: 360, height: 640, scale: 2 },
];

const folder = join(appRoot, 'public/screenshots');
const picture = join(appRoot, 'test/fixtures/jpeg/camera.jpg');
mkdirSync(folder, { recursive: true });
const server = await startServer({ root: join(appRoot, 'dist'), port: 0 });
for (const { name, width, height, scale } of VIEWS) {
  const profile = mkdtempSync(join(tmpdir(), 'screenshots-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: ensureBrowser(),
    args: [...BROWSER_FLAGS],
    headless: true,
    viewport: { width, height },
    deviceScaleFactor: scale,
  });
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(server.origin);
  await page.locator('input[type=file][multiple]').first().setInputFiles(picture);
  await page.getByRole('button', { name: 'Start', exact: true }).waitFor();
  // Thumbnails and previews follow.
  await page.waitForTimeout(3000);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
}
await server.close();
