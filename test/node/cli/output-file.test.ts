import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OutputFile, OutputRoute } from '../../../scripts/cli/output-file.ts';
import { startServer, type RunningServer } from '../../../scripts/cli/server.ts';

let folder: string;
let server: RunningServer;
const route = new OutputRoute();

beforeAll(async () => {
  server = await startServer({ root: tmpdir(), port: 0, routes: { [OutputRoute.prefix]: route.handle } });
});
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'output-test-'));
  return () => rmSync(folder, { recursive: true });
});

const put = (path: string, position: number, body: BodyInit) =>
  fetch(`${server.origin}${path}?position=${position}`, { method: 'PUT', body });

describe('output over the server', () => {
  it('takes pieces in order, then patches, and shows the file only at the end', async () => {
    const file = await OutputFile.create(join(folder, 'a.tif'), false);
    const path = route.offer(file);
    const piece = new Uint8Array(3_000_000).map((_, index) => index % 251);
    expect((await put(path, 0, piece)).status).toBe(200);
    expect((await put(path, piece.length, piece)).status).toBe(200);
    expect((await put(path, 4, 'PATCH')).status).toBe(200);
    expect(readdirSync(folder)).toEqual(['a.tif.part']);
    expect((await fetch(server.origin + path, { method: 'POST' })).status).toBe(200);
    expect(readdirSync(folder)).toEqual(['a.tif']);

    const expected = Buffer.concat([piece, piece]);
    expected.write('PATCH', 4);
    expect(readFileSync(join(folder, 'a.tif')).equals(expected)).toBe(true);
    expect(file.bytes).toBe(6_000_000);
    expect(file.committed).toBe(true);
    await file.abort();
    expect(readdirSync(folder)).toEqual(['a.tif']);
  });

  it('leaves nothing after DELETE', async () => {
    const path = route.offer(await OutputFile.create(join(folder, 'a.png'), false));
    await put(path, 0, 'bytes');
    expect((await fetch(server.origin + path, { method: 'DELETE' })).status).toBe(200);
    expect(readdirSync(folder)).toEqual([]);
    expect((await put(path, 5, 'late')).status).toBe(409);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('refuses holes, unknown addresses and calls without a position', async () => {
    const file = await OutputFile.create(join(folder, 'a.png'), false);
    const path = route.offer(file);
    const hole = await put(path, 1, new Uint8Array(500_000));
    expect(hole.status).toBe(409);
    expect(await hole.text()).toMatch(/came for 1, with 0 bytes there/);
    expect((await fetch(server.origin + path, { method: 'PUT', body: 'x' })).status).toBe(409);
    expect((await put(`${OutputRoute.prefix}guess`, 0, 'x')).status).toBe(404);
    expect((await fetch(server.origin + path)).status).toBe(405);
    await file.abort();
  });

  it('forgets the file before when the next one is offered', async () => {
    const first = await OutputFile.create(join(folder, 'a.png'), false);
    const old = route.offer(first);
    const second = await OutputFile.create(join(folder, 'b.png'), false);
    route.offer(second);
    expect((await put(old, 0, 'x')).status).toBe(404);
    await first.abort();
    await second.abort();
  });
});

describe('OutputFile', () => {
  it('says in words what the disk says in codes', async () => {
    writeFileSync(join(folder, 'file'), '');
    await expect(OutputFile.create(join(folder, 'file', 'a.png'), false)).rejects.toThrow(/a file and no folder/);
    await expect(OutputFile.create(join(folder, `${'a'.repeat(300)}.png`), false)).rejects.toThrow(/too long/);
    await expect(OutputFile.create(join(folder, 'none', 'a.png'), false)).rejects.toThrow(/does not exist/);
  });

  it('does not replace a file unless forced, and not before the end', async () => {
    const path = join(folder, 'a.png');
    writeFileSync(path, 'old');
    await expect(OutputFile.create(path, false)).rejects.toMatchObject({ code: 'write-failed', remedy: /--force/ });
    const file = await OutputFile.create(path, true);
    await file.write(0, Buffer.from('new'));
    expect(readFileSync(path, 'utf8')).toBe('old');
    await file.commit();
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('does not write beside another run', async () => {
    const path = join(folder, 'a.png');
    const file = await OutputFile.create(path, false);
    await expect(OutputFile.create(path, false)).rejects.toMatchObject({ message: /another run/ });
    file.abortSync();
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it('says when the folder is missing or the name is a folder', async () => {
    await expect(OutputFile.create(join(folder, 'no', 'a.png'), false)).rejects.toThrow(/does not exist/);
    await expect(OutputFile.create(folder, true)).rejects.toThrow(/is a folder/);
  });
});
