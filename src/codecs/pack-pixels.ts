import type { PixelFormat } from '../core/pixels.ts';

/** In which order a browser gives the four bytes of a pixel; X is undefined. */
export type PixelOrder = 'RGBA' | 'RGBX' | 'BGRA' | 'BGRX';

/**
 * Packs pixels of four bytes, aligned to four, into samples of the wanted format: grey from equal channels, RGB, or RGBA. `first` is the
 * pixel in `into` at which they are put. 16-bit samples are 257 times the 8-bit ones.
 */
export function packPixels(
  pixels: Uint8Array,
  order: PixelOrder,
  into: Uint8Array,
  first: number,
  count: number,
  format: PixelFormat,
): void {
  const { channels, depth } = format;
  const swapped = order === 'BGRA' || order === 'BGRX';
  if (depth === 16) packWide(pixels, swapped, into, first, count, channels);
  else if (channels === 1) packGrey(pixels, into, first, count);
  else if (channels === 4 && !swapped) into.set(pixels.subarray(0, count * 4), first * 4);
  else if (channels === 4) packRgba(pixels, into, first, count);
  else packRgb(pixels, swapped, into, first, count);
}

function packGrey(pixels: Uint8Array, into: Uint8Array, first: number, count: number): void {
  for (let i = 0; i < count; i++) into[first + i] = pixels[i * 4 + 1]!;
}

function packRgba(pixels: Uint8Array, into: Uint8Array, first: number, count: number): void {
  for (let i = 0, at = first * 4; i < count * 4; i += 4, at += 4) {
    into[at] = pixels[i + 2]!;
    into[at + 1] = pixels[i + 1]!;
    into[at + 2] = pixels[i]!;
    into[at + 3] = pixels[i + 3]!;
  }
}

/** Red and blue exchanged in a word of B, G, R, X. */
const swap = (word: number): number => ((word & 0xff) << 16) | (word & 0xff00) | ((word >>> 16) & 0xff);

/** Four pixels of four bytes become three words; numbers are little-endian on every platform that has WebAssembly. */
function packRgb(pixels: Uint8Array, swapped: boolean, into: Uint8Array, first: number, count: number): void {
  const start = first * 3;
  let done = 0;
  if ((into.byteOffset + start) % 4 === 0) {
    const words = new Uint32Array(pixels.buffer, pixels.byteOffset, count);
    const whole = count & ~3;
    const out = new Uint32Array(into.buffer, into.byteOffset + start, (whole * 3) / 4);
    if (swapped) packWordsSwapped(words, out, whole);
    else packWords(words, out, whole);
    done = whole;
  }
  const [red, blue] = swapped ? [2, 0] : [0, 2];
  for (let i = done * 4, at = start + done * 3; i < count * 4; i += 4, at += 3) {
    into[at] = pixels[i + red]!;
    into[at + 1] = pixels[i + 1]!;
    into[at + 2] = pixels[i + blue]!;
  }
}

function packWords(words: Uint32Array, out: Uint32Array, count: number): void {
  for (let i = 0, at = 0; i < count; i += 4, at += 3) {
    const b = words[i + 1]!;
    const c = words[i + 2]!;
    out[at] = (words[i]! & 0xffffff) | (b << 24);
    out[at + 1] = ((b >>> 8) & 0xffff) | (c << 16);
    out[at + 2] = ((c >>> 16) & 0xff) | (words[i + 3]! << 8);
  }
}

function packWordsSwapped(words: Uint32Array, out: Uint32Array, count: number): void {
  for (let i = 0, at = 0; i < count; i += 4, at += 3) {
    const b = swap(words[i + 1]!);
    const c = swap(words[i + 2]!);
    out[at] = swap(words[i]!) | (b << 24);
    out[at + 1] = (b >>> 8) | (c << 16);
    out[at + 2] = (c >>> 16) | (swap(words[i + 3]!) << 8);
  }
}

function packWide(
  pixels: Uint8Array,
  swapped: boolean,
  into: Uint8Array,
  first: number,
  count: number,
  channels: number,
): void {
  const from = channels === 1 ? [1] : swapped ? [2, 1, 0, 3] : [0, 1, 2, 3];
  let at = first * channels * 2;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < channels; c++, at += 2) {
      const sample = pixels[i * 4 + from[c]!]!;
      // Both bytes of 257 times a byte are that byte.
      into[at] = sample;
      into[at + 1] = sample;
    }
  }
}
