import { msg } from '@lit/localize';
import type { ProgressEvent } from '../app/picture.ts';
import type { SizeMode } from '../app/size-settings.ts';
import type { ExportKind } from '../core/exports.ts';
import type { EngineName } from '../core/engine.ts';
import type { KernelName, MethodName } from '../core/resampling.ts';
import type { Choice } from './choice-field.ts';

/** The words for values, in the present language: call at each use. */
export const sizeModeChoices = (): readonly Choice<SizeMode>[] => [
  { value: 'factor', label: msg('Factor') },
  { value: 'width', label: msg('Width') },
  { value: 'height', label: msg('Height') },
  { value: 'long', label: msg('Long side') },
  { value: 'short', label: msg('Short side') },
  { value: 'exact', label: msg('Width and height') },
  { value: 'megapixels', label: msg('Megapixels') },
  { value: 'print', label: msg('Print') },
];

export const exportChoices = (): readonly Choice<ExportKind>[] => [
  { value: 'file', label: msg('One file') },
  { value: 'deepzoom', label: msg('Deep-zoom tiles') },
  { value: 'pyramid', label: msg('Tiled pyramid (BigTIFF)') },
  { value: 'panels', label: msg('Panels to print') },
];

export const kernelChoices = (): readonly Choice<KernelName>[] => [
  { value: 'lanczos3', label: msg('Lanczos 3') },
  { value: 'lanczos2', label: msg('Lanczos 2') },
  { value: 'lanczos4', label: msg('Lanczos 4') },
  { value: 'mitchell', label: msg('Mitchell') },
  { value: 'catmull-rom', label: msg('Catmull-Rom') },
  { value: 'bilinear', label: msg('Bilinear') },
  { value: 'nearest', label: msg('Nearest') },
  { value: 'area', label: msg('Area') },
];

export const kernelHints = (): Readonly<Record<KernelName, string>> => ({
  lanczos3: msg('Sharp and natural: right for most photos.'),
  lanczos2: msg('A little softer, with less ringing.'),
  lanczos4: msg('The sharpest, with the most ringing.'),
  mitchell: msg('Smooth, nearly free of ringing.'),
  'catmull-rom': msg('Crisp edges from few samples.'),
  bilinear: msg('Soft and simple.'),
  nearest: msg('Hard pixels, for pixel art.'),
  area: msg('Averages; meant for reducing.'),
});

export const methodChoices = (): readonly Choice<MethodName>[] => [
  { value: 'direct', label: msg('Direct') },
  { value: 'progressive', label: msg('Progressive') },
  { value: 'fractional', label: msg('Fractional') },
];

export const methodHints = (): Readonly<Record<MethodName, string>> => ({
  direct: msg('One pass with the kernel.'),
  progressive: msg('Doublings, as browsers enlarge.'),
  fractional: msg('Steps of 1.1, 1.5 and 2 times.'),
});

export const engineLabels = (): Readonly<Record<EngineName, string>> => ({
  gpu: msg('GPU'),
  simd: msg('SIMD threads'),
  scalar: msg('Single thread'),
});

export function engineChoices(): readonly Choice<EngineName | 'auto'>[] {
  const labels = engineLabels();
  return [
    { value: 'auto', label: msg('Automatic') },
    { value: 'gpu', label: labels.gpu },
    { value: 'simd', label: labels.simd },
    { value: 'scalar', label: labels.scalar },
  ];
}

/** The engine of a progress report, for people. */
export const engineLabel = (progress: Pick<ProgressEvent, 'engine'>): string => engineLabels()[progress.engine];

/** The label of a value among choices; the value itself where there is none. */
export const labelOf = (choices: readonly Choice<string>[], value: string): string =>
  choices.find((choice) => choice.value === value)?.label ?? value;
