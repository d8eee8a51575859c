import type { BandCoder, BandEncoding, PictureShape } from '../encoding.ts';
import type { RawDeflate } from './deflate.ts';
import { createReferenceJpegCoder } from './jpeg.ts';
import { createReferencePngCoder } from './png.ts';
import { createReferenceTiffCoder } from './tiff.ts';

/** The scalar coder of an encoding. `small` does what the level of that name asks for; core has no compressor of its own for it. */
export function createReferenceCoder(shape: PictureShape, encoding: BandEncoding, small?: RawDeflate): BandCoder {
  switch (encoding.kind) {
    case 'png':
      return createReferencePngCoder(shape, encoding.level, small);
    case 'jpeg':
      return createReferenceJpegCoder(shape, encoding);
    case 'tiff':
      return createReferenceTiffCoder(shape, encoding.level, small);
    default:
      return encoding satisfies never;
  }
}
