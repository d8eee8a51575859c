import { openWithBrowser } from '../codecs/browser-decode.ts';
import type { PlaneDecoder } from '../codecs/jpeg/plane-decode.ts';
import { openPng } from '../codecs/png/decode.ts';
import { openSmallTiff } from '../codecs/tiff/decode-small.ts';
import { AppError } from '../core/errors.ts';
import type { SourceInfo } from '../core/formats.ts';
import type { RowReader } from '../core/source.ts';

/** The decoders that need no worker of their own; wasm-vips does. */
export type LocalDecoder = 'png' | 'browser' | 'tiff-small';
export type DecoderName = LocalDecoder | 'vips';

/** Opens a file with the decoder that `chooseDecoder` has named, in this thread. `planes` is what there is for JPEGs beside the browser's bitmaps. */
export function openDecoder(
  decoder: DecoderName,
  file: Blob,
  info: SourceInfo,
  planes: PlaneDecoder | null = null,
): Promise<RowReader> {
  switch (decoder) {
    case 'png':
      return openPng(file, info);
    case 'browser':
      return openWithBrowser(file, info, planes);
    case 'tiff-small':
      return openSmallTiff(file, info);
    case 'vips':
      return Promise.reject(new AppError('internal', 'wasm-vips runs in a worker of its own'));
    default:
      return decoder satisfies never;
  }
}
