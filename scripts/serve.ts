/** `npm start`: serves the built app to this machine's browser. */
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { appRoot } from './cli/app-build.ts';
import { startServer } from './cli/server.ts';

function portNumber(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new InvalidArgumentError('A port is 0 to 65535.');
  return port;
}

const program = new Command('serve')
  .description('Serves the built app with the headers that threads in WebAssembly need.')
  .option('--port <number>', 'port to listen on; 0 takes a free one', portNumber, 4173)
  .option(
    '--host <address>',
    'address to listen on; browsers allow threads on localhost and over HTTPS only',
    '127.0.0.1',
  )
  .option('--root <folder>', 'folder to serve', join(appRoot, 'dist'))
  .parse();

try {
  const server = await startServer(program.opts<{ port: number; host: string; root: string }>());
  console.log(`Pro Upscaler is at ${server.origin} (Ctrl-C ends it).`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
