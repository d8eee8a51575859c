import type { BandCoder, BandEncoding, PictureShape } from '../encoding.ts';
import { createReferenceJpegCoder } from './jpeg.ts';
import { createReferencePngCoder } from './png.ts';
import { createReferenceTiffCoder } from './tiff.ts';

/** The scalar coder of an encoding. */
export function createReferenceCoder(shape: PictureShape, encoding: BandEncoding): BandCoder {
  switch (encoding.kind) {
    case 'png':
      return createReferencePngCoder(shape, encoding.level);
    case 'jpeg':
      return createReferenceJpegCoder(shape, encoding);
    case 'tiff':
      return createReferenceTiffCoder(shape, encoding.level);
    default:
      return encoding satisfies never;
  }
}
