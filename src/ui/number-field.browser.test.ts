import { userEvent } from 'vitest/browser';
import { afterEach, expect, test } from 'vitest';
import { setFormatLocale } from '../app/format-text.ts';
import { NUMBER_CHANGE, type NumberField } from './number-field.ts';
import './number-field.ts';

/** A field between 0.05 and 50 that holds 2, its input, and the numbers that it has told of. */
async function factor(
  locale = 'en',
  more: Partial<NumberField> = {},
): Promise<{ field: NumberField; input: HTMLInputElement; told: (number | null)[] }> {
  setFormatLocale(locale);
  const field = document.createElement('number-field') as NumberField;
  Object.assign(field, { label: 'Factor', value: 2, min: 0.05, max: 50, ...more });
  document.body.append(field);
  const told: (number | null)[] = [];
  field.addEventListener(NUMBER_CHANGE, (event) => told.push((event as CustomEvent<number | null>).detail));
  await field.updateComplete;
  const inner = field.shadowRoot!.querySelector('wa-input')!;
  await inner.updateComplete;
  await settled();
  return { field, input: inner.input, told };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => resolve())));

async function type(input: HTMLInputElement, text: string): Promise<void> {
  input.focus();
  input.select();
  await userEvent.keyboard(text);
  await settled();
}

/** What describes the input, as it is shown. */
function description(input: HTMLInputElement): string {
  const slot = (input.getRootNode() as ShadowRoot).getElementById(input.getAttribute('aria-describedby')!);
  return (slot as HTMLSlotElement)
    .assignedElements()
    .map((element) => element.textContent)
    .join()
    .trim();
}

afterEach(() => {
  document.body.replaceChildren();
});

test.each([
  ['de', '2,5', 2.5, '2,5'],
  ['de', '1,25', 1.25, '1,25'],
  ['ar-EG', '٢٫٥', 2.5, '٢٫٥'],
  ['ar', '3,5', 3.5, null],
  ['en', '2.50', 2.5, '2.5'],
])('%s: %s is taken as it is written', async (locale, text, value, shown) => {
  const { field, input } = await factor(locale);
  await type(input, text);
  expect(input.value).toBe(text);
  await userEvent.tab();
  await settled();
  expect(field.value).toBe(value);
  if (shown !== null) expect(input.value).toBe(shown);
});

test.each([
  ['de', '1.000', 1000],
  ['en', '1,000', 1000],
])('%s: a thousand is not one: %s', async (locale, text, value) => {
  const { field, input } = await factor(locale, { max: 5000 });
  await type(input, text);
  await userEvent.tab();
  expect(field.value).toBe(value);
});

test('what is out of range gives way to the number from before the edit, and the field says so', async () => {
  const { field, input, told } = await factor();
  await type(input, '9999');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  expect(description(input)).toBe('0.05 to 50');
  const live = field.shadowRoot!.querySelector('[aria-live=polite]')!;
  expect(live.textContent).toContain('0.05 to 50');
  await userEvent.tab();
  await settled();
  expect(field.value).toBe(2);
  expect(told.at(-1)).toBe(2);
  expect(input.value).toBe('2');
  expect(input.getAttribute('aria-invalid')).toBe('false');
  expect(description(input)).toBe('Allowed: 0.05 to 50. Back to 2.');
  await type(input, '3');
  expect(description(input)).toBe('');
  await userEvent.tab();
  expect(field.value).toBe(3);
});

test('arrow keys step by one within the range, as for any number', async () => {
  const { field, input } = await factor('de', { value: 48.5 });
  await type(input, '{ArrowUp}');
  expect(input.value).toBe('49,5');
  await type(input, '{ArrowUp}{ArrowUp}');
  expect(field.value).toBe(50);
  await type(input, '{ArrowDown}');
  expect(input.value).toBe('49');
  expect(input.getAttribute('role')).toBe('spinbutton');
  expect(input.getAttribute('aria-valuenow')).toBe('49');
});

test('an optional field can be emptied, a needed one not', async () => {
  const optional = await factor('en', { optional: true, value: 5 });
  await type(optional.input, '{Delete}');
  await userEvent.tab();
  expect(optional.field.value).toBeNull();
  const needed = await factor();
  await type(needed.input, '{Delete}');
  await userEvent.tab();
  await settled();
  expect(needed.input.value).toBe('2');
});
