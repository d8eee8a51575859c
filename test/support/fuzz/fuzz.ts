import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface FuzzResult {
  readonly inputs: number;
  /** Who made the files that were damaged. */
  readonly makers: readonly string[];
  readonly refused: number;
  /** Milliseconds of the slowest input. */
  readonly slowest: number;
  /** Bytes of memory that did not come back. */
  readonly grown: number;
  /** What was thrown that may not be, with the input in base64. */
  readonly failures: readonly string[];
}

type Line =
  | { readonly kind: 'corpus'; readonly makers: readonly string[] }
  | { readonly kind: 'alive' }
  | { readonly kind: 'failure'; readonly i: number; readonly error: string; readonly bytes: string }
  | { readonly kind: 'end'; readonly refused: number; readonly slowest: number; readonly grown: number };

/** No input may take longer; the rest is for the process to start and to make its corpus. */
export const HANG_MS = 5000;
const START_MS = 60_000;

/** Reads `count` damaged files; rejects when the process hangs or ends without having read all. */
export function fuzz(path: string, seed: number, count: number, programs: boolean): Promise<FuzzResult> {
  const script = fileURLToPath(new URL('./runner.ts', import.meta.url));
  const words = ['--expose-gc', '--max-old-space-size=1024', '--import', 'tsx', script];
  const child = spawn(process.execPath, [...words, path, `${seed}`, `${count}`, programs ? 'programs' : 'own']);
  return new Promise((resolve, reject) => {
    let makers: readonly string[] = [];
    const failures: string[] = [];
    let end: Extract<Line, { kind: 'end' }> | null = null;
    let watch: ReturnType<typeof setTimeout>;
    const within = (ms: number): void => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`${path}: an input of seed ${seed} took longer than ${ms} ms`));
      }, ms);
    };
    within(START_MS);
    let rest = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => {
      const lines = (rest + data.toString()).split('\n');
      rest = lines.pop()!;
      for (const text of lines) {
        const line = JSON.parse(text) as Line;
        if (line.kind === 'corpus') makers = line.makers;
        if (line.kind === 'failure' && failures.length < 20)
          failures.push(`input ${line.i}: ${line.error}\n${line.bytes}`);
        if (line.kind === 'end') end = line;
        // A report comes at the first input after half a second.
        within(HANG_MS + 1000);
      }
    });
    child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
    child.on('close', () => {
      clearTimeout(watch);
      if (end === null) reject(new Error(`${path}: the process died: ${errors.slice(-2000)}`));
      else resolve({ inputs: count, makers, failures, ...end });
    });
  });
}
