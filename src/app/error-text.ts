import { msg } from '@lit/localize';
import { toErrorRecord, type Refusal } from '../core/errors.ts';
import type { Text, TextValue, Words } from '../core/text.ts';
import { formatChoice, formatNumber } from './format-text.ts';
import type { Problem } from './picture.ts';

/** What `msg` finds a translation by: words and, where they stand among them, values. Without its type, which asks for literals. */
type Template =
  string | { readonly strTag: true; readonly strings: readonly string[]; readonly values: readonly string[] };
/** `msg` itself changes when the languages are set up: it is looked up with each call. */
const translate = (template: Template): string => (msg as unknown as (template: Template) => string)(template);

function valueText(value: TextValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return formatNumber(value, 3);
  return 'strings' in value ? textFor(value) : formatChoice(value);
}

/** A text of the core in the language of the page, or in English where it has no translation. */
export function textFor({ strings, values }: Text): string {
  const [only] = strings;
  if (strings.length === 1 && only !== undefined) return translate(only);
  return translate({ strTag: true, strings, values: values.map(valueText) });
}

export const wordsFor = (words: Words): string => (typeof words === 'string' ? words : textFor(words));

/** What was refused or went wrong, in the language of the page. */
export function refusalText({ message, remedy, texts }: Pick<Refusal, 'message' | 'remedy' | 'texts'>): Problem {
  return {
    message: texts?.message ? textFor(texts.message) : message,
    remedy: texts?.remedy ? textFor(texts.remedy) : remedy,
  };
}

/** Any thrown value as words for the reader. */
export function problemOf(error: unknown): Problem {
  const { message, remedy } = refusalText(toErrorRecord(error));
  return { message: message === '' ? msg('Something went wrong without saying what.') : message, remedy };
}
