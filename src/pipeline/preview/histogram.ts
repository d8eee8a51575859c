import { maxSample, samplesOf, type Raster } from '../../core/pixels.ts';

/** How often each of 256 levels occurs. Grey pictures have equal channels. */
export interface Histogram {
  readonly red: Uint32Array<ArrayBuffer>;
  readonly green: Uint32Array<ArrayBuffer>;
  readonly blue: Uint32Array<ArrayBuffer>;
  readonly luminance: Uint32Array<ArrayBuffer>;
  /** Pixels that were counted. */
  readonly pixels: number;
}

/** Luma of encoded values (ITU-R BT.709): what a histogram of brightness usually shows. */
const luma = (r: number, g: number, b: number): number => 0.2126 * r + 0.7152 * g + 0.0722 * b;

/** Counts the samples of a picture. Pixels that are wholly transparent have no colour and do not count. */
export function histogramOf({ data, channels, depth }: Raster): Histogram {
  const bins = (): Uint32Array<ArrayBuffer> => new Uint32Array(256);
  const [red, green, blue, luminance] = [bins(), bins(), bins(), bins()];
  const samples = samplesOf(data, depth);
  const scale = 255 / maxSample(depth);
  let pixels = 0;
  for (let i = 0; i < samples.length; i += channels) {
    if (channels === 4 && samples[i + 3] === 0) continue;
    const r = samples[i] * scale;
    const g = channels === 1 ? r : samples[i + 1] * scale;
    const b = channels === 1 ? r : samples[i + 2] * scale;
    red[Math.round(r)]++;
    green[Math.round(g)]++;
    blue[Math.round(b)]++;
    luminance[Math.round(luma(r, g, b))]++;
    pixels++;
  }
  return { red, green, blue, luminance, pixels };
}
