/**
 * `npm test`: everything, from the kernels' build to the built app in a browser. Ends at the first step that fails, with its output;
 * the last line is `N passed, N failed`. `-- node browser` runs only the steps that are named; `-- --live` shows output as it comes.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureTools } from './ensure-tools.ts';
import { formatDuration } from './cli/progress.ts';
import { tallyPlaywright, tallyVitest, type Tally } from './cli/tally.ts';

const REPORTS = 'test-results/reports';

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** Reads the counts of a runner's JSON report. */
  readonly tally?: (report: unknown) => Tally;
}

const reportOf = (name: string): string => `${REPORTS}/${name}.json`;

const vitest = (project: string): Step => ({
  name: project,
  command: [
    ...['npx', 'vitest', 'run', '--project', project],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${reportOf(project)}`],
  ],
  tally: tallyVitest,
});

const STEPS: readonly Step[] = [
  { name: 'wasm', command: ['npm', 'run', '--silent', 'build:wasm'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'texts', command: ['npm', 'run', '--silent', 'localize', '--', '--check'] },
  { name: 'typecheck', command: ['npm', 'run', '--silent', 'typecheck'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  vitest('node'),
  vitest('browser'),
  { name: 'e2e', command: ['npx', 'playwright', 'test', '--reporter=list,json'], tally: tallyPlaywright },
];

/** Runs a step; its exit code and, unless it was shown live, what it printed. */
function execute(step: Step, live: boolean): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const [program, ...words] = step.command;
    const child = spawn(program, words, {
      stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: reportOf(step.name) },
    });
    let output = '';
    const gather = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout?.on('data', gather);
    child.stderr?.on('data', gather);
    child.on('error', (error) => resolve({ code: 1, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The counts of a step that ran; a failure that no test stands for counts as one. */
function count(step: Step, code: number): Tally {
  let tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  if (step.tally) {
    try {
      tally = step.tally(JSON.parse(readFileSync(reportOf(step.name), 'utf8')));
    } catch {
      console.log(`${step.name} left no report.`);
      return { ...tally, failed: 1 };
    }
  }
  return code !== 0 && tally.failed === 0 ? { ...tally, failed: 1 } : tally;
}

/** Runs steps until one fails; the counts of all. */
async function runSteps(steps: readonly Step[], live: boolean): Promise<Tally> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    console.log(`${step.name} …`);
    const begin = performance.now();
    const { code, output } = await execute(step, live);
    const { passed, failed, skipped } = count(step, code);
    total.passed += passed;
    total.failed += failed;
    total.skipped += skipped;
    if (failed > 0) console.log(output);
    const counts = step.tally ? `, ${passed} passed` : '';
    const verdict = failed > 0 ? 'failed' : 'good';
    console.log(`${step.name}: ${verdict} after ${formatDuration(performance.now() - begin)}${counts}`);
    if (failed > 0) break;
  }
  return total;
}

const words = process.argv.slice(2);
const live = words.includes('--live');
const named = words.filter((word) => word !== '--live');
const unknown = named.find((word) => !STEPS.some(({ name }) => name === word));
let total: Tally = { passed: 0, failed: 1, skipped: 0 };
try {
  if (unknown !== undefined)
    throw new Error(`No step ${unknown}; there are ${STEPS.map(({ name }) => name).join(', ')}.`);
  ensureTools();
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  total = await runSteps(
    STEPS.filter(({ name }) => named.length === 0 || named.includes(name)),
    live,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
}
if (total.skipped > 0) console.log(`(${total.skipped} skipped)`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
