import { configureLocalization, type LocaleModule } from '@lit/localize';
import { afterAll, vi } from 'vitest';
import { sourceLocale, targetLocales } from './locales/codes.ts';

/** Localisation as on the page, for a test file in Node; to be called once in it. */
export function localised(): (locale: string) => Promise<void> {
  // It tells of a change of language by an event at the window.
  vi.stubGlobal('window', new EventTarget());
  afterAll(() => vi.unstubAllGlobals());
  const { setLocale } = configureLocalization({
    sourceLocale,
    targetLocales,
    loadLocale: (locale) => import(`./locales/${locale}.ts`) as Promise<LocaleModule>,
  });
  return setLocale;
}
