import '@awesome.me/webawesome/dist/components/input/input.js';
import type WaInput from '@awesome.me/webawesome/dist/components/input/input.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { formatNumber, numberText } from '../app/format-text.ts';
import { parseNumber } from '../app/parse-number.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';

/** Name of the event that a number field emits; its detail is the number. */
export const NUMBER_CHANGE = 'number-change';

/**
 * A number with a range, written as the page's language writes it: an input of type number would take it as the browser's does. Emits
 * `number-change` for each valid entry while typing. An entry outside the range is marked and explained; when the field is left, the number
 * from before the edit comes back, and the field says so. Arrow keys step by one.
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
    draft: { state: true },
    problem: { state: true },
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
  /** What is being typed; null when nothing is. */
  declare protected draft: string | null;
  /** What is wrong with the entry, or was with the last one that was given up. */
  declare protected problem: 'invalid' | 'reverted' | null;

  /** The number from before the edit. */
  #before: number | null = null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      wa-input::part(start) {
        display: none;
      }

      wa-input::part(input) {
        padding-inline-end: var(--wa-space-2xs);
        text-align: start;
      }

      wa-input::part(end) {
        flex: none;
      }

      wa-input::part(hint) {
        margin: 0;
      }

      .suffix {
        color: var(--wa-color-text-quiet);
      }

      .error {
        display: block;
        color: var(--wa-color-danger-on-quiet);
        font-size: var(--wa-font-size-xs);
      }

      .error:not(:empty) {
        margin-top: var(--wa-space-2xs);
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
    this.draft = null;
    this.problem = null;
  }

  #parse(text: string): number | null | undefined {
    if (text.trim() === '') return this.optional ? null : undefined;
    const number = parseNumber(text);
    const valid = number !== undefined && number >= this.min && number <= this.max;
    return valid && (!this.integer || Number.isInteger(number)) ? number : undefined;
  }

  #set(value: number | null): void {
    if (value === this.value) return;
    this.value = value;
    this.dispatchEvent(new CustomEvent<number | null>(NUMBER_CHANGE, { detail: value }));
  }

  #onInput(event: Event): void {
    const text = (event.target as WaInput).value ?? '';
    // Nothing of an edit that begins has been taken yet.
    if (this.draft === null) this.#before = this.value;
    this.draft = text;
    const parsed = this.#parse(text);
    this.problem = parsed === undefined ? 'invalid' : null;
    if (parsed !== undefined) this.#set(parsed);
  }

  /** Ends the edit. Both at a change and when the focus goes: a script that fills in a field tells of no change. */
  #commit(): void {
    if (this.draft === null) return;
    this.draft = null;
    if (this.problem === null) return;
    this.problem = 'reverted';
    this.#set(this.#before);
  }

  #onKeyDown(event: KeyboardEvent): void {
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (step === 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.draft = null;
    this.problem = null;
    // Without the tails of binary fractions.
    const stepped = Number(((this.value ?? 0) + step).toFixed(6));
    this.#set(Math.min(this.max, Math.max(this.min, stepped)));
  }

  get #range(): string {
    return this.integer
      ? msg(str`${formatNumber(this.min, 3)} to ${formatNumber(this.max)}, whole numbers`)
      : msg(str`${formatNumber(this.min, 3)} to ${formatNumber(this.max)}`);
  }

  get #explanation(): string {
    switch (this.problem) {
      case null:
        return '';
      case 'invalid':
        return this.#range;
      case 'reverted':
        return msg(str`Allowed: ${this.#range}. Back to ${this.#text || this.placeholder}.`);
      default:
        return this.problem satisfies never;
    }
  }

  get #text(): string {
    return this.value === null ? '' : numberText(this.value);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    super.willUpdate(changed);
    // Set from elsewhere since, it is back to nothing.
    if (this.problem === 'reverted' && this.value !== this.#before) this.problem = null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    void this.#describe();
  }

  /** Text that steps like a number, and may be wrong: the component has no attributes for it. */
  async #describe(): Promise<void> {
    const field = this.renderRoot.querySelector('wa-input')!;
    await field.updateComplete;
    const { input } = field;
    const set = (name: string, value: string | null): void =>
      value === null ? input.removeAttribute(name) : input.setAttribute(name, value);
    set('role', 'spinbutton');
    set('aria-valuemin', String(this.min));
    set('aria-valuemax', String(this.max));
    set('aria-valuenow', this.value === null ? null : String(this.value));
    set('aria-valuetext', this.draft ?? this.#text);
    set('aria-invalid', String(this.problem === 'invalid'));
  }

  protected override render(): unknown {
    return html`
      <wa-input
        size="s"
        type="text"
        autocomplete="off"
        label=${this.label}
        .value=${this.draft ?? this.#text}
        inputmode=${this.integer ? 'numeric' : 'decimal'}
        placeholder=${this.placeholder}
        @input=${(event: Event) => this.#onInput(event)}
        @change=${() => this.#commit()}
        @focusin=${() => (this.problem = null)}
        @focusout=${() => this.#commit()}
        @keydown=${(event: KeyboardEvent) => this.#onKeyDown(event)}
      >
        ${this.suffix === '' ? nothing : html`<span slot="end" class="suffix">${this.suffix}</span>`}
        <span slot="hint" class="error" aria-live="polite">${this.#explanation}</span>
      </wa-input>
    `;
  }
}

customElements.define('number-field', NumberField);
