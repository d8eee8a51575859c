import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';
import '../core/script-policy.ts';
import { openDecoder, type DecoderName } from '../pipeline/open-decoder.ts';
import type { DecodeWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

type Decoder = RemoteWorker<DecodeWorkerApi>;

const startCommon = (): Worker => new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
const startVips = (): Worker => new Worker(new URL('./vips.worker.ts', import.meta.url), { type: 'module' });

let warm: Decoder | null = null;

/** Starts the worker of the common decoders ahead of the first source. */
export function warmDecoder(): void {
  warm ??= new RemoteWorker<DecodeWorkerApi>(startCommon(), 'The decoder');
}

function takeDecoder(decoder: DecoderName): Decoder {
  const taken = decoder === 'vips' || warm?.ended ? null : warm;
  if (taken !== null) warm = null;
  return taken ?? new RemoteWorker<DecodeWorkerApi>(decoder === 'vips' ? startVips() : startCommon(), 'The decoder');
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
  const remote = takeDecoder(decoder);
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
async function readShared(remote: Decoder, rows: number, into: Uint8Array): Promise<void> {
  if (into.buffer instanceof SharedArrayBuffer) {
    await remote.call((api) => api.read(rows, into));
    return;
  }
  const shared = new Uint8Array(new SharedArrayBuffer(into.byteLength));
  await remote.call((api) => api.read(rows, shared));
  into.set(shared);
}
