import { deliveredFormat, type PngHeader } from './header.ts';

/** Turns packed pixels as stored into pixels as delivered: `pixels` of them, from the start of `raw`, to `out` from `at` on. */
export type Expander = (raw: Uint8Array, pixels: number, out: Uint8Array, at: number) => void;

/** Samples of 1, 2, 4 or 8 bits to bytes, without scaling. */
function unpack(raw: Uint8Array, bits: number, count: number, into: Uint8Array): Uint8Array {
  if (bits === 8) return raw;
  const mask = (1 << bits) - 1;
  const perByte = 8 / bits;
  for (let i = 0; i < count; i++) {
    const shift = 8 - bits - (i % perByte) * bits;
    into[i] = (raw[Math.floor(i / perByte)] >> shift) & mask;
  }
  return into;
}

function paletteExpander(header: PngHeader): Expander {
  const { channels } = deliveredFormat(header);
  // Entries that the palette lacks are black and opaque, as in libpng.
  const colours = new Uint8Array(256 * channels);
  for (let i = 0; i < 256; i++) {
    colours.set((header.palette ?? new Uint8Array()).subarray(i * 3, i * 3 + 3), i * channels);
    if (channels === 4) colours[i * 4 + 3] = header.transparency?.[i] ?? 255;
  }
  const unpacked = new Uint8Array(header.width);
  return (raw, pixels, out, at) => {
    const indices = unpack(raw, header.bits, pixels, unpacked);
    for (let i = 0; i < pixels; i++) {
      const entry = indices[i] * channels;
      for (let c = 0; c < channels; c++) out[at++] = colours[entry + c];
    }
  };
}

/** Grey of up to 8 bits; one value may be transparent. */
function greyExpander(header: PngHeader): Expander {
  const scale = 255 / ((1 << header.bits) - 1);
  const unpacked = new Uint8Array(header.width);
  const { transparency } = header;
  if (transparency === null) {
    return (raw, pixels, out, at) => {
      const samples = unpack(raw, header.bits, pixels, unpacked);
      for (let i = 0; i < pixels; i++) out[at + i] = samples[i] * scale;
    };
  }
  const key = ((transparency[0] << 8) | transparency[1]) & ((1 << header.bits) - 1);
  return (raw, pixels, out, at) => {
    const samples = unpack(raw, header.bits, pixels, unpacked);
    for (let i = 0; i < pixels; i++, at += 4) {
      const grey = samples[i] * scale;
      out[at] = grey;
      out[at + 1] = grey;
      out[at + 2] = grey;
      out[at + 3] = samples[i] === key ? 0 : 255;
    }
  };
}

/**
 * Pixels of whole bytes: stored samples, high byte first, to delivered ones, low byte first. Grey with alpha spreads to RGBA, and
 * a transparent colour becomes alpha.
 */
function wideExpander(header: PngHeader): Expander {
  const bytes = header.bits / 8;
  const { channels } = deliveredFormat(header);
  const stored = { grey: 1, rgb: 3, palette: 1, 'grey-alpha': 2, rgba: 4 }[header.colour];
  const grey = header.colour === 'grey' || header.colour === 'grey-alpha';
  const source = channels === 4 && grey ? [0, 0, 0, 1] : [0, 1, 2, 3];
  const { transparency } = header;
  const colours = Math.min(stored, grey ? 1 : 3);
  const keyed = (raw: Uint8Array, from: number): boolean => {
    if (transparency === null) return false;
    for (let c = 0; c < colours; c++) {
      if (raw[from + c * bytes + bytes - 1] !== transparency[c * 2 + 1]) return false;
      if (bytes === 2 && raw[from + c * 2] !== transparency[c * 2]) return false;
    }
    return true;
  };
  return (raw, pixels, out, at) => {
    for (let i = 0, from = 0; i < pixels; i++, from += stored * bytes) {
      for (let c = 0; c < channels; c++, at += bytes) {
        if (c === 3 && transparency !== null) {
          out.fill(keyed(raw, from) ? 0 : 255, at, at + bytes);
          continue;
        }
        const sample = from + source[c] * bytes;
        out[at] = raw[sample + bytes - 1];
        if (bytes === 2) out[at + 1] = raw[sample];
      }
    }
  };
}

/** 16-bit samples that only change their byte order. */
function swapExpander(samplesPerPixel: number): Expander {
  return (raw, pixels, out, at) => {
    for (let i = 0, end = pixels * samplesPerPixel * 2; i < end; i += 2) {
      out[at + i] = raw[i + 1];
      out[at + i + 1] = raw[i];
    }
  };
}

/** How this file's pixels are delivered; null when they are delivered as they are stored. */
export function createExpander(header: PngHeader): Expander | null {
  const { colour, bits, transparency } = header;
  if (colour === 'palette') return paletteExpander(header);
  if (colour === 'grey' && bits <= 8) return bits === 8 && transparency === null ? null : greyExpander(header);
  if (colour === 'grey-alpha' || transparency !== null) return wideExpander(header);
  return bits === 8 ? null : swapExpander(deliveredFormat(header).channels);
}
