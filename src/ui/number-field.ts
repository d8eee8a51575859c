import '@awesome.me/webawesome/dist/components/number-input/number-input.js';
import type WaNumberInput from '@awesome.me/webawesome/dist/components/number-input/number-input.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { formatNumber } from '../app/format-text.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';

/** Name of the event that a number field emits; its detail is the number. */
export const NUMBER_CHANGE = 'number-change';

/**
 * A number with a range. Emits `number-change` for each valid entry while typing. An entry outside the range is marked and
 * explained, and gives way to the last valid one when the field is left.
 */
export class NumberField extends AppElement {
  static override shadowRootOptions = { ...AppElement.shadowRootOptions, delegatesFocus: true };

  static override properties = {
    label: {},
    suffix: {},
    value: { type: Number },
    min: { type: Number },
    max: { type: Number },
    integer: { type: Boolean },
    optional: { type: Boolean },
    placeholder: {},
    invalid: { state: true },
  };

  declare label: string;
  declare suffix: string;
  /** Null where nothing is entered, which only an optional field allows. */
  declare value: number | null;
  declare min: number;
  declare max: number;
  declare integer: boolean;
  declare optional: boolean;
  declare placeholder: string;
  declare protected invalid: boolean;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      wa-number-input::part(start) {
        display: none;
      }

      wa-number-input::part(input) {
        padding-inline-end: var(--wa-space-2xs);
        text-align: start;
      }

      wa-number-input::part(end) {
        flex: none;
      }

      .suffix {
        color: var(--wa-color-text-quiet);
      }

      .error {
        margin-top: var(--wa-space-2xs);
        color: var(--wa-color-danger-on-quiet);
        font-size: var(--wa-font-size-xs);
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
    this.suffix = '';
    this.value = null;
    this.min = 0;
    this.max = Number.MAX_SAFE_INTEGER;
    this.integer = false;
    this.optional = false;
    this.placeholder = '';
    this.invalid = false;
  }

  #parse(text: string): number | null | undefined {
    if (text.trim() === '') return this.optional ? null : undefined;
    const number = Number(text);
    const valid = Number.isFinite(number) && number >= this.min && number <= this.max;
    return valid && (!this.integer || Number.isInteger(number)) ? number : undefined;
  }

  #onInput(event: Event): void {
    const parsed = this.#parse((event.target as WaNumberInput).value ?? '');
    this.invalid = parsed === undefined;
    if (parsed === undefined || parsed === this.value) return;
    this.value = parsed;
    this.dispatchEvent(new CustomEvent<number | null>(NUMBER_CHANGE, { detail: parsed }));
  }

  #onChange(event: Event): void {
    this.#onInput(event);
    if (!this.invalid) return;
    this.invalid = false;
    (event.target as WaNumberInput).value = this.#text;
  }

  get #text(): string {
    return this.value === null ? '' : String(this.value);
  }

  protected override render(): unknown {
    return html`
      <wa-number-input
        size="s"
        label=${this.label}
        .value=${this.#text}
        .min=${this.min}
        .max=${this.max}
        .step=${'any'}
        inputmode=${this.integer ? 'numeric' : 'decimal'}
        placeholder=${this.placeholder}
        without-steppers
        @input=${(event: Event) => this.#onInput(event)}
        @change=${(event: Event) => this.#onChange(event)}
      >
        ${this.suffix === '' ? nothing : html`<span slot="end" class="suffix">${this.suffix}</span>`}
      </wa-number-input>
      ${
        this.invalid
          ? html`<p class="error">
              ${
                this.integer
                  ? msg(str`${formatNumber(this.min, 3)} to ${formatNumber(this.max)}, whole numbers`)
                  : msg(str`${formatNumber(this.min, 3)} to ${formatNumber(this.max)}`)
              }
            </p>`
          : nothing
      }
    `;
  }
}

customElements.define('number-field', NumberField);
