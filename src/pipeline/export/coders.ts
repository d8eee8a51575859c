import type { BandCoder, BandEncoding, PictureShape } from '../../core/encoding.ts';
import { jpegLayout, restartRowsFor } from '../../core/jpeg/layout.ts';
import type { Metadata } from '../../core/metadata.ts';
import { createReferenceCoder } from '../../core/reference/coder.ts';
import { deflateSmall } from '../../wasm/deflate-small.ts';
import { Kernels } from '../../wasm/kernels.ts';
import { createFileWriter } from '../encodings.ts';
import { createCoder } from '../simd-bands.ts';

/** Makes coders for pictures of any shape, in the job's own thread. */
export type MakeCoder = (shape: PictureShape, encoding: BandEncoding) => BandCoder;

/** Coders of the SIMD kernels where there are any, else of the scalar twins. */
export async function coderMaker(module: WebAssembly.Module | null): Promise<MakeCoder> {
  if (module === null) return (shape, encoding) => createReferenceCoder(shape, encoding, deflateSmall);
  const kernels = await Kernels.instantiate(module);
  return (shape, encoding) => createCoder(kernels, shape, encoding);
}

/** An encoding for a picture of another shape: the rows of a JPEG's restart interval follow the width. */
export const encodingFor = (encoding: BandEncoding, shape: PictureShape): BandEncoding =>
  encoding.kind === 'jpeg' ? { ...encoding, restartRows: restartRowsFor(shape, encoding.chroma) } : encoding;

/** A whole small picture as a file; a JPEG without restart markers. */
export function codeWhole(
  make: MakeCoder,
  shape: PictureShape,
  encoding: BandEncoding,
  metadata: Metadata,
  pixels: Uint8Array,
): Uint8Array<ArrayBuffer>[] {
  const whole: BandEncoding =
    encoding.kind === 'jpeg' ? { ...encoding, restartRows: jpegLayout(shape, encoding.chroma).mcuRows } : encoding;
  const place = { index: 0, y: 0, rows: shape.height, first: true, last: true };
  const writer = createFileWriter(shape, whole, shape.height, metadata);
  const head = writer.begin();
  const body = writer.segment(make(shape, whole).encode(pixels, place), place);
  return [...head, ...body, ...writer.end().bytes];
}
