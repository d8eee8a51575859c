import type { SourceInfo } from '../../core/formats.ts';
import { maxSample } from '../../core/pixels.ts';
import { cmykNote } from '../cmyk-note.ts';
import type { VipsImage } from './load.ts';
import type { Rewrapped } from './rewrap.ts';
import { say, str, type Text } from '../../core/text.ts';

/** An image in the pixel format that the source info promises, and what was done to its colours. */
export interface Converted {
  readonly image: VipsImage;
  /** The samples are sRGB now: the profile of the file does not apply to them. */
  readonly toSrgb: boolean;
  readonly warnings: readonly Text[];
}

/** A chain of operations on one image: each result replaces, and frees, the one before. */
class Chain {
  image: VipsImage;
  readonly warnings: Text[] = [];
  toSrgb = false;

  constructor(image: VipsImage) {
    this.image = image;
  }

  apply(step: (image: VipsImage) => VipsImage): void {
    const before = this.image;
    this.image = step(before);
    before.delete();
  }
}

type PeakOf = () => number;

/**
 * Appends to `image` (which it takes over) what makes rows of `info.channels` and `info.depth` out of it: profiles of CMYK, Lab,
 * float and 32-bit samples. (libvips makes premultiplied alpha straight by itself.) `peakOf` finds the largest sample by a pass over the file; it is only called for
 * samples whose range the file does not tell.
 */
export function convertImage(image: VipsImage, info: SourceInfo, file: Rewrapped, peakOf: PeakOf): Converted {
  const chain = new Chain(image);
  if (file.lab !== null) labToSrgb(chain, file.lab, info);
  if (image64(chain.image)) rangeTo16(chain, info, peakOf);
  if (info.format === 'avif' && chain.image.format === 'ushort') stretchBits(chain, info.bits);
  colourToRgb(chain, info);
  setDepth(chain, info);
  setChannels(chain, info);
  return { image: chain.image, toSrgb: chain.toSrgb, warnings: chain.warnings };
}

/** TIFF 6.0 section 23 (CIELAB: signed a and b) and TIFF Technical Note 4 (ICCLAB: offset by half the range). */
function labToSrgb(chain: Chain, kind: 'cielab' | 'icclab', info: SourceInfo): void {
  const deep = chain.image.format === 'ushort';
  const [lightness, range] = deep ? [65535, 256] : [255, 1];
  const half = 128 * range;
  const alpha = chain.image.bands > 3;
  chain.apply((image) => {
    const l = image.extractBand(0).linear(100 / lightness, 0);
    const raw = image.extractBand(1, { n: 2 });
    const signed =
      kind === 'icclab' ? raw.linear(1, -half) : raw.moreEq(half).ifthenelse(raw.linear(1, -2 * half), raw);
    const lab = l
      .bandjoin(signed.linear(1 / range, 0))
      .cast('float')
      .copy({ interpretation: 'lab' });
    const rgb = lab.colourspace(deep || info.depth === 16 ? 'rgb16' : 'srgb');
    const full = alpha ? rgb.bandjoin(image.extractBand(3)) : rgb;
    return full.copy({ interpretation: deep || info.depth === 16 ? 'rgb16' : 'srgb' });
  });
  chain.toSrgb = true;
  chain.warnings.push(say('Lab colours were converted to sRGB.'));
}

const image64 = (image: VipsImage): boolean => image.format !== 'uchar' && image.format !== 'ushort';

/**
 * Signed, 32-bit and floating-point samples to 16 bits. Integers keep the range of their type, unless nothing in the file goes
 * past 16 bits. Floats up to 1 (with highlights up to 16) are taken for linear light, or for values of the file's profile where it has one;
 * larger ones for samples of 8 or 16 bits that were stored as floats.
 */
function rangeTo16(chain: Chain, info: SourceInfo, peakOf: PeakOf): void {
  const { format, interpretation } = chain.image;
  if (['lab', 'labs', 'labq', 'xyz', 'cmyk'].includes(interpretation)) return;
  const bands = chain.image.bands;
  const target = colourBands(bands) === 1 ? 'grey16' : 'rgb16';
  const scaled = (factor: number, offset: number): void =>
    chain.apply((i) => i.linear(factor, offset).cast('ushort').copy({ interpretation: target }));
  chain.warnings.push(say(str`Samples of the type ${format} were converted to 16 bits.`));
  if (format === 'char') return scaled(257, 128 * 257);
  if (format === 'short') return scaled(1, 32768);
  const peak = peakOf();
  const floating = format === 'float' || format === 'double';
  if (!floating) return scaled(peak <= 65535 ? 1 : 65535 / (2 ** (format === 'int' ? 31 : 32) - 1), 0);
  if (peak > 16) return scaled(peak <= 255.5 ? 257 : peak <= 65535.5 ? 1 : 65535 / peak, 0);
  if (info.metadata.icc !== null) return scaled(65535, 0);
  const alpha = bands === 2 || bands === 4;
  chain.apply((i) => {
    const colour = i.extractBand(0, { n: colourBands(bands) });
    const rgb = colour.bands === 1 ? colour.bandjoin([colour, colour]) : colour;
    const encoded = rgb.copy({ interpretation: 'scrgb' }).colourspace('rgb16');
    const used = colour.bands === 1 ? encoded.extractBand(0) : encoded;
    const full = alpha
      ? used.bandjoin(
          i
            .extractBand(bands - 1)
            .linear(65535, 0)
            .cast('ushort'),
        )
      : used;
    return full.copy({ interpretation: target });
  });
  chain.toSrgb = true;
}

const colourBands = (bands: number): number => (bands < 3 ? 1 : 3);

/** The AVIF loader shifts 10 and 12 bits up, so that white would fall short of 65535. */
function stretchBits(chain: Chain, bits: number): void {
  if (bits <= 8 || bits >= 16) return;
  const white = (2 ** bits - 1) * 2 ** (16 - bits);
  const { interpretation } = chain.image;
  chain.apply((i) =>
    i
      .linear(65535 / white, 0)
      .rint()
      .cast('ushort')
      .copy({ interpretation }),
  );
}

function colourToRgb(chain: Chain, info: SourceInfo): void {
  const { interpretation } = chain.image;
  if (interpretation === 'cmyk') {
    chain.apply((i) =>
      i.iccTransform('srgb', {
        embedded: true,
        input_profile: 'cmyk',
        intent: 'relative',
        black_point_compensation: true,
        depth: info.depth,
      }),
    );
    chain.toSrgb = true;
    chain.warnings.push(cmykNote(info.metadata.icc !== null));
    return;
  }
  if (['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'multiband'].includes(interpretation)) return;
  chain.apply((i) => i.colourspace(info.depth === 16 ? 'rgb16' : 'srgb'));
  chain.toSrgb = true;
  chain.warnings.push(say(str`Colours of the kind ${interpretation} were converted to sRGB.`));
}

function setDepth(chain: Chain, info: SourceInfo): void {
  const { format } = chain.image;
  if (info.depth === 8 && format === 'ushort') {
    chain.apply((i) =>
      i
        .linear(255 / 65535, 0)
        .rint()
        .cast('uchar'),
    );
  } else if (info.depth === 16 && format === 'uchar') {
    chain.apply((i) => i.linear(257, 0).cast('ushort'));
  } else if (image64(chain.image)) {
    chain.apply((i) => i.cast(info.depth === 16 ? 'ushort' : 'uchar'));
  }
}

function setChannels(chain: Chain, info: SourceInfo): void {
  const { bands } = chain.image;
  if (bands === info.channels) return;
  const alpha = bands === 2 || bands === 4;
  chain.apply((i) => {
    const first = i.extractBand(0);
    if (info.channels === 1) return first;
    const colour = bands < 3 ? first.bandjoin([first, first]) : i.extractBand(0, { n: 3 });
    if (info.channels === 3) return colour;
    return alpha ? colour.bandjoin(i.extractBand(bands - 1)) : colour.bandjoin(maxSample(info.depth));
  });
}
