import type { SourceInfo } from '../../core/formats.ts';
import { badInput, Bytes, CUT_OFF, FileBytes, headerDamaged, MOST_METADATA, NO_PICTURE, parsing } from '../bytes.ts';
import { framesWarning, metadataOf, sourceInfo, type Blocks } from '../source-info.ts';

/** More chunks than any picture has; a long animation is counted no further. */
const MOST_CHUNKS = 20_000;

/** A RIFF chunk: its name, and the place of its content. */
export interface Chunk {
  readonly name: string;
  readonly at: number;
  readonly start: number;
  readonly length: number;
}

/** The chunks of a WebP file (RFC 9649, section 2), which must have their whole content within the file. */
export async function* webpChunks(file: FileBytes): AsyncGenerator<Chunk> {
  const riff = new Bytes(await file.read(0, 12), true);
  const end = Math.min(file.size, 8 + riff.u32(4));
  if (8 + riff.u32(4) > file.size + 1) throw badInput(file.name, CUT_OFF, { size: file.size });
  let at = 12;
  for (let count = 0; at + 8 <= end && count < MOST_CHUNKS; count++) {
    const head = new Bytes(await file.read(at, 8), true);
    const length = head.u32(4);
    const start = at + 8;
    if (start + length > file.size) throw badInput(file.name, CUT_OFF, { size: file.size });
    yield { name: head.ascii(0, 4), at, start, length };
    at = start + length + (length & 1);
  }
}

/** Flags of the VP8X chunk (RFC 9649, 2.7.1). */
const ALPHA_FLAG = 0x10;

/** Reads the chunks of a WebP file. Throws an AppError `bad-input` when it is cut or damaged. */
export async function probeWebp(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'WebP', async () => {
    let size: { width: number; height: number; alpha: boolean } | null = null;
    let extended = false;
    let frames = 0;
    const blocks: { -readonly [K in keyof Blocks]: Blocks[K] } = {};
    for await (const { name: chunk, start, length } of webpChunks(file)) {
      if (chunk === 'VP8X') {
        const bytes = new Bytes(await file.read(start, 10), true);
        size = { width: bytes.u24(4) + 1, height: bytes.u24(7) + 1, alpha: (bytes.u8(0) & ALPHA_FLAG) !== 0 };
        extended = true;
      } else if (chunk === 'VP8 ' || chunk === 'VP8L') {
        frames++;
        const own = await bitstreamSize(file, chunk, start);
        if (!extended) size ??= own;
      } else if (chunk === 'ANMF') frames++;
      else if (chunk === 'ICCP') blocks.icc ??= await file.copy(start, length, MOST_METADATA);
      else if (chunk === 'EXIF') blocks.exif ??= await file.copy(start, length, MOST_METADATA);
      else if (chunk === 'XMP ') blocks.xmp ??= await file.copy(start, length, MOST_METADATA);
    }
    if (size === null || frames === 0) throw badInput(name, NO_PICTURE);
    const warnings = framesWarning(frames, 'frames');
    return sourceInfo(file, 'webp', {
      ...size,
      model: 'rgb',
      frames,
      metadata: metadataOf(blocks, warnings),
      warnings,
    });
  });
}

/** Size in the header of a lossy (RFC 6386, 9.1) or lossless bitstream (RFC 9649, 3.4). */
async function bitstreamSize(
  file: FileBytes,
  chunk: 'VP8 ' | 'VP8L',
  start: number,
): Promise<{ width: number; height: number; alpha: boolean }> {
  const bytes = new Bytes(await file.read(start, 10), true);
  if (chunk === 'VP8 ') {
    if (bytes.u24(3) !== 0x2a019d) throw badInput(file.name, headerDamaged('VP8'));
    return { width: bytes.u16(6) & 0x3fff, height: bytes.u16(8) & 0x3fff, alpha: false };
  }
  if (bytes.u8(0) !== 0x2f) throw badInput(file.name, headerDamaged('VP8L'));
  const packed = bytes.u32(1);
  return { width: (packed & 0x3fff) + 1, height: ((packed >>> 14) & 0x3fff) + 1, alpha: (packed & 0x10000000) !== 0 };
}
