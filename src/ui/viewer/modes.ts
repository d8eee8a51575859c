import { msg } from '@lit/localize';
import type { IconName } from '../icons.ts';

/** How the result is held against what it is compared with. */
export const VIEW_MODES = ['result', 'slider', 'side', 'difference'] as const;
export type ViewMode = (typeof VIEW_MODES)[number];

/** The words, icons and keys of the modes, in the present language. */
export const modeLabels = (): Readonly<
  Record<ViewMode, { readonly label: string; readonly words: string; readonly icon: IconName; readonly key: string }>
> => ({
  result: { label: msg('Result'), words: '', icon: 'image', key: 'R' },
  slider: { label: msg('Before and after'), words: msg('compare split slider'), icon: 'compare', key: 'S' },
  side: { label: msg('Side by side'), words: msg('compare two views'), icon: 'side', key: 'B' },
  difference: { label: msg('Difference'), words: msg('compare changes'), icon: 'difference', key: 'D' },
});
