/** Readers of bytes that strangers made: damaged files by the thousand are read or refused, never a crash, a hang or a leak. */
import { expect, it } from 'vitest';
import { fuzz, HANG_MS } from '../support/fuzz/fuzz.ts';
import { FUZZ_PATHS } from '../support/fuzz/paths.ts';

const INPUTS = Number(process.env['FUZZ_INPUTS'] ?? 20_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const MOST_GROWTH = 64 * 2 ** 20;

it.each(Object.keys(FUZZ_PATHS))('%s', async (path) => {
  const result = await fuzz(path, SEED, INPUTS, true);
  const { makers, refused, slowest, grown, failures } = result;
  const share = Math.round((100 * refused) / INPUTS);
  const megabytes = Math.round(grown / 2 ** 20);
  console.log(
    `${path}: ${INPUTS} inputs of ${makers.join(', ')}; ${share} % refused, slowest ${slowest} ms, ${megabytes} MB grown`,
  );
  expect(failures).toEqual([]);
  expect(slowest).toBeLessThan(HANG_MS);
  expect(grown).toBeLessThan(MOST_GROWTH);
});
