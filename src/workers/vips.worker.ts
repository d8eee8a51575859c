/** Hosts libvips, which blocks its thread, in a worker of its own. */
import { expose, transfer } from 'comlink';
import { openVips, type VipsReader } from '../codecs/vips/decode.ts';
import { encodeWithVips, type VipsEncodeOptions, type VipsFormat } from '../codecs/vips/encode.ts';
import { loadVips } from '../codecs/vips/load.ts';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { Metadata } from '../core/metadata.ts';
import type { Raster } from '../core/pixels.ts';
import type { VipsRowShape, VipsWorkerApi } from './protocol.ts';
import { installErrorTransfer } from './transfer.ts';

class VipsWorker implements VipsWorkerApi {
  #reader: VipsReader | null = null;

  async open(source: Blob, info: SourceInfo): Promise<VipsRowShape> {
    await this.close();
    this.#reader = await openVips(source, info);
    const { width, height, channels, depth, toSrgb, icc, warnings } = this.#reader;
    return { width, height, channels, depth, toSrgb, icc, warnings };
  }

  async read(rows: number, into: Uint8Array): Promise<void> {
    if (this.#reader === null) throw new AppError('internal', 'the decoder was used before it was opened');
    this.#reader.readSync(rows, into);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = null;
  }

  async encode(
    raster: Raster,
    format: VipsFormat,
    options: VipsEncodeOptions,
    metadata: Metadata,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = encodeWithVips(await loadVips(format), raster, format, options, metadata);
    return transfer(bytes, [bytes.buffer]);
  }
}

installErrorTransfer();
expose(new VipsWorker());
