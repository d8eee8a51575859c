import type { SourceInfo } from '../core/formats.ts';
import { bytesPerPixel } from '../core/pixels.ts';
import type { RowReader } from '../core/source.ts';
import '../core/script-policy.ts';
import { openDecoder, type DecoderName } from '../pipeline/open-decoder.ts';
import { planeDecoder } from './plane-decoder.ts';
import type { DecodeWorkerApi } from './protocol.ts';
import { RemoteWorker } from './remote-worker.ts';

type Decoder = RemoteWorker<DecodeWorkerApi>;

const startCommon = (): Worker => new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
const startVips = (): Worker => new Worker(new URL('./vips.worker.ts', import.meta.url), { type: 'module' });

/** Decoded pictures up to this size leave so little behind in a decoder's memory that its worker is used again. */
const MOST_KEPT_BYTES = 64 << 20;

/** Started and without a source. */
let idle: Decoder | null = null;

/** Starts the worker of the common decoders ahead of the next source. */
export function warmDecoder(): void {
  if (idle === null || idle.ended) idle = new RemoteWorker<DecodeWorkerApi>(startCommon(), 'The decoder');
}

function takeDecoder(decoder: DecoderName): Decoder {
  if (decoder === 'vips') return new RemoteWorker<DecodeWorkerApi>(startVips(), 'The decoder');
  warmDecoder();
  const taken = idle!;
  idle = null;
  return taken;
}

/**
 * Opens a source in a worker of its own when rows can be handed over in shared memory, else in this thread. Closing it frees the
 * decoder's memory: of a large source, or in the middle of a read, by ending its worker.
 */
export async function openReader(
  decoder: DecoderName,
  source: Blob,
  info: SourceInfo,
  isolated: boolean,
): Promise<RowReader> {
  if (!isolated) return openDecoder(decoder, source, info, planeDecoder());
  const remote = takeDecoder(decoder);
  const isSmall = info.width * bytesPerPixel(info) * info.height <= MOST_KEPT_BYTES;
  let reading = false;
  let open = true;
  try {
    const shape = await remote.call((api) => api.open(source, info, decoder));
    return {
      ...shape,
      async read(rows, into) {
        reading = true;
        await readShared(remote, rows, into);
        reading = false;
      },
      close() {
        if (open) giveBack(remote, decoder !== 'vips' && isSmall && !reading);
        open = false;
        return Promise.resolve();
      },
    };
  } catch (error) {
    remote.terminate();
    throw error;
  }
}

function giveBack(remote: Decoder, isKept: boolean): void {
  if (!isKept || idle !== null) {
    remote.terminate();
    return;
  }
  idle = remote;
  // Nobody waits for it: calls for the next source come after it.
  remote.call((api) => api.close()).catch((error: unknown) => remote.terminate(error));
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
