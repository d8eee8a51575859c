import { createPngFile } from '../../codecs/png/file.ts';
import { primariesName, profileCurves } from '../../codecs/metadata/icc.ts';
import type { BandPlace, FileWriter, Segment } from '../../core/encoding.ts';
import { AppError } from '../../core/errors.ts';
import { NO_METADATA } from '../../core/metadata.ts';
import { maxSample, samplesOf, type Raster } from '../../core/pixels.ts';
import { createReferencePngCoder } from '../../core/reference/png.ts';
import { srgbToLinear } from '../../core/transfer.ts';

type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** 8 bits of each sample, as RGBA with straight alpha. */
export function toRgba(raster: Raster): Pixels {
  const { width, height, channels, depth, data } = raster;
  const samples = samplesOf(data, depth);
  const out = new Uint8ClampedArray(width * height * 4);
  const scale = 255 / maxSample(depth);
  for (let i = 0, o = 0; i < samples.length; i += channels, o += 4) {
    out[o] = samples[i] * scale;
    out[o + 1] = samples[channels === 1 ? i : i + 1] * scale;
    out[o + 2] = samples[channels === 1 ? i : i + 2] * scale;
    out[o + 3] = channels === 4 ? samples[i + 3] * scale : 255;
  }
  return out;
}

/** How far two pictures are apart, sample by sample, times `gain`: black where they are equal. Opaque. */
export function differenceOf(a: Raster, b: Raster, gain: number): Pixels {
  const [one, other] = [toRgba(a), toRgba(b)];
  for (let i = 0; i < one.length; i += 4) {
    const alpha = Math.abs(one[i + 3] - other[i + 3]);
    for (let c = i; c < i + 3; c++) {
      const difference = Math.abs(one[c] * one[i + 3] - other[c] * other[i + 3]) / 255;
      one[c] = Math.max(difference, alpha) * gain;
    }
    one[i + 3] = 255;
  }
  return one;
}

/** A way to put samples of a profile on a screen. */
type Route = 'srgb' | 'display-p3' | 'png';

const routes = new WeakMap<Uint8Array, Route>();

function routeOf(icc: Uint8Array | null): Route {
  if (icc === null) return 'srgb';
  let route = routes.get(icc);
  if (route === undefined) {
    const name = hasSrgbCurve(icc) ? primariesName(icc) : null;
    route = name === 'sRGB' ? 'srgb' : name === 'Display P3' ? 'display-p3' : 'png';
    routes.set(icc, route);
  }
  return route;
}

function hasSrgbCurve(icc: Uint8Array): boolean {
  const curves = profileCurves(icc)?.toLinear ?? [];
  const near = (curve: Float32Array): boolean =>
    [0.1, 0.25, 0.5, 0.75, 0.9].every((v) => {
      const at = Math.round(v * (curve.length - 1));
      return Math.abs(curve[at] - srgbToLinear(at / (curve.length - 1))) < 0.004;
    });
  return curves.length > 0 && curves.every(near);
}

/**
 * Pixels as the browser shows them, in their own colours. Profiles that pages cannot name go through a PNG that carries them, which the
 * browser converts as it would the written file.
 */
export async function toBitmap(
  rgba: Pixels,
  width: number,
  height: number,
  icc: Uint8Array<ArrayBuffer> | null,
  grey = false,
): Promise<ImageBitmap> {
  const route = routeOf(icc);
  if (route !== 'png') return createImageBitmap(new ImageData(rgba, width, height, { colorSpace: route }));
  // A profile of grey describes samples of grey only.
  const shape = { width, height, channels: grey ? 1 : 4, depth: 8 } as const;
  const place = { index: 0, y: 0, rows: height, first: true, last: true };
  const rows = grey ? Uint8Array.from({ length: width * height }, (_, i) => rgba[i * 4]) : new Uint8Array(rgba.buffer);
  const writer = createPngFile(shape, { ...NO_METADATA, icc });
  const file = fileOf(writer, createReferencePngCoder(shape, 'store').encode(rows, place), place, 'image/png');
  return createImageBitmap(file);
}

/** A file of one band. */
export function fileOf(writer: FileWriter, segment: Segment, place: BandPlace, type: string): Blob {
  const begin = writer.begin();
  const middle = writer.segment(segment, place);
  const end = writer.end();
  if (end.patches.length > 0) throw new AppError('internal', 'a file of one band has nothing to patch');
  return new Blob([...begin, ...middle, ...end.bytes], { type });
}
