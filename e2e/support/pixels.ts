/** Decoding and comparing with libvips, which is not ours. */
import sharp from 'sharp';

export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Buffer;
}

/** Decodes a file or its bytes to 8 bits, neither turned nor converted to another profile. */
export async function decode(source: string | Buffer): Promise<Pixels> {
  const { data, info } = await sharp(source, { limitInputPixels: false }).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, channels: info.channels, data };
}

/** Every pixel `factor` times across and down: what the nearest kernel makes. */
export function repeated({ width, height, channels, data }: Pixels, factor: number): Pixels {
  const out = Buffer.alloc(data.length * factor * factor);
  for (let y = 0; y < height * factor; y += 1) {
    for (let x = 0; x < width * factor; x += 1) {
      const from = (Math.floor(y / factor) * width + Math.floor(x / factor)) * channels;
      data.copy(out, (y * width * factor + x) * channels, from, from + channels);
    }
  }
  return { width: width * factor, height: height * factor, channels, data: out };
}

/** Peak signal-to-noise ratio in dB of two pictures of one shape; infinite when they are equal. */
export function psnr(a: Pixels, b: Pixels): number {
  if (a.data.length !== b.data.length) throw new Error(`${a.data.length} samples and ${b.data.length} do not compare`);
  let sum = 0;
  for (let i = 0; i < a.data.length; i += 1) sum += (a.data[i] - b.data[i]) ** 2;
  return 10 * Math.log10((255 * 255 * a.data.length) / sum);
}
