import type { Size } from './geometry.ts';
import type { KernelName, MethodName, Stage } from './resampling.ts';

/** What the fractional planner may hold of one picture between two stages. */
export interface StageOptions {
  /** Bytes that a whole picture between two stages may take; 256 MiB unless told. */
  readonly budgetBytes?: number;
  /** Bytes of a pixel between stages; 16 (four floats) unless told. */
  readonly bytesPerPixel?: number;
}

const DEFAULT_BUDGET = 256 * 2 ** 20;
const DEFAULT_BYTES_PER_PIXEL = 16;

const sameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

const chain = (sizes: readonly Size[], kernelOf: (index: number) => KernelName): Stage[] =>
  sizes.slice(1).map((to, i) => ({ from: sizes[i], to, kernel: kernelOf(i) }));

/** Sizes an axis passes on its way up: doublings that do not pass the target, then the target. */
const doubled = (size: number, target: number): number => (size * 2 <= target ? size * 2 : target);

const halved = (size: number, target: number): number => (size >= 2 * target ? Math.ceil(size / 2) : size);

/**
 * Doublings and a last fraction, always with Mitchell's cubic whatever kernel is chosen: this is the method that equals
 * Canvas 2D at `imageSmoothingQuality = 'high'`, drawn step by step. An axis that has arrived waits for the other. An
 * axis that shrinks is first halved by exact area averaging while it is at least twice too large, and takes its last
 * fraction together with the other axis's first step.
 */
function progressive(from: Size, to: Size): Stage[] {
  const sizes: Size[] = [from];
  let [width, height] = [from.width, from.height];
  for (;;) {
    const next = { width: halved(width, to.width), height: halved(height, to.height) };
    if (next.width === width && next.height === height) break;
    ({ width, height } = next);
    sizes.push(next);
  }
  const halvings = sizes.length - 1;
  while (width !== to.width || height !== to.height) {
    width = doubled(width, to.width);
    height = doubled(height, to.height);
    sizes.push({ width, height });
  }
  return chain(sizes, (i) => (i < halvings ? 'area' : 'mitchell'));
}

const STEPS = [2, 1.5, 1.1] as const;

/** A remaining ratio below this is not worth a stage of its own. */
const JOINED = 1.1;

/**
 * Steps of 2x, 1.5x or 1.1x with the chosen kernel and a last one that lands on the target. The larger of the two
 * axes' remaining ratios decides: the largest step that does not pass the target and whose picture fits the budget is
 * taken; when none fits, the rest is done in one step, since that result is the output, which is never held whole.
 * A remainder below 1.1 is joined with the step before it. So the picture doubles while it is small, creeps as
 * it nears the budget, and nothing between stages ever exceeds it. An axis that shrinks does so entirely in the first stage.
 */
function fractional(kernel: KernelName, from: Size, to: Size, options: StageOptions): Stage[] {
  const budget = (options.budgetBytes ?? DEFAULT_BUDGET) / (options.bytesPerPixel ?? DEFAULT_BYTES_PER_PIXEL);
  const sizes: Size[] = [from];
  let size = from;
  const advance = (axis: 'width' | 'height', step: number): number =>
    Math.min(to[axis], Math.max(size[axis] + 1, Math.round(size[axis] * step)));
  while (!sameSize(size, to)) {
    const remaining = Math.max(to.width / size.width, to.height / size.height);
    const fits = (next: Size): boolean => next === to || next.width * next.height <= budget;
    const candidates = STEPS.filter((s) => s <= remaining).map((s) =>
      remaining / s < JOINED ? to : { width: advance('width', s), height: advance('height', s) },
    );
    size = candidates.find(fits) ?? to;
    sizes.push(size);
  }
  return chain(sizes, () => kernel);
}

/**
 * The stages that bring a picture of size `from` to size `to`; at least one, even for the same size. Pure.
 * `direct` is one pass. For the other methods see the rules above; both give one stage where there is nothing to divide.
 */
export function planStages(
  method: MethodName,
  kernel: KernelName,
  from: Size,
  to: Size,
  options: StageOptions = {},
): Stage[] {
  const direct: Stage = { from, to, kernel };
  if (method === 'direct' || sameSize(from, to)) return [direct];
  switch (method) {
    case 'progressive':
      return progressive(from, to);
    case 'fractional':
      return fractional(kernel, from, to, options);
    default:
      return method satisfies never;
  }
}
