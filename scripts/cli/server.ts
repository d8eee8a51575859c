/** A small static server for the built app, with the headers that cross-origin isolation needs and room for extra routes. */
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { SECURITY_HEADERS } from '../../src/core/security-headers.ts';

/** Answers one request under a route's prefix; a rejection becomes a 500. */
export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface ServerOptions {
  /** The folder that is served; nothing outside it is, not even through a symbolic link. */
  readonly root: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The address to listen on; the default is this machine alone. */
  readonly host?: string;
  /** By path prefix, such as `/out/`; asked before the files. */
  readonly routes?: Readonly<Record<string, Route>>;
  /** Sent with every answer; the default is `SECURITY_HEADERS`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RunningServer {
  /** The origin, without a slash at the end. */
  readonly origin: string;
  close(): Promise<void>;
}

const MIME: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.wgsl': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** Ends an answer with a status and a line of text. */
export function answer(response: ServerResponse, status: number, text = ''): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' });
  response.end(text);
}

/** The file that a URL's path names, `index.html` for a folder; null when there is none or it lies outside the root. */
async function locate(root: string, pathname: string): Promise<string | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (decoded.includes('\0')) return null;
  try {
    let file = await realpath(join(root, decoded));
    if ((await stat(file)).isDirectory()) file = await realpath(join(file, 'index.html'));
    return file.startsWith(root + sep) ? file : null;
  } catch {
    return null;
  }
}

async function serveFile(root: string, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, 'Only GET and HEAD here.');
  }
  const file = await locate(root, url.pathname);
  if (file === null) return answer(response, 404, `Nothing at ${url.pathname}.`);
  const { size, mtimeMs } = await stat(file);
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  // The bundler puts a hash of the content into the names under assets/, so those never change.
  const hashed = file.startsWith(join(root, 'assets') + sep);
  response.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('etag', etag);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const type = MIME[extname(file).toLowerCase()] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-length': size });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  await pipeline(createReadStream(file), response);
}

/** Starts serving. Rejects when the root is missing or the port is taken, saying which. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { port, host = '127.0.0.1', routes = {}, headers = SECURITY_HEADERS } = options;
  const root = await realpath(options.root).catch(() => {
    throw new Error(`${options.root} is missing: build the app first with "npm run build".`);
  });

  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const url = new URL(request.url ?? '/', 'http://localhost');
    const route = Object.entries(routes).find(([prefix]) => url.pathname.startsWith(prefix))?.[1];
    const handled = route ? route(request, response, url) : serveFile(root, request, response, url);
    handled.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else answer(response, 500, error instanceof Error ? error.message : String(error));
    });
  });
  // A band may take long to come on a slow machine: no request is cut off.
  server.requestTimeout = 0;

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`Port ${port} is taken: choose another one with --port.`, { cause: error }) : error);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  return {
    origin: `http://localhost:${listening}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
