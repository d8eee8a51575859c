import { configureLocalization, type LocaleModule } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import { say } from '../core/text.ts';
import { setFormatLocale } from './format-text.ts';
import { allLocales, sourceLocale, targetLocales } from './locales/codes.ts';
import type { KeyValueStorage } from './settings-store.ts';
import { Store } from './store.ts';

export type Locale = (typeof allLocales)[number];

/** The languages on offer, each by its own name, in the order of the menu. */
export const LANGUAGES: readonly { readonly locale: Locale; readonly name: string }[] = [
  { locale: 'en', name: 'English' },
  { locale: 'de', name: 'Deutsch' },
  { locale: 'es', name: 'Español' },
  { locale: 'fr', name: 'Français' },
  { locale: 'pt', name: 'Português' },
  { locale: 'ja', name: '日本語' },
  { locale: 'zh-CN', name: '简体中文' },
  { locale: 'ar', name: 'العربية' },
];

const KEY = 'pro-upscaler.language';
const RIGHT_TO_LEFT: readonly Locale[] = ['ar'];

/** Each language is a chunk of its own, loaded when it is chosen. */
const modules = import.meta.glob<LocaleModule>(['./locales/*.ts', '!./locales/codes.ts']);

/** The names that the components give to parts of their own, such as a dialog's button to close it. */
const componentTexts: Readonly<Record<(typeof targetLocales)[number], () => Promise<unknown>>> = {
  ar: () => import('@awesome.me/webawesome/dist/translations/ar.js'),
  de: () => import('@awesome.me/webawesome/dist/translations/de.js'),
  es: () => import('@awesome.me/webawesome/dist/translations/es.js'),
  fr: () => import('@awesome.me/webawesome/dist/translations/fr.js'),
  ja: () => import('@awesome.me/webawesome/dist/translations/ja.js'),
  pt: () => import('@awesome.me/webawesome/dist/translations/pt.js'),
  'zh-CN': () => import('@awesome.me/webawesome/dist/translations/zh-cn.js'),
};

async function loadLocale(locale: (typeof targetLocales)[number]): Promise<LocaleModule> {
  const [texts] = await Promise.all([modules[`./locales/${locale}.ts`]!(), componentTexts[locale]()]);
  return texts;
}

const { getLocale, setLocale } = configureLocalization({
  sourceLocale,
  targetLocales,
  loadLocale: (locale) => loadLocale(locale as (typeof targetLocales)[number]),
});

/** Loads a language's texts ahead, so that one that cannot be had changes nothing. Rejects with an AppError. */
async function ensureTexts(locale: Locale): Promise<void> {
  if (locale === sourceLocale) return;
  await loadLocale(locale).catch((cause: unknown) => {
    throw new AppError('read-failed', say('The texts of this language are not on this device yet.'), {
      remedy: say('Connect once, so that the app can keep it.'),
      cause,
    });
  });
}

/** The first of the wished-for languages that is on offer; regions fall back to their language ("pt-BR" to "pt"). */
export function bestLocale(wishes: readonly string[]): Locale {
  const languageOf = (tag: string): string => tag.split('-')[0]!.toLowerCase();
  for (const wish of wishes) {
    const exact = allLocales.find((locale) => locale.toLowerCase() === wish.toLowerCase());
    const found = exact ?? allLocales.find((locale) => languageOf(locale) === languageOf(wish));
    if (found !== undefined) return found;
  }
  return sourceLocale;
}

/** Whether a language is written from right to left. */
export const isRightToLeft = (locale: Locale): boolean => RIGHT_TO_LEFT.includes(locale);

/** The language of the page: chosen by the person, else the browser's. */
export class LocaleStore extends Store<Locale> {
  readonly #storage: KeyValueStorage;
  readonly #wishes: readonly string[];

  /** `wishes` are the browser's languages, the dearest first. */
  constructor(storage: KeyValueStorage, wishes: readonly string[]) {
    super(getLocale() as Locale);
    this.#storage = storage;
    this.#wishes = wishes;
  }

  /** Shows the language of the last visit, or the browser's. Settles when its texts are there. */
  async start(): Promise<void> {
    let stored: string | null = null;
    try {
      stored = this.#storage.getItem(KEY);
    } catch {
      // Storage that the browser forbids.
    }
    await this.#show(bestLocale(stored === null ? this.#wishes : [stored, ...this.#wishes]));
  }

  /** Shows a language, and keeps it for the next visit. Rejects, and changes nothing, when its texts cannot be had. */
  async choose(locale: Locale): Promise<void> {
    await this.#show(locale);
    try {
      this.#storage.setItem(KEY, locale);
    } catch {
      // Without storage the choice lasts for this visit.
    }
  }

  async #show(locale: Locale): Promise<void> {
    await ensureTexts(locale);
    // Numbers follow the region where it speaks the page's language: "en-GB" for English.
    const region = this.#wishes.find((wish) => bestLocale([wish]) === locale && wish.startsWith(locale.split('-')[0]!));
    setFormatLocale(region ?? locale);
    await setLocale(locale);
    const root = document.documentElement;
    root.lang = locale;
    root.dir = isRightToLeft(locale) ? 'rtl' : 'ltr';
    this.set(locale);
  }
}
