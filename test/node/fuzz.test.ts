/** A taste of what `npm run test:heavy` does by the ten thousand: damaged files are read or refused. */
import { expect, it } from 'vitest';
import { isExpected, FUZZ_PATHS } from '../support/fuzz/paths.ts';
import { mutated } from '../support/fuzz/mutate.ts';
import { Random } from '../support/fuzz/random.ts';

const INPUTS = 300;

it.each(Object.entries(FUZZ_PATHS))('%s', async (_name, { corpus, read }) => {
  const { files } = await corpus(false);
  expect(files.length).toBeGreaterThan(0);
  const random = new Random(2);
  for (let i = 0; i < INPUTS; i++) {
    const bytes = mutated(files, random);
    try {
      await read(bytes);
    } catch (error) {
      if (isExpected(error)) continue;
      throw new Error(`input ${i}: ${Buffer.from(bytes).toString('base64')}`, { cause: error });
    }
  }
});
