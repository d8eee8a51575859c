/** The command line with the app's own engine, on small pictures. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect } from '@playwright/test';
import sharp from 'sharp';
import { builtApp, fixtures, runCli, test } from './support/cli.ts';
import { decode, psnr, repeated } from './support/pixels.ts';

const RGB = join(fixtures, 'png/rgb.png');

interface Report {
  readonly output: { readonly width: number; readonly height: number; readonly format: string; readonly depth: number };
  readonly engine: string;
  readonly bytes: number;
  readonly error?: { readonly code: string; readonly message: string };
}

for (const [ending, format, least] of [
  ['png', 'png', Infinity],
  ['tif', 'tiff', Infinity],
  ['jpg', 'jpeg', 30],
  ['webp', 'webp', 28],
  ['avif', 'heif', 28],
] as const) {
  test(`writes ${ending}`, async ({ folder }) => {
    const out = join(folder, `out.${ending}`);
    const words = ['--scale', '4', '--kernel', 'nearest', '--chroma', '444', '--quality', '95', '--out', out, '--json'];
    const { code, stdout, stderr } = await runCli(builtApp, RGB, ...words);
    expect(code, stderr).toBe(0);
    const report = JSON.parse(stdout) as Report;
    const bytes = readFileSync(out);
    expect(report.bytes).toBe(bytes.length);
    const expected = repeated(await decode(RGB), 4);
    expect([report.output.width, report.output.height]).toEqual([expected.width, expected.height]);
    expect((await sharp(bytes).metadata()).format).toBe(format);
    expect(psnr(await decode(bytes), expected)).toBeGreaterThanOrEqual(least);
    expect(readdirSync(folder)).toEqual([`out.${ending}`]);
  });
}

test('writes jxl', async ({ folder }) => {
  // sharp's libvips comes without JPEG XL, so the file goes through the command line once more, which reads it with libjxl.
  const middle = join(folder, 'middle.jxl');
  const back = join(folder, 'back.png');
  const first = await runCli(builtApp, RGB, '--scale', '2', '--kernel', 'nearest', '--quality', '95', '--out', middle);
  expect(first.code, first.stderr).toBe(0);
  const head = readFileSync(middle).subarray(0, 12).toString('hex');
  expect(head).toMatch(/^(ff0a|0000000c4a584c200d0a870a)/);
  const second = await runCli(builtApp, middle, '--scale', '1', '--kernel', 'nearest', '--out', back);
  expect(second.code, second.stderr).toBe(0);
  expect(psnr(await decode(back), repeated(await decode(RGB), 2))).toBeGreaterThan(28);
});

test('the engines agree', async ({ folder }) => {
  const outputs: Buffer[] = [];
  for (const engine of ['simd', 'scalar']) {
    const out = join(folder, `${engine}.png`);
    const { code, stdout, stderr } = await runCli(
      builtApp,
      RGB,
      '--scale',
      '2.5',
      '--engine',
      engine,
      '--out',
      out,
      '--json',
    );
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as Report).engine).toBe(engine);
    outputs.push((await decode(out)).data);
  }
  const [simd, scalar] = outputs;
  expect(simd.length).toBe(scalar.length);
  expect(Math.max(...simd.map((sample, index) => Math.abs(sample - scalar[index])))).toBeLessThanOrEqual(1);
});

test('takes sizes, depth and density', async ({ folder }) => {
  const out = join(folder, 'out.tif');
  const words = ['--print', '10x10cm', '--dpi', '50', '--depth', '16', '--out', out, '--json'];
  const { code, stdout, stderr } = await runCli(builtApp, join(fixtures, 'png/rgb16.png'), ...words);
  expect(code, stderr).toBe(0);
  const { output } = JSON.parse(stdout) as Report;
  expect(output.depth).toBe(16);
  expect(Math.min(output.width, output.height)).toBe(197);
  const read = await sharp(out).metadata();
  expect(read).toMatchObject({ width: output.width, height: output.height, depth: 'ushort' });
  expect(read.density).toBe(50);
});

test('turns a picture upright', async ({ folder }) => {
  const input = join(fixtures, 'jpeg/orientation-6.jpg');
  const out = join(folder, '{name}-{width}x{height}.png');
  const { code, stderr } = await runCli(builtApp, input, '--scale', '2', '--out', out);
  expect(code, stderr).toBe(0);
  const stored = await sharp(input).metadata();
  const [width, height] = [stored.height * 2, stored.width * 2];
  const read = await sharp(join(folder, `orientation-6-${width}x${height}.png`)).metadata();
  expect([read.width, read.height, read.orientation ?? 1]).toEqual([width, height, 1]);
});

test('works through a folder, keeping its folders', async ({ folder }) => {
  mkdirSync(join(folder, 'in', 'deep'), { recursive: true });
  cpSync(RGB, join(folder, 'in', 'a.png'));
  cpSync(join(fixtures, 'jpeg/444.jpg'), join(folder, 'in', 'deep', 'b.jpg'));
  writeFileSync(join(folder, 'in', 'notes.txt'), 'no picture');
  const out = join(folder, 'out');
  const { code, stdout, stderr } = await runCli(builtApp, join(folder, 'in'), '--out', out + sep, '--json', '--quiet');
  expect(code, stderr).toBe(0);
  expect((JSON.parse(stdout) as { jobs: Report[] }).jobs.map((job) => job.output.format)).toEqual(['png', 'jpeg']);
  expect(readdirSync(out, { recursive: true }).sort()).toEqual(['a-2x.png', 'deep', join('deep', 'b-2x.jpg')]);
});

test('runs hook modules', async ({ folder }) => {
  const hook = join(folder, 'hook.js');
  writeFileSync(hook, 'export default (rows) => { rows.data.fill(rows.data[0] === 7 ? 9 : 7); };');
  const out = join(folder, 'out.png');
  const words = ['--hook-before', hook, '--hook-after', hook, '--out', out];
  const { code, stderr } = await runCli(builtApp, RGB, ...words);
  expect(code, stderr).toBe(0);
  expect((await decode(out)).data.every((sample) => sample === 9)).toBe(true);
});

for (const [what, name, bytes] of [
  ['an empty file', 'empty.png', Buffer.alloc(0)],
  ['a text', 'letter.jpg', Buffer.from('Dear reader, this is no picture.\n')],
  ['random bytes', 'noise.webp', Buffer.from(Array.from({ length: 4000 }, (_, i) => (i * 7919 + 31) % 251))],
  ['a truncated picture', 'cut.png', null],
] as const) {
  test(`refuses ${what}`, async ({ folder }) => {
    const input = join(folder, name);
    const whole = readFileSync(RGB);
    writeFileSync(input, bytes ?? whole.subarray(0, whole.length >> 1));
    const { code, stdout, stderr } = await runCli(builtApp, input, '--out', join(folder, 'out.png'), '--json');
    expect(code).toBe(1);
    expect(stderr).toContain(name);
    const { error } = JSON.parse(stdout) as Report;
    expect(error?.message).toContain(name);
    expect(error?.code).toBe('bad-input');
    expect(readdirSync(folder)).toEqual([name]);
  });
}

test('refuses what the format cannot hold, and says which could', async ({ folder }) => {
  const input = join(folder, 'wide.png');
  await sharp({ create: { width: 1400, height: 2, channels: 3, background: '#369' } }).toFile(input);
  const { code, stderr } = await runCli(builtApp, input, '--exact', '70000x100', '--out', join(folder, 'out.jpg'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/70,000 x 100 pixels; JPEG ends at 65,500 x 65,500/);
  expect(stderr).toMatch(/Choose PNG/);
  expect(readdirSync(folder)).toEqual(['wide.png']);
});
