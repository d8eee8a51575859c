import type { SourceInfo } from '../../core/formats.ts';
import type { Metadata } from '../../core/metadata.ts';
import { uprightSize } from '../../core/orientation.ts';
import { badInput, Bytes, CUT_OFF, FileBytes, MOST_METADATA, NO_PICTURE, parsing } from '../bytes.ts';
import { fileBoxes, type Box } from '../boxes.ts';
import { metadataOf, sourceInfo } from '../source-info.ts';
import { readCodestream } from './header.ts';
import { say, str, type Text } from '../../core/text.ts';

/** Bytes of the codestream that are read for its header. */
const HEADER_BYTES = 4096;

/** Where the codestream begins, and the metadata boxes of the container. */
interface Container {
  codestream: number | null;
  exif: Metadata['exif'];
  xmp: Metadata['xmp'];
  readonly warnings: Text[];
}

/**
 * Reads a JPEG XL, bare or in its container (ISO/IEC 18181-2). Decoders turn the picture upright by themselves, so the size is given
 * upright and the orientation is 1.
 * The colour profile is coded within the codestream, and known to the decoder alone.
 */
export async function probeJxl(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'JPEG XL', async () => {
    const container = await readContainer(file);
    if (container.codestream === null) throw badInput(name, NO_PICTURE);
    const header = readCodestream(await file.upTo(container.codestream, HEADER_BYTES));
    const warnings = [...container.warnings];
    if (header.animated) warnings.push(say('Only the first frame is read.'));
    const { exif, xmp } = container;
    return sourceInfo(file, 'jxl', {
      ...uprightSize(header, header.orientation),
      model: header.grey ? 'grey' : 'rgb',
      alpha: header.alpha,
      bits: header.bits,
      frames: header.animated ? 2 : 1,
      metadata: metadataOf({ exif, xmp }, warnings, true),
      warnings,
    });
  });
}

async function readContainer(file: FileBytes): Promise<Container> {
  const container: Container = { codestream: null, exif: null, xmp: null, warnings: [] };
  if ((await file.read(0, 1))[0] === 0xff) return { ...container, codestream: 0 };
  for await (const box of fileBoxes(file)) {
    if (box.cut) throw badInput(file.name, CUT_OFF, { size: file.size });
    if (box.type === 'jxlc') container.codestream ??= box.start;
    // A part begins with its number.
    else if (box.type === 'jxlp') container.codestream ??= box.start + 4;
    else if (box.type === 'Exif') container.exif ??= exifIn(await file.copy(box.start, box.length, MOST_METADATA));
    else if (box.type === 'xml ') container.xmp ??= await file.copy(box.start, box.length, MOST_METADATA);
    else if (box.type === 'brob') await readCompressed(file, box, container);
  }
  return container;
}

/** The address of the TIFF header counts from behind itself. */
function exifIn(block: Uint8Array<ArrayBuffer> | null): Metadata['exif'] {
  if (block === null || block.length < 4) return null;
  return block.slice(4 + new Bytes(block).u32(0));
}

/** A box compressed with Brotli (18181-2, 9.7): four bytes of type, then the data. */
async function readCompressed(file: FileBytes, box: Box, container: Container): Promise<void> {
  const block = await file.copy(box.start, box.length, MOST_METADATA);
  if (block === null || block.length < 4) return;
  const type = new Bytes(block).ascii(0, 4);
  if (type !== 'Exif' && type !== 'xml ') return;
  const content = await unbrotli(block.subarray(4));
  if (content === null) {
    const block = type === 'Exif' ? 'EXIF' : 'XMP';
    container.warnings.push(say(str`The ${block} metadata is compressed and cannot be carried over.`));
  } else if (type === 'Exif') container.exif ??= exifIn(content);
  else container.xmp ??= content;
}

/** Null where the platform does not decompress Brotli, and for damaged or endless data. */
async function unbrotli(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream('brotli' as CompressionFormat));
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let total = 0;
    for await (const part of stream) {
      total += part.length;
      if (total > MOST_METADATA) return null;
      parts.push(part);
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  } catch {
    return null;
  }
}
