import { activeFinish, FINISH_RANGES, finishHalo, type Finish } from '../../core/finish.ts';
import type { Rect, Size } from '../../core/geometry.ts';
import type { JobOptions } from '../../core/options.ts';
import type { PixelFormat } from '../../core/pixels.ts';
import { bytesPerPixel } from '../../core/pixels.ts';
import type { KernelName, ResampleSpec } from '../../core/resampling.ts';
import { planStages } from '../../core/stages.ts';
import { stageRects } from '../../core/taps.ts';

export const sameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

/**
 * The specification of a level: the finished picture as it looks at another size, made from the source or a reduced copy of size
 * `from`. While it still enlarges, by the job's own method and kernel. Where it reduces, in one step, with the kernel widened as for
 * any reduction; `nearest` would leave out pixels, and averages areas instead. `scale` is the level's size to that of the output.
 */
export function levelSpec(
  spec: ResampleSpec,
  options: Pick<JobOptions, 'method' | 'kernel'>,
  from: Size,
  size: Size,
  scale: number,
): ResampleSpec {
  const reduces = size.width < from.width || size.height < from.height;
  const kernel: KernelName = reduces && options.kernel === 'nearest' ? 'area' : options.kernel;
  const stages = planStages(reduces ? 'direct' : options.method, kernel, from, size);
  return { ...spec, stages, finish: spec.finish ? finishAt(spec.finish, scale) : null };
}

/** The finishing of a level, about: what is finer than its pixels is averaged away, and cannot be seen. */
function finishAt({ sharpen, grain }: Finish, scale: number): Finish | null {
  return activeFinish({
    sharpen:
      sharpen === null || sharpen.radius * scale < FINISH_RANGES.radius.min
        ? null
        : { ...sharpen, radius: sharpen.radius * scale },
    grain: grain && {
      ...grain,
      size: Math.max(1, grain.size * scale),
      strength: grain.strength * Math.min(1, grain.size * scale),
    },
  });
}

/**
 * The number of halvings of the source that a level is made from: as many as leave the copy at least as large as the level, and not one
 * where the level is as large as the source.
 */
export function halvingsFor(source: Size, size: Size, most: number): number {
  let halvings = 0;
  while (halvings < most) {
    const next = halvedSize(source, halvings + 1);
    if (next.width < size.width || next.height < size.height) break;
    halvings++;
  }
  return halvings;
}

/** A side is never less than a pixel, and parts of pixels count. */
export const halvedSize = (source: Size, halvings: number): Size => ({
  width: Math.ceil(source.width / 2 ** halvings),
  height: Math.ceil(source.height / 2 ** halvings),
});

/** The source pixels that a rectangle of the finished picture depends on, through the finishing and all stages. */
export function sourceRectFor(spec: ResampleSpec, { x, y, width, height }: Rect): Rect {
  const halo = finishHalo(spec.finish);
  const { to } = spec.stages.at(-1)!;
  const [left, top] = [Math.max(0, x - halo), Math.max(0, y - halo)];
  const right = Math.min(to.width, x + width + halo);
  const bottom = Math.min(to.height, y + height + halo);
  return stageRects(spec.stages, { x: left, y: top, width: right - left, height: bottom - top })[0]!;
}

/** Most bytes of source pixels under a run of rows. */
const RUN_SOURCE_BYTES = 24 << 20;

/**
 * Cuts a rectangle into runs of rows whose source rows fit the window, `mostRows` at a time, and whose source pixels fit a modest
 * memory. A run has one row at least, whatever it needs.
 */
export function runsOf(spec: ResampleSpec, rect: Rect, input: PixelFormat, mostRows: number): Rect[] {
  const runs: Rect[] = [];
  for (let y = rect.y; y < rect.y + rect.height;) {
    let height = rect.y + rect.height - y;
    while (height > 1) {
      const under = stageRects(spec.stages, { ...rect, y, height })[0]!;
      const bytes = under.width * under.height * bytesPerPixel(input);
      if (under.height <= mostRows && bytes <= RUN_SOURCE_BYTES) break;
      height = Math.ceil(height / 2);
    }
    runs.push({ ...rect, y, height });
    y += height;
  }
  return runs;
}
