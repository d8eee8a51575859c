import type { ProgressEvent } from '../app/picture.ts';
import type { SizeMode } from '../app/size-settings.ts';
import type { EngineName } from '../core/engine.ts';
import type { KernelName, MethodName } from '../core/resampling.ts';
import type { Choice } from './choice-field.ts';

/** The words for values, in one place until there are more languages. */
export const SIZE_MODE_CHOICES: readonly Choice<SizeMode>[] = [
  { value: 'factor', label: 'Factor' },
  { value: 'width', label: 'Width' },
  { value: 'height', label: 'Height' },
  { value: 'long', label: 'Long side' },
  { value: 'short', label: 'Short side' },
  { value: 'exact', label: 'Width and height' },
  { value: 'megapixels', label: 'Megapixels' },
  { value: 'print', label: 'Print' },
];

export const KERNEL_CHOICES: readonly Choice<KernelName>[] = [
  { value: 'lanczos3', label: 'Lanczos 3' },
  { value: 'lanczos2', label: 'Lanczos 2' },
  { value: 'lanczos4', label: 'Lanczos 4' },
  { value: 'mitchell', label: 'Mitchell' },
  { value: 'catmull-rom', label: 'Catmull-Rom' },
  { value: 'bilinear', label: 'Bilinear' },
  { value: 'nearest', label: 'Nearest' },
  { value: 'area', label: 'Area' },
];

export const KERNEL_HINTS: Readonly<Record<KernelName, string>> = {
  lanczos3: 'Sharp and natural: right for most photos.',
  lanczos2: 'A little softer, with less ringing.',
  lanczos4: 'The sharpest, with the most ringing.',
  mitchell: 'Smooth, nearly free of ringing.',
  'catmull-rom': 'Crisp edges from few samples.',
  bilinear: 'Soft and simple.',
  nearest: 'Hard pixels, for pixel art.',
  area: 'Averages; meant for reducing.',
};

export const METHOD_CHOICES: readonly Choice<MethodName>[] = [
  { value: 'direct', label: 'Direct' },
  { value: 'progressive', label: 'Progressive' },
  { value: 'fractional', label: 'Fractional' },
];

export const METHOD_HINTS: Readonly<Record<MethodName, string>> = {
  direct: 'One pass with the kernel.',
  progressive: 'Doublings, as browsers enlarge.',
  fractional: 'Steps of 1.1, 1.5 and 2 times.',
};

export const ENGINE_LABELS: Readonly<Record<EngineName, string>> = {
  gpu: 'GPU',
  simd: 'SIMD threads',
  scalar: 'Single thread',
};

export const ENGINE_CHOICES: readonly Choice<EngineName | 'auto'>[] = [
  { value: 'auto', label: 'Automatic' },
  { value: 'gpu', label: ENGINE_LABELS.gpu },
  { value: 'simd', label: ENGINE_LABELS.simd },
  { value: 'scalar', label: ENGINE_LABELS.scalar },
];

/** The engine of a progress report, for people. */
export const engineLabel = (progress: Pick<ProgressEvent, 'engine'>): string => ENGINE_LABELS[progress.engine];
