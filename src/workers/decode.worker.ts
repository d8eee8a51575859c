/** Hosts the decoders that are ours or the browser's, away from the job's own thread. */
import { expose } from 'comlink';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';
import { openDecoder, type DecoderName } from '../pipeline/open-decoder.ts';
import { planeDecoder } from './plane-decoder.ts';
import type { DecodeWorkerApi, RowShape } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

class DecodeWorker implements DecodeWorkerApi {
  #reader: RowReader | null = null;

  async open(source: Blob, info: SourceInfo, decoder: DecoderName): Promise<RowShape> {
    this.#reader = await openDecoder(decoder, source, info, planeDecoder());
    const { width, height, channels, depth } = this.#reader;
    return { width, height, channels, depth };
  }

  read(rows: number, into: Uint8Array): Promise<void> {
    if (this.#reader === null) throw new AppError('internal', 'the decoder was used before it was opened');
    return this.#reader.read(rows, into);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }
}

// Tried out before the first picture comes.
planeDecoder();

installErrorTransfer();
expose(new DecodeWorker());
