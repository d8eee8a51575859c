import type { SourceInfo } from '../../core/formats.ts';
import type { Metadata } from '../../core/metadata.ts';
import { badInput, Bytes, CUT_OFF, FileBytes, MOST_METADATA, parsing, unsupportedInput } from '../bytes.ts';
import { densityOf } from '../metadata/density.ts';
import { metadataOf, sourceInfo } from '../source-info.ts';
import { CONVERT } from '../sniff.ts';

/** Values of biCompression (Windows GDI, BITMAPINFOHEADER). */
const COMPRESSION = { none: 0, rle8: 1, rle4: 2, bitFields: 3, jpeg: 4, png: 5, alphaBitFields: 6 } as const;

/** Reads the headers of a BMP: OS/2 1 and 2, Windows 3 to 5. Throws an AppError for damaged files and embedded JPEG or PNG. */
export async function probeBmp(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'BMP', async () => {
    const pixelsAt = new Bytes(await file.read(0, 14), true).u32(10);
    const headerSize = new Bytes(await file.read(14, 4), true).u32(0);
    const header = new Bytes(await file.read(14, headerSize), true);
    const old = headerSize === 12;
    const width = old ? header.u16(4) : header.i32(4);
    // A negative height means rows from the top down.
    const height = Math.abs(old ? header.u16(6) : header.i32(8));
    const bits = header.u16(old ? 10 : 14);
    const compression = headerSize >= 20 ? header.u32(16) : COMPRESSION.none;
    if (![1, 2, 4, 8, 16, 24, 32].includes(bits))
      throw badInput(name, `its header says ${bits} bits a pixel`, { bits });
    refuseEmbedded(name, headerSize, compression);
    const masked = compression === COMPRESSION.bitFields || compression === COMPRESSION.alphaBitFields;
    const stored = compression === COMPRESSION.none || masked;
    const needed = pixelsAt + height * Math.ceil((width * bits) / 32) * 4;
    if (stored && needed > file.size + 3) throw badInput(name, CUT_OFF, { size: file.size, needed });
    const density = headerSize >= 32 ? densityOf(header.i32(24), header.i32(28), 'metre') : null;
    return sourceInfo(file, 'bmp', {
      width,
      height,
      model: bits <= 8 ? 'palette' : 'rgb',
      alpha: bits >= 16 && masked && (await alphaMask(file, header, compression)) !== 0,
      metadata: metadataOf({ density, icc: await embeddedProfile(file, header) }, []),
    });
  });
}

function refuseEmbedded(name: string, headerSize: number, compression: number): void {
  const os2 = headerSize === 64 || headerSize === 16;
  const known = os2 ? compression <= COMPRESSION.rle4 : compression <= COMPRESSION.bitFields || compression === 6;
  if (known) return;
  const kinds = { [COMPRESSION.jpeg]: 'a JPEG inside', [COMPRESSION.png]: 'a PNG inside' } as Record<number, string>;
  const kind = kinds[compression] ?? `compression ${compression}`;
  throw unsupportedInput(name, `a BMP with ${kind}`, CONVERT);
}

async function alphaMask(file: FileBytes, header: Bytes, compression: number): Promise<number> {
  if (header.length >= 56) return header.u32(52);
  // Masks of the smaller header follow it.
  return compression === COMPRESSION.alphaBitFields ? new Bytes(await file.read(14 + 52, 4), true).u32(0) : 0;
}

/** Version 5 headers can carry an ICC profile, addressed from the start of the header. */
async function embeddedProfile(file: FileBytes, header: Bytes): Promise<Metadata['icc']> {
  if (header.length < 124 || header.u32(56) !== 0x4d424544) return null;
  return file.copy(14 + header.u32(112), header.u32(116), MOST_METADATA);
}
