import { msg } from '@lit/localize';
import type { IconName } from '../icons.ts';

/** How the result is held against what it is compared with. */
export const VIEW_MODES = ['result', 'slider', 'side', 'difference'] as const;
export type ViewMode = (typeof VIEW_MODES)[number];

/** The words, icons and keys of the modes, in the present language. */
export const modeLabels = (): Readonly<
  Record<ViewMode, { readonly label: string; readonly icon: IconName; readonly key: string }>
> => ({
  result: { label: msg('Result'), icon: 'image', key: 'R' },
  slider: { label: msg('Before and after'), icon: 'compare', key: 'S' },
  side: { label: msg('Side by side'), icon: 'side', key: 'B' },
  difference: { label: msg('Difference'), icon: 'difference', key: 'D' },
});
