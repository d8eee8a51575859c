import { describe, expect, it } from 'vitest';
import { NO_EDIT } from '../edit/edit.ts';
import { planEdit } from '../edit/plan-edit.ts';
import { createRaster, samplesOf, type PixelFormat, type Raster } from '../pixels.ts';
import { straightenRows } from './straighten.ts';

const SIZE = { width: 160, height: 120 };

/** A smooth scene that is known between its pixels too: waves far longer than a pixel. */
const scene = (x: number, y: number, c: number): number =>
  0.5 + 0.25 * Math.sin((x + 11 * c) / 9) + 0.2 * Math.cos((y - 5 * c) / 7);

function raster(format: PixelFormat, of: (x: number, y: number, c: number) => number): Raster {
  const made = createRaster(SIZE.width, SIZE.height, format);
  const samples = samplesOf(made.data, format.depth);
  const max = format.depth === 8 ? 255 : 65535;
  for (let y = 0, i = 0; y < SIZE.height; y++) {
    for (let x = 0; x < SIZE.width; x++) {
      for (let c = 0; c < format.channels; c++, i++) samples[i] = Math.round(of(x + 0.5, y + 0.5, c) * max);
    }
  }
  return made;
}

function straightened(source: Raster, degrees: number, corners: 'cut' | 'fill' = 'cut') {
  const plan = planEdit(SIZE, 1, { ...NO_EDIT, straighten: degrees, corners });
  if (plan.kind === 'refusal') throw new Error(plan.message);
  const { x, y, width, height } = plan.stored;
  const pixel = (source.channels * source.depth) / 8;
  const region = createRaster(width, height, source);
  for (let r = 0; r < height; r++) {
    const start = ((y + r) * source.width + x) * pixel;
    region.data.set(source.data.subarray(start, start + width * pixel), r * width * pixel);
  }
  const result = createRaster(plan.size.width, plan.size.height, source);
  straightenRows(region, plan.straightening!, [255, 0, 0], plan.size.width, 0, plan.size.height, result.data);
  return { plan, result };
}

describe('straightenRows', () => {
  it.each([
    [1, 16, 0.4],
    [3, 16, -3],
    [3, 8, 20],
    [4, 16, 45],
  ] as const)('%i channels of %i bits by %f degrees are the scene turned', (channels, depth, degrees) => {
    const source = raster({ channels, depth }, (x, y, c) => (c === 3 ? 1 : scene(x, y, c)));
    const { plan, result } = straightened(source, degrees);
    const samples = samplesOf(result.data, depth);
    const max = depth === 8 ? 255 : 65535;
    // Turned clockwise: what was to the right of the middle comes down.
    const angle = (degrees * Math.PI) / 180;
    let worst = 0;
    for (let y = 0, i = 0; y < plan.size.height; y++) {
      for (let x = 0; x < plan.size.width; x++) {
        const [dx, dy] = [x + 0.5 - plan.size.width / 2, y + 0.5 - plan.size.height / 2];
        const px = Math.cos(angle) * dx + Math.sin(angle) * dy + SIZE.width / 2;
        const py = -Math.sin(angle) * dx + Math.cos(angle) * dy + SIZE.height / 2;
        const inner = px > 4 && py > 4 && px < SIZE.width - 4 && py < SIZE.height - 4;
        for (let c = 0; c < channels; c++, i++) {
          const expected = c === 3 ? 1 : scene(px, py, c);
          if (inner) worst = Math.max(worst, Math.abs(samples[i]! / max - expected));
        }
      }
    }
    // Lanczos-3 gives such waves to within some thousandths; half a pixel off would be 0.014.
    expect(worst).toBeLessThan(0.005);
  });

  it('fills what lies beyond the picture', () => {
    const { plan, result } = straightened(
      raster({ channels: 3, depth: 8 }, () => 0),
      30,
      'fill',
    );
    expect([...result.data.subarray(0, 3)]).toEqual([255, 0, 0]);
    const middle = ((plan.size.height >> 1) * plan.size.width + (plan.size.width >> 1)) * 3;
    expect([...result.data.subarray(middle, middle + 3)]).toEqual([0, 0, 0]);
    const clear = straightened(
      raster({ channels: 4, depth: 8 }, () => 1),
      30,
      'fill',
    );
    expect([...clear.result.data.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
  });

  it('does not let the colour of clear pixels in', () => {
    // White where it is opaque, black where it is clear: nothing in between may be grey.
    const source = raster({ channels: 4, depth: 8 }, (x, _, c) => (x < 80 ? 1 : c === 3 ? 0 : 0));
    const { result } = straightened(source, 10);
    for (let i = 0; i < result.data.length; i += 4) {
      if (result.data[i + 3]! > 8) expect(result.data[i]).toBeGreaterThan(250);
    }
  });
});
