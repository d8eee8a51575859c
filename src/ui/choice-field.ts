import '@awesome.me/webawesome/dist/components/option/option.js';
import '@awesome.me/webawesome/dist/components/select/select.js';
import type WaSelect from '@awesome.me/webawesome/dist/components/select/select.js';
import { html, type TemplateResult } from 'lit';
import { keyed } from 'lit/directives/keyed.js';

/** One line of a menu. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly label: string;
}

/** Letters that a menu of half of the settings' width has room for. */
const SHORT = 13;

/** Whether a menu would cut its label off there. Signs of East Asia are twice as wide. */
const isLong = (label: string, room: number): boolean =>
  [...label].reduce((sum, sign) => sum + (sign > '\u2e80' ? 2 : 1), 0) > room;

export interface ChoiceField<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly Choice<T>[];
  readonly hint?: string;
  readonly disabled?: boolean;
  /** Letters that it has room for where two stand side by side; as many as in the settings' width unless told. */
  readonly room?: number;
  onChoose(value: T): void;
}

/** A labelled menu of fixed choices. `onChoose` gets the value that was picked. */
export function choiceField<T extends string>(field: ChoiceField<T>): TemplateResult {
  const shown = field.choices.find(({ value }) => value === field.value);
  // A menu keeps the label that it shows: other words, as in another language, need another menu.
  return html`${keyed(
    field.choices.map(({ label }) => label).join('\n'),
    html`<wa-select
      size="s"
      class=${isLong(shown?.label ?? '', field.room ?? SHORT) ? 'long' : ''}
      label=${field.label}
      hint=${field.hint ?? ''}
      .value=${field.value}
      ?disabled=${field.disabled ?? false}
      @change=${(event: Event) => field.onChoose((event.target as WaSelect).value as T)}
    >
      ${field.choices.map((choice) => html`<wa-option value=${choice.value}>${choice.label}</wa-option>`)}
    </wa-select>`,
  )}`;
}
