/** How the command line starts, ends and fails, with a stand-in for the app's page that needs no engine. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { appearance, descendants, fakeApp, isAlive, runCli, startCli, test } from './support/cli.ts';

const MIB = 2 ** 20;

test('writes the file, and reports on standard error', async ({ folder }) => {
  writeFileSync(join(folder, 'in.png'), 'any');
  const out = join(folder, 'out.png');
  const { code, stdout, stderr } = await runCli(fakeApp, join(folder, 'in.png'), '--out', out);
  expect(stderr).toContain('33 %');
  expect(stderr).toContain('in.png: The picture is not real.');
  expect(stderr).toMatch(/out\.png: 60 x 40, 3\.1 MB in .*lanczos3 on simd, peak memory/);
  expect(stdout).toBe('');
  expect(code).toBe(0);
  const bytes = readFileSync(out);
  expect(bytes.length).toBe(3 * MIB);
  expect([bytes[0], bytes[MIB], bytes[3 * MIB - 1]]).toEqual([1, 2, 3]);
  expect(readdirSync(folder)).toEqual(['in.png', 'out.png']);
});

test('prints one JSON object and nothing else with --json --quiet', async ({ folder }) => {
  const input = join(folder, 'in.png');
  writeFileSync(input, 'any');
  const out = join(folder, 'out.png');
  const words = [input, '--scale', '2', '--quality', '75', '--out', out, '--json', '--quiet'];
  const { code, stdout, stderr } = await runCli(fakeApp, ...words);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  expect(report).toMatchObject({
    input: { path: input, bytes: 3, width: 30, height: 20 },
    output: { path: out, width: 60, height: 40 },
    engine: 'simd',
    kernel: 'lanczos3',
    timings: { probe: 1, decode: 2, compute: 3, write: 4, total: 10 },
    bytes: 3 * MIB,
    warnings: ['The picture is not real.'],
    options: { format: 'png', quality: 75, hooks: { before: null, after: null } },
  });
  expect(report['peakMemory']).toEqual(expect.any(Number));
  expect(report['cpuSeconds']).toEqual(expect.any(Number));
  expect(stderr).toBe('in.png: The picture is not real.\n');
  expect(code).toBe(0);
});

test('takes a file of 3 GB without reading it', async ({ folder }) => {
  const input = join(folder, 'big.png');
  writeFileSync(input, 'any');
  truncateSync(input, 3e9);
  const { stdout, code } = await runCli(fakeApp, input, '--out', join(folder, 'o.png'), '--json');
  const report = JSON.parse(stdout) as { input: { bytes: number }; peakMemory: number };
  expect(code).toBe(0);
  expect(report.input.bytes).toBe(3e9);
  expect(report.peakMemory).toBeLessThan(300e6);
});

test('goes on after a failed input, and ends with 1', async ({ folder }) => {
  mkdirSync(join(folder, 'in'));
  writeFileSync(join(folder, 'in', 'a.png'), 'bad');
  writeFileSync(join(folder, 'in', 'b.png'), 'any');
  const words = ['a.png', 'b.png', 'none.png'].map((name) => join(folder, 'in', name));
  const out = join(folder, 'out', '{name}-{scale}x.{ext}');
  const { code, stdout, stderr } = await runCli(fakeApp, ...words, '--out', out, '--json');
  expect(stderr).toContain('1/2 a.png: a.png is bad.\n  Mend it.');
  expect(stderr).toContain(`There is no file ${words[2]}.`);
  const { jobs } = JSON.parse(stdout) as { jobs: { error?: { code: string }; bytes?: number }[] };
  expect(jobs.map((job) => job.error?.code ?? job.bytes)).toEqual(['read-failed', 'bad-input', 3 * MIB]);
  expect(stdout).not.toContain('stack');
  expect(readdirSync(join(folder, 'out'))).toEqual(['b-2x.png']);
  expect(code).toBe(1);
});

test('replaces an output only with --force, and an input never', async ({ folder }) => {
  const input = join(folder, 'in.png');
  const out = join(folder, 'out.png');
  writeFileSync(input, 'any');
  writeFileSync(out, 'old');
  const refused = await runCli(fakeApp, input, '--out', out);
  expect(refused.stderr).toContain('is already there.\n  Name another file, or add --force to replace it.');
  expect(refused.code).toBe(1);
  expect(readFileSync(out, 'utf8')).toBe('old');
  const itself = await runCli(fakeApp, input, '--out', join(folder, '.', 'in.png'), '--force');
  expect(itself.stderr).toContain('is an input of this very call, and stays as it is.');
  expect(itself.code).toBe(1);
  expect(readFileSync(input, 'utf8')).toBe('any');
  const forced = await runCli(fakeApp, input, '--out', out, '--force');
  expect(forced.code).toBe(0);
  expect(readFileSync(out).length).toBe(3 * MIB);
  expect(readdirSync(folder)).toEqual(['in.png', 'out.png']);
});

test('explains wrong usage, and ends with 2', async ({ folder }) => {
  writeFileSync(join(folder, 'in.png'), 'any');
  const input = join(folder, 'in.png');
  const noOut = await runCli(fakeApp, input);
  expect(noOut.stderr).toContain("required option '--out <path>' not specified");
  expect(noOut.code).toBe(2);
  const several = await runCli(fakeApp, input, input, '--out', join(folder, 'one.png'));
  expect(several.stderr).toContain('--out must be a folder or a template');
  expect(several.code).toBe(2);
  const noEnding = await runCli(fakeApp, input, '--out', join(folder, 'one'));
  expect(noEnding.stderr).toContain('one has no ending, which stands for no format.\n  Choose one with --format: png,');
  expect(noEnding.code).toBe(1);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`leaves nothing behind after ${signal}`, async ({ folder }) => {
    writeFileSync(join(folder, 'in.png'), 'any');
    const out = join(folder, 'out.png');
    const { child, done } = startCli(fakeApp, [join(folder, 'in.png'), '--kernel', 'nearest', '--out', out]);
    await appearance(`${out}.part`);
    const browser = descendants(child.pid!);
    expect(browser.length).toBeGreaterThan(2);
    child.kill(signal);
    const result = await done;
    expect(result.stderr).toContain('Cancelling');
    expect(result.code).toBe(code);
    expect(readdirSync(folder)).toEqual(['in.png']);
    expect(browser.filter(({ pid }) => isAlive(pid))).toEqual([]);
  });
}

for (const [what, isIt] of [
  ['page', (command: string) => command.includes('--type=renderer')],
  ['process', (command: string) => command.includes('--user-data-dir=') && !command.includes('--type=')],
] as const) {
  test(`reports the death of the browser's ${what}`, async ({ folder }) => {
    writeFileSync(join(folder, 'in.png'), 'any');
    const out = join(folder, 'out.png');
    const { child, done } = startCli(fakeApp, [join(folder, 'in.png'), '--kernel', 'nearest', '--out', out]);
    await appearance(`${out}.part`);
    for (const { pid } of descendants(child.pid!).filter(({ command }) => isIt(command))) process.kill(pid, 'SIGKILL');
    const { code, stderr } = await done;
    expect(stderr).toContain(`The browser's ${what} ended before the job was done.`);
    expect(code).toBe(1);
    expect(readdirSync(folder)).toEqual(['in.png']);
  });
}

test('starts a fresh browser for the next input after a crash', async ({ folder }) => {
  writeFileSync(join(folder, 'a.png'), 'any');
  writeFileSync(join(folder, 'b.png'), 'bad');
  const words = [
    join(folder, 'a.png'),
    join(folder, 'b.png'),
    '--kernel',
    'nearest',
    '--out',
    `${folder}/{name}.out.png`,
  ];
  const { child, done } = startCli(fakeApp, words);
  await appearance(join(folder, 'a.out.png.part'));
  const renderers = descendants(child.pid!).filter(({ command }) => command.includes('--type=renderer'));
  for (const { pid } of renderers) process.kill(pid, 'SIGKILL');
  const { code, stderr } = await done;
  expect(stderr).toContain("1/2 a.png: The browser's page ended");
  expect(stderr).toContain('2/2 b.png: b.png is bad.');
  expect(code).toBe(1);
  expect(readdirSync(folder)).toEqual(['a.png', 'b.png']);
});

test('says when the browser does not start', async ({ folder }) => {
  writeFileSync(join(folder, 'in.png'), 'any');
  process.env['CHROMIUM'] = '/bin/false';
  try {
    const { code, stderr } = await runCli(fakeApp, join(folder, 'in.png'), '--out', join(folder, 'out.png'));
    expect(stderr).toContain('The browser /bin/false does not start.');
    expect(code).toBe(1);
  } finally {
    delete process.env['CHROMIUM'];
  }
});
