import { defineConfig } from '@playwright/test';

/** End-to-end tests of the built app (dist/, or the folder in APP_DIST) and of the command line. */
export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results/e2e',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 20_000 },
});
