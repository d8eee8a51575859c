import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** All that was found, by the title of its table. */
export const results: Record<string, unknown> = {};

/** Prints a table and keeps it for `saveResults`. */
export function report(
  title: string,
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): void {
  const text = (cell: string | number): string =>
    typeof cell === 'string' ? cell : Number.isInteger(cell) ? cell.toLocaleString('en') : cell.toPrecision(4);
  console.log(`\n### ${title}\n`);
  console.log(`| ${header.join(' | ')} |\n|${' --- |'.repeat(header.length)}`);
  for (const row of rows) console.log(`| ${row.map(text).join(' | ')} |`);
  results[title] = rows.map((row) => Object.fromEntries(row.map((cell, i) => [header[i]!, cell])));
}

/** Writes all tables so far to results.json in a folder. */
export function saveResults(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'results.json'), JSON.stringify(results, null, 1));
}

/** A failure of one case is a row of its own, and does not end the rest. */
export async function attempt<T>(name: string, task: () => Promise<T>): Promise<T | string> {
  console.error(`… ${name}`);
  try {
    return await task();
  } catch (error) {
    return `fails: ${String(error).split('\n')[0]!.slice(0, 200)}`;
  }
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length === 0 ? NaN : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
};
