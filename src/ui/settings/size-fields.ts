import { msg } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { lengthUnit } from '../../app/format-text.ts';
import { LENGTH_UNITS, SIZE_RANGES, type LengthUnit, type Range, type SizeSettings } from '../../app/size-settings.ts';
import { NO_EDIT, type Edit } from '../../core/edit/edit.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { choiceField } from '../choice-field.ts';
import { sizeModeChoices } from '../labels.ts';
import '../number-field.ts';
import { presetField } from './preset-field.ts';
import { sharedStyles } from '../shared-styles.ts';

const QUICK_FACTORS = [2, 3, 4, 8, 15];

type NumberKey = Exclude<keyof SizeSettings, 'mode' | 'unit'>;

/** How large the result shall be: the way of asking, and its value or values. */
export class SizeFields extends AppElement {
  static override properties = { size: { attribute: false }, edit: { attribute: false } };
  declare size: SizeSettings;
  /** What a preset's crop becomes a part of. */
  declare edit: Edit;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-s);
      }

      .row {
        --least-field: 7rem;
      }

      .quick {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-2xs);
      }

      .quick button {
        flex: 1;
        min-height: 2.25rem;
        padding-inline: var(--wa-space-xs);
        border: 1px solid var(--wa-color-neutral-border-loud);
        border-radius: var(--wa-border-radius-m);
        background: none;
        color: var(--wa-color-neutral-on-quiet);
        font: inherit;
        font-size: var(--wa-font-size-s);
        cursor: pointer;
        touch-action: manipulation;
      }

      .quick button:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }

      .quick button[aria-pressed='true'] {
        border-color: transparent;
        background: var(--wa-color-brand-fill-normal);
        color: var(--wa-color-brand-on-normal);
      }

      .quick button:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }

      /* Where backgrounds are the person's own. */
      @media (forced-colors: active) {
        .quick button[aria-pressed='true'] {
          forced-color-adjust: none;
          background: Highlight;
          color: HighlightText;
        }
      }
    `,
  ];

  #number(key: NumberKey, label: string, range: Range, suffix: string, integer = false): TemplateResult {
    return html`
      <number-field
        label=${label}
        suffix=${suffix}
        .value=${this.size[key]}
        .min=${range.min}
        .max=${range.max}
        ?integer=${integer}
        @number-change=${(event: CustomEvent<number>) =>
          act(this, { kind: 'change', change: { size: { [key]: event.detail } } })}
      ></number-field>
    `;
  }

  #pixels(key: NumberKey, label: string): TemplateResult {
    return this.#number(key, label, SIZE_RANGES.pixels, 'px', true);
  }

  #mode(): TemplateResult {
    return choiceField({
      label: msg('Set by'),
      value: this.size.mode,
      choices: sizeModeChoices(),
      onChoose: (mode) => act(this, { kind: 'size-mode', mode }),
    });
  }

  #unit(): TemplateResult {
    return choiceField<LengthUnit>({
      label: msg('Unit'),
      value: this.size.unit,
      choices: LENGTH_UNITS.map((value) => ({ value, label: lengthUnit(value) })),
      onChoose: (unit) => act(this, { kind: 'length-unit', unit }),
    });
  }

  #preset(): TemplateResult {
    return presetField(this.size, ({ size, crop }) =>
      act(this, {
        kind: 'change',
        change: { size, ...(crop === undefined ? {} : { edit: { ...(this.edit ?? NO_EDIT), crop } }) },
      }),
    );
  }

  #quickFactors(): TemplateResult {
    return html`
      <div class="quick" role="group" aria-label=${msg('Factors')}>
        ${QUICK_FACTORS.map(
          (factor) => html`
            <button
              type="button"
              aria-pressed=${factor === this.size.factor ? 'true' : 'false'}
              @click=${() => act(this, { kind: 'change', change: { size: { factor } } })}
            >
              ${factor}×
            </button>
          `,
        )}
      </div>
    `;
  }

  protected override render(): unknown {
    return html`${this.#fields()} ${this.#preset()}`;
  }

  #fields(): TemplateResult {
    const { mode, unit } = this.size;
    const { factor, megapixels, print, dpi } = SIZE_RANGES;
    switch (mode) {
      case 'factor':
        return html`<div class="row">${this.#mode()} ${this.#number('factor', msg('Size'), factor, '×')}</div>
          ${this.#quickFactors()}`;
      case 'width':
      case 'height':
      case 'long':
      case 'short':
        return html`<div class="row">${this.#mode()} ${this.#pixels(mode, msg('Size'))}</div>`;
      case 'exact':
        return html`${this.#mode()}
          <div class="row">${this.#pixels('width', msg('Width'))} ${this.#pixels('height', msg('Height'))}</div>`;
      case 'megapixels':
        return html`<div class="row">
          ${this.#mode()} ${this.#number('megapixels', msg('Size'), megapixels, 'MP')}
        </div>`;
      case 'print':
        return html`<div class="row">${this.#mode()} ${this.#unit()}</div>
          <div class="row">
            ${this.#number('printWidth', msg('Width'), print, lengthUnit(unit))}
            ${this.#number('printHeight', msg('Height'), print, lengthUnit(unit))}
          </div>
          ${this.#number('printDpi', msg('Resolution'), dpi, 'DPI')}`;
      default:
        return mode satisfies never;
    }
  }
}

customElements.define('size-fields', SizeFields);
