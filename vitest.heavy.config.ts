import { defineConfig } from 'vitest/config';

/** `npm run test:heavy`: giants, memory, cancelling and soaking; minutes each, one after another. Needs 12 GB of disk or /dev/shm. */
export default defineConfig({
  test: {
    include: ['test/heavy/**/*.heavy.test.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 30 * 60_000,
    hookTimeout: 20 * 60_000,
  },
});
