import { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type RunningServer } from '../../../scripts/cli/server.ts';

let folder: string;
let server: RunningServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'server-test-'));
  const root = join(folder, 'dist');
  mkdirSync(join(root, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  writeFileSync(join(root, 'index.html'), '<!doctype html>hello');
  writeFileSync(join(root, 'assets', 'kernels-abc123.wasm'), 'wasm');
  writeFileSync(join(root, 'manifest.webmanifest'), '{}');
  symlinkSync(join(folder, 'secret.txt'), join(root, 'link.txt'));
  server = await startServer({
    root,
    port: 0,
    routes: {
      '/echo/': async (request, response) => {
        let length = 0;
        for await (const chunk of request as AsyncIterable<Buffer>) length += chunk.length;
        response.end(String(length));
      },
      '/broken/': () => Promise.reject(new Error('it broke')),
    },
  });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

/** The status line and all that follows, for a path that is sent as it is. */
function rawGet(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    });
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

describe('startServer', () => {
  it('serves the index, isolated', async () => {
    const response = await fetch(`${server.origin}/`);
    expect(await response.text()).toBe('<!doctype html>hello');
    const headers: Record<string, string> = {};
    response.headers.forEach((value, name) => (headers[name] = value));
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
  });

  it('gives WebAssembly and the manifest their types, and keeps hashed files for ever', async () => {
    const wasm = await fetch(`${server.origin}/assets/kernels-abc123.wasm?v=1`);
    expect(wasm.headers.get('content-type')).toBe('application/wasm');
    expect(wasm.headers.get('cache-control')).toMatch(/immutable/);
    expect(wasm.headers.get('content-length')).toBe('4');
    await wasm.body?.cancel();
    const manifest = await fetch(`${server.origin}/manifest.webmanifest`);
    expect(manifest.headers.get('content-type')).toMatch(/^application\/manifest\+json/);
    await manifest.body?.cancel();
  });

  it('answers 304 for what has not changed', async () => {
    const first = await fetch(`${server.origin}/index.html`);
    await first.text();
    const etag = first.headers.get('etag') ?? '';
    expect(etag).not.toBe('');
    const again = await fetch(`${server.origin}/index.html`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/link.txt',
    '/%00',
    '/%zz',
  ])('has nothing at %s', async (path) => {
    const text = await rawGet(path);
    expect(text).toMatch(/^HTTP\/1\.1 404/);
    expect(text).not.toContain('\r\nsecret');
  });

  it('refuses to be written to', async () => {
    const response = await fetch(`${server.origin}/index.html`, { method: 'PUT', body: 'x' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('hands requests to routes, and turns their errors into answers', async () => {
    const echo = await fetch(`${server.origin}/echo/x`, { method: 'POST', body: new Uint8Array(100_000) });
    expect(await echo.text()).toBe('100000');
    const broken = await fetch(`${server.origin}/broken/x`);
    expect(broken.status).toBe(500);
    expect(await broken.text()).toBe('it broke');
  });

  it('says that the app is not built, or that the port is taken', async () => {
    await expect(startServer({ root: join(folder, 'none'), port: 0 })).rejects.toThrow(/npm run build/);
    const port = Number(new URL(server.origin).port);
    await expect(startServer({ root: folder, port })).rejects.toThrow(`Port ${port} is taken`);
  });
});
