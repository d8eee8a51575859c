/** The colour scheme a person chose; `system` follows the operating system. */
export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

const KEY = 'pro-upscaler.theme';
const DARK = '(prefers-color-scheme: dark)';

/** The choice of an earlier visit. */
export function loadTheme(): ThemeChoice {
  try {
    const stored = localStorage.getItem(KEY);
    return THEME_CHOICES.find((choice) => choice === stored) ?? 'system';
  } catch {
    // Storage that the browser forbids.
    return 'system';
  }
}

function show(choice: ThemeChoice): void {
  const dark = choice === 'dark' || (choice === 'system' && matchMedia(DARK).matches);
  const { classList } = document.documentElement;
  classList.toggle('wa-dark', dark);
  classList.toggle('wa-light', !dark);
}

/** Shows the choice and keeps it for the next visit. */
export function applyTheme(choice: ThemeChoice): void {
  show(choice);
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Without storage the choice lasts for this visit.
  }
}

/** Shows the stored choice, and follows the operating system while the choice is `system`. */
export function startTheme(): void {
  show(loadTheme());
  matchMedia(DARK).addEventListener('change', () => show(loadTheme()));
}
