import type { SourceInfo } from '../../core/formats.ts';
import { badInput, Bytes, FileBytes, NO_PICTURE, parsing } from '../bytes.ts';
import { framesWarning, sourceInfo } from '../source-info.ts';

/** Frames are counted within so many bytes of the file. */
const COUNTED_BYTES = 8 << 20;

/** An image block (GIF89a, section 20) with the transparency of the extension before it. */
interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly transparent: boolean;
}

/** Reads the screen, the first frame and the number of frames of a GIF. Throws an AppError `bad-input` for damaged files. */
export async function probeGif(blob: Blob, name: string): Promise<SourceInfo> {
  const file = new FileBytes(blob, name);
  return parsing(name, 'GIF', async () => {
    const screen = new Bytes(await file.read(0, 13), true);
    const packed = screen.u8(10);
    const { first, frames } = await walkBlocks(file, 13 + tableBytes(packed));
    if (first === null) throw badInput(name, NO_PICTURE);
    // Browsers enlarge a screen that the first frame does not fit on.
    const width = Math.max(screen.u16(6), first.left + first.width);
    const height = Math.max(screen.u16(8), first.top + first.height);
    const covers = first.width === width && first.height === height;
    return sourceInfo(file, 'gif', {
      width,
      height,
      model: 'palette',
      alpha: first.transparent || !covers,
      progressive: first.interlaced,
      frames,
      warnings: framesWarning(frames, 'frames'),
    });
  });
}

const tableBytes = (packed: number): number => ((packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1));

async function walkBlocks(file: FileBytes, start: number): Promise<{ first: Frame | null; frames: number }> {
  let first: Frame | null = null;
  let frames = 0;
  let transparent = false;
  let at = start;
  while (at < Math.min(file.size, COUNTED_BYTES)) {
    const [introducer] = await file.read(at, 1);
    if (introducer === 0x21) {
      const [label] = await file.read(at + 1, 1);
      if (label === 0xf9) transparent = ((await file.read(at + 3, 1))[0]! & 1) === 1;
      at = await skipSubBlocks(file, at + 2);
    } else if (introducer === 0x2c) {
      const bytes = new Bytes(await file.read(at + 1, 9), true);
      frames++;
      const [left, top, width, height] = [0, 2, 4, 6].map((i) => bytes.u16(i)) as [number, number, number, number];
      first ??= { left, top, width, height, transparent, interlaced: (bytes.u8(8) & 0x40) !== 0 };
      transparent = false;
      // One byte of minimum code size stands before the data.
      at = await skipSubBlocks(file, at + 10 + tableBytes(bytes.u8(8)) + 1, frames === 1);
    } else {
      // The trailer, or garbage that decoders take for one.
      break;
    }
  }
  return { first, frames };
}

/** Address behind a chain of sub-blocks. A later frame that is cut off ends the count; the first may not be. */
async function skipSubBlocks(file: FileBytes, start: number, strict = false): Promise<number> {
  let at = start;
  for (;;) {
    if (!strict && at >= file.size) return at;
    const [length] = await file.read(at, 1);
    at += 1 + length!;
    if (length === 0) return at;
  }
}
