/**
 * `npm run bench`: ours and the peers, interleaved in one run. Prints a table for each case and writes bench/out/results.json.
 * --quick: small pictures, one run each, in two minutes. --only ID: the cases whose id contains it. --by NAME: contestants whose name contains it. --runs N.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { findBrowser } from '../scripts/browser.ts';
import { coderCase, fileCase, memoryCase, type Case } from './cases.ts';
import { BenchBrowser } from './browser.ts';
import { makePhoto, realPhoto } from './input.ts';
import { labelOf, measure, type Measurement } from './measure.ts';
import { printCase, type CaseRow } from './table.ts';

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    by: { type: 'string', default: '' },
    runs: { type: 'string' },
    out: { type: 'string' },
  },
});
const here = fileURLToPath(new URL('.', import.meta.url));
const work = join(here, 'out');
const scratch = process.platform === 'linux' ? '/dev/shm' : work;

/** `--by ours,canvas` takes those whose names contain one of these. */
const isWanted = (label: string): boolean => flags.by.split(',').some((part) => label.includes(part));

function plannedCases(real: boolean): { size: { width: number; height: number }; cases: Case[] } {
  if (flags.quick) {
    const size = { width: 500, height: 750 };
    return {
      size,
      cases: [
        memoryCase(size.width, size.height, 4, 1),
        fileCase('png', size, 4, { runs: 1, browserPeers: true }),
        fileCase('jpeg', size, 4, { runs: 1, browserPeers: true }),
        coderCase('png', size.width, size.height, 4, 1),
        coderCase('jpeg', size.width, size.height, 4, 1),
      ],
    };
  }
  const size = { width: 2000, height: 3000 };
  const garden = { width: 2560, height: 1600 };
  const cases = [
    memoryCase(size.width, size.height, 4, 3),
    fileCase('png', size, 4, { runs: 3, browserPeers: true, stream: true }),
    fileCase('jpeg', size, 4, { runs: 3, browserPeers: true, stream: true }),
    coderCase('png', size.width, size.height, 4, 3),
    coderCase('jpeg', size.width, size.height, 4, 3),
    fileCase('png', size, 10, { runs: 1, browserPeers: false, stream: true }),
    fileCase('jpeg', size, 10, { runs: 1, browserPeers: false, stream: true }),
    fileCase('png', size, 15, { runs: 1, browserPeers: true }),
    fileCase('jpeg', size, 15, { runs: 1, browserPeers: true }),
  ];
  if (real) {
    cases.splice(3, 0, fileCase('png', garden, 4, { input: 'real.jpg', runs: 3, browserPeers: true }));
    cases.splice(4, 0, fileCase('jpeg', garden, 4, { input: 'real.jpg', runs: 3, browserPeers: true }));
  }
  return { size, cases };
}

const browserPath = findBrowser();
if (browserPath === null)
  throw new Error('The benchmarks need Chrome, Chromium or Edge; CHROMIUM may name its program.');
mkdirSync(work, { recursive: true });
for (const script of ['scripts/build-wasm.ts', 'scripts/models/build.ts'])
  spawnSync('npx', ['tsx', script], { stdio: 'inherit' });
await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });

const real = flags.quick ? null : realPhoto(work);
if (!flags.quick && real === null) console.log('The real photograph could not be fetched: its cases are left out.');
const { size, cases } = plannedCases(real !== null);
const inputs = { 'photo.jpg': await makePhoto(work, size.width, size.height), 'real.jpg': real ?? '' };

const results: { case: string; title: string; rows: CaseRow[] }[] = [];
const started = Date.now();
for (const entry of cases.filter(({ id }) => id.includes(flags.only))) {
  const runs = flags.runs === undefined ? entry.runs : Number(flags.runs);
  const all = new Map<string, Measurement[]>();
  const browser = await BenchBrowser.launch(browserPath, join(work, 'page'), scratch);
  try {
    // Interleaved: what else the machine does falls on all alike.
    for (let run = 0; run < runs; run++) {
      for (const contestant of entry.contestants.filter((one) => isWanted(labelOf(one)))) {
        const label = labelOf(contestant);
        const earlier = all.get(label) ?? [];
        if (earlier.some(({ error }) => error !== null)) continue;
        const check = entry.quality && run === 0;
        earlier.push(await measure(contestant, entry, inputs[entry.input], browser, scratch, check));
        all.set(label, earlier);
      }
    }
  } finally {
    await browser.close();
  }
  const rows = printCase(entry, all);
  results.push({ case: entry.id, title: entry.title, rows });
}
const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, memory: totalmem(), node: process.version };
const file = flags.out ?? join(work, 'results.json');
writeFileSync(file, JSON.stringify({ date: new Date().toISOString(), machine, results }, null, 2));
console.log(`\n${Math.round((Date.now() - started) / 1000)} s; figures in ${file}`);
