import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { staleReason } from '../../../scripts/cli/app-build.ts';
import { expandInput } from '../../../scripts/cli/inputs.ts';

/** The beginning of any PNG: signature and the header of IHDR. */
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55', 'hex');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'inputs-test-'));
  return () => rmSync(folder, { recursive: true });
});

describe('expandInput', () => {
  it('finds pictures by content, in order, in all folders inside', async () => {
    mkdirSync(join(folder, 'b'));
    mkdirSync(join(folder, '.hidden'));
    for (const name of ['z.png', 'a.dat', 'b/c.png', '.hidden/no.png', '.no.png', 'half.png.part']) {
      writeFileSync(join(folder, name), PNG);
    }
    writeFileSync(join(folder, 'text.png'), 'a text that calls itself a picture');
    writeFileSync(join(folder, 'empty.png'), '');
    const files = await expandInput(folder);
    expect(files.map((file) => file.relative)).toEqual(['a.dat', join('b', 'c.png'), 'z.png']);
    expect(files.map((file) => file.listed)).toEqual([true, true, true]);
    expect(files[1].path).toBe(join(folder, 'b', 'c.png'));
  });

  it('takes a named file whatever it holds', async () => {
    const path = join(folder, 'text.png');
    writeFileSync(path, 'a text');
    expect(await expandInput(path)).toEqual([{ path, relative: 'text.png', listed: false }]);
  });

  it('goes on after a file whose name is not UTF-8, and tells it', async () => {
    writeFileSync(join(folder, 'a.png'), PNG);
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/b`), Buffer.of(0xe4), Buffer.from('.png')]), PNG);
    const skipped: string[] = [];
    const files = await expandInput(folder, (_path, error) => skipped.push(error.message));
    expect(files.map((file) => file.relative)).toEqual(['a.png']);
    expect(skipped).toEqual([expect.stringContaining('is not UTF-8')]);
  });

  it('says when there is nothing', async () => {
    const path = join(folder, 'none.png');
    await expect(expandInput(path)).rejects.toMatchObject({
      code: 'read-failed',
      message: `There is no file ${path}.`,
    });
    await expect(expandInput(folder)).rejects.toMatchObject({ code: 'bad-input', message: /holds no picture/ });
  });
});

describe('staleReason', () => {
  it('compares the built page with the newest source, not with tests or what the build makes', () => {
    const at = (path: string, seconds: number): void => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), '');
      utimesSync(join(folder, path), seconds, seconds);
    };
    at('src/core/a.ts', 100);
    expect(staleReason(folder)).toMatch(/not built/);
    at('dist/cli.html', 200);
    expect(staleReason(folder)).toBeNull();
    at('src/core/a.test.ts', 300);
    at('src/wasm/generated/kernels.wasm', 300);
    expect(staleReason(folder)).toBeNull();
    at('src/core/deep/b.ts', 201);
    expect(staleReason(folder)).toMatch(/older than its sources/);
  });
});
