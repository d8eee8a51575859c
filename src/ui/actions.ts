import type { DestinationKind } from '../app/destination.ts';
import type { Locale } from '../app/locale.ts';
import type { SizeMode } from '../app/size-settings.ts';
import type { LengthUnit } from '../app/size-settings.ts';
import type { SettingsChange } from '../app/settings.ts';
import type { ThemeChoice } from '../platform/theme.ts';

/** The dialogs of the page (dialogs.ts loads them). */
export type DialogName =
  | 'command-palette'
  | 'crop-dialog'
  | 'shortcut-sheet'
  | 'about-dialog'
  | 'preset-dialog'
  | 'history-dialog'
  | 'storage-dialog';

/**
 * What elements deep inside the page ask for; the shell alone carries it out. What has a place in the command palette is a
 * command as well (commands/registry.ts).
 */
export type UiAction =
  | { readonly kind: 'open-files' }
  | { readonly kind: 'open-sample' }
  | { readonly kind: 'paste' }
  | { readonly kind: 'dialog'; readonly dialog: DialogName }
  | { readonly kind: 'copy-result'; readonly id: number }
  | { readonly kind: 'open-folder' }
  | { readonly kind: 'select'; readonly id: number }
  | { readonly kind: 'remove'; readonly id: number }
  | { readonly kind: 'clear' }
  | { readonly kind: 'change'; readonly change: SettingsChange }
  | { readonly kind: 'size-mode'; readonly mode: SizeMode }
  | { readonly kind: 'length-unit'; readonly unit: LengthUnit }
  | { readonly kind: 'destination'; readonly destination: DestinationKind }
  | { readonly kind: 'change-folder' }
  | { readonly kind: 'start' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'open-result'; readonly id: number }
  | { readonly kind: 'save-result'; readonly id: number }
  | { readonly kind: 'save-receipt'; readonly id: number }
  | { readonly kind: 'dismiss-problem' }
  | { readonly kind: 'theme'; readonly choice: ThemeChoice }
  | { readonly kind: 'language'; readonly locale: Locale };

/** Name of the event whose detail is a `UiAction`. */
export const ACTION = 'ui-action';

/** Tells the shell what was done; passes through shadow roots. */
export function act(element: EventTarget, action: UiAction): void {
  element.dispatchEvent(new CustomEvent<UiAction>(ACTION, { detail: action, bubbles: true, composed: true }));
}
