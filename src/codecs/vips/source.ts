import type VipsModule from 'wasm-vips';
import type { Vips } from './load.ts';

/** Bytes fetched at a time: loaders ask for as little as two bytes, and each trip to the file costs some 0.1 ms. */
const READ_AHEAD = 1 << 20;

/** A source of libvips over a file, and what went wrong when the file could not be read. */
export interface BlobSource {
  readonly source: VipsModule.SourceCustom;
  readError(): unknown;
}

/**
 * Lets libvips read from a Blob as it goes. The callbacks run on this worker's thread while it waits for libvips,
 * so reading must be synchronous: FileReaderSync, which only workers have.
 */
export function blobSource(vips: Vips, blob: Blob): BlobSource {
  const reader = new FileReaderSync();
  let position = 0;
  let ahead = new Uint8Array(0);
  let aheadAt = 0;
  let failure: unknown = null;

  const source = new vips.SourceCustom();
  source.onRead = (length) => {
    if (failure !== null || position >= blob.size) return undefined;
    let from = position - aheadAt;
    if (from < 0 || from >= ahead.length || (from + length > ahead.length && aheadAt + ahead.length < blob.size)) {
      try {
        const end = position + Math.max(length, READ_AHEAD);
        ahead = new Uint8Array(reader.readAsArrayBuffer(blob.slice(position, end)));
      } catch (error) {
        failure = error;
        return undefined;
      }
      aheadAt = position;
      from = 0;
    }
    const bytes = ahead.subarray(from, from + length);
    position += bytes.length;
    return bytes;
  };
  source.onSeek = (offset, whence) => {
    const origin = whence === 0 ? 0 : whence === 1 ? position : blob.size;
    position = origin + Number(offset);
    return position;
  };
  return { source, readError: () => failure };
}
