/** What stands in a text beside its words. Several strings are names to choose from: "PNG, JPEG or TIFF". */
export type TextValue = string | number | readonly string[] | Text;

/**
 * A text for people, as the parts that it was made of. `plain` gives it in English; the page gives it in the reader's language
 * (app/error-text.ts), by its words alone, whichever thread it came from. Plain data.
 */
export interface Text {
  readonly strings: readonly string[];
  readonly values: readonly TextValue[];
}

/** A text, or what was not written for translation and stays as it is: what a browser or a library says. */
export type Words = Text | string;

interface Parts extends Text {
  readonly tag: 'str';
}

/**
 * The properties of these names are how lit-localize knows its own `msg` and `str`: `npm run localize` gathers what is written with `say` as
 * it does the texts of the page, so that core needs to know nothing of languages. Nothing has them when the program runs.
 */
type Say = ((text: string | Parts) => Text) & { _LIT_LOCALIZE_MSG_?: never };
type Str = ((strings: TemplateStringsArray, ...values: readonly TextValue[]) => Parts) & {
  _LIT_LOCALIZE_STR_?: never;
};

/** A text: say('…'), or with values say(str`…`). */
export const say: Say = (text) =>
  typeof text === 'string' ? { strings: [text], values: [] } : { strings: text.strings, values: text.values };

export const str: Str = (strings, ...values) => ({ tag: 'str', strings: [...strings], values });

const numbers = new Intl.NumberFormat('en', { useGrouping: 'min2', maximumFractionDigits: 3 });
const choices = new Intl.ListFormat('en-GB', { type: 'disjunction' });

function plainValue(value: TextValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return numbers.format(value);
  return 'strings' in value ? plain(value) : choices.format(value);
}

/** A text in English. */
export const plain = ({ strings, values }: Text): string =>
  strings.reduce((text, string, i) => text + plainValue(values[i - 1]!) + string);

export const inEnglish = (words: Words): string => (typeof words === 'string' ? words : plain(words));
