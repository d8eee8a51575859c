import { Bytes, type FileBytes } from './bytes.ts';

/** A box of the ISO base media file format (ISO/IEC 14496-12, 4.2), by the place of its content. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly length: number;
}

/** More boxes than a picture has on one level. */
const MOST_BOXES = 10_000;

/** The top-level boxes of a file. A box that claims more than the file holds ends at its end, with `cut` set. */
export async function* fileBoxes(file: FileBytes): AsyncGenerator<Box & { readonly cut: boolean }> {
  let at = 0;
  for (let count = 0; at + 8 <= file.size && count < MOST_BOXES; count++) {
    const head = new Bytes(await file.upTo(at, 16));
    const { header, length } = boxLength(head, 0, file.size - at);
    const start = at + header;
    const fits = at + length <= file.size;
    yield { type: head.ascii(4, 4), start, length: Math.min(length, file.size - at) - header, cut: !fits };
    at += length;
  }
}

/** The boxes within a part of a block of bytes. */
export function* boxesIn(bytes: Bytes, start: number, end: number): Generator<Box> {
  let at = start;
  while (at + 8 <= end) {
    const { header, length } = boxLength(bytes, at, end - at);
    if (at + length > end) throw new RangeError('a box ends outside the one around it');
    yield { type: bytes.ascii(at + 4, 4), start: at + header, length: length - header };
    at += length;
  }
}

function boxLength(bytes: Bytes, at: number, rest: number): { header: number; length: number } {
  const short = bytes.u32(at);
  const header = short === 1 ? 16 : 8;
  const length = short === 1 ? bytes.u64(at + 8) : short === 0 ? rest : short;
  if (length < header) throw new RangeError('a box is shorter than its header');
  return { header, length };
}
