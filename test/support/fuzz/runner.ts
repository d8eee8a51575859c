/**
 * Runs one path in a process of its own, so that a hang can be ended from outside: `runner.ts PATH SEED COUNT PROGRAMS`. Prints a line of JSON for
 * each thousand inputs, for each failure, and at the end.
 */
import { Random } from './random.ts';
import { mutated } from './mutate.ts';
import { FUZZ_PATHS, isExpected } from './paths.ts';

const [name, seed, count, programs] = process.argv.slice(2);
const path = FUZZ_PATHS[name!]!;
const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const gc = (globalThis as { gc?: () => void }).gc;
const memory = async (): Promise<number> => {
  // What is only held by something that is being collected goes with the next collection.
  for (let i = 0; i < 3; i++) {
    gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};

// geotiff decodes the strips of a file at once, and hears of the first that fails; a browser notes the others on its console.
process.on('unhandledRejection', () => undefined);

const { files, makers } = await path.corpus(programs === 'programs');
tell({ kind: 'corpus', files: files.length, makers });
const random = new Random(Number(seed));
let slowest = 0;
let refused = 0;
let before = 0;
let told = performance.now();
for (let i = 0; i < Number(count); i++) {
  // What is loaded and compiled once is no leak.
  if (i === Math.min(1000, Number(count) >> 1)) before = await memory();
  const bytes = mutated(files, random);
  const started = performance.now();
  try {
    await path.read(bytes);
  } catch (error) {
    if (isExpected(error)) refused++;
    else
      tell({
        kind: 'failure',
        i,
        error: (error as Error)?.stack ?? String(error),
        bytes: Buffer.from(bytes).toString('base64'),
      });
  }
  const now = performance.now();
  slowest = Math.max(slowest, now - started);
  if (now - told > 500) {
    tell({ kind: 'alive', i });
    told = now;
  }
}
tell({ kind: 'end', refused, slowest: Math.round(slowest), grown: (await memory()) - before });
