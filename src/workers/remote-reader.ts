import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';
import { openDecoder, type DecoderName } from '../pipeline/open-decoder.ts';
import type { DecodeWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

function startDecoder(decoder: DecoderName): Worker {
  return decoder === 'vips'
    ? new Worker(new URL('./vips.worker.ts', import.meta.url), { type: 'module' })
    : new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
}

/**
 * Opens a source in a worker of its own when rows can be handed over in shared memory, else in this thread. Closing it ends the
 * worker, so that a decoder's memory always goes back.
 */
export async function openReader(
  decoder: DecoderName,
  source: Blob,
  info: SourceInfo,
  isolated: boolean,
): Promise<RowReader> {
  if (!isolated) return openDecoder(decoder, source, info);
  const remote = new RemoteWorker<DecodeWorkerApi>(startDecoder(decoder), 'The decoder');
  try {
    const shape = await remote.call((api) => api.open(source, info, decoder));
    return {
      ...shape,
      read: (rows, into) => readShared(remote, rows, into),
      close: () => {
        remote.terminate();
        return Promise.resolve();
      },
    };
  } catch (error) {
    remote.terminate();
    throw error;
  }
}

/** The target may be private memory (a picture that is turned after decoding): then it goes by way of a shared copy. */
async function readShared(remote: RemoteWorker<DecodeWorkerApi>, rows: number, into: Uint8Array): Promise<void> {
  if (into.buffer instanceof SharedArrayBuffer) {
    await remote.call((api) => api.read(rows, into));
    return;
  }
  const shared = new Uint8Array(new SharedArrayBuffer(into.byteLength));
  await remote.call((api) => api.read(rows, shared));
  into.set(shared);
}
