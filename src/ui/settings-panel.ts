import '@awesome.me/webawesome/dist/components/details/details.js';
import { css, html, LitElement, nothing } from 'lit';
import { QUALITY_RANGE, toJobOptions, type Settings } from '../app/settings.ts';
import type { Verdict } from '../app/verdict.ts';
import type { FormatMeta } from '../core/formats.ts';
import { act } from './actions.ts';
import './advanced-fields.ts';
import { choiceField } from './choice-field.ts';
import { KERNEL_CHOICES, KERNEL_HINTS, METHOD_CHOICES, METHOD_HINTS } from './labels.ts';
import './number-field.ts';
import { sharedStyles } from './shared-styles.ts';
import './size-fields.ts';
import './verdict-view.ts';

/** The settings of the pictures that wait, with the size that the selected one will get. */
export class SettingsPanel extends LitElement {
  static override properties = {
    settings: { attribute: false },
    formats: { attribute: false },
    verdict: { attribute: false },
    sourceDpi: { type: Number },
    count: { type: Number },
    unreadable: { type: Boolean },
  };

  declare settings: Settings;
  declare formats: readonly FormatMeta[];
  declare verdict: Verdict | null;
  /** The selected picture's own density; null when it has none. */
  declare sourceDpi: number | null;
  /** How many pictures the settings are for. */
  declare count: number;
  /** The selected picture could not be read, so there is no size to show. */
  declare unreadable: boolean;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: var(--wa-space-l);
      }

      section {
        display: grid;
        gap: var(--wa-space-s);
      }

      section + section {
        padding-top: var(--wa-space-l);
        border-top: 1px solid var(--wa-color-surface-border);
      }

      .row {
        display: grid;
        grid-template-columns: 1fr 1fr;
        gap: var(--wa-space-s);
        align-items: start;
      }

      wa-details {
        --spacing: var(--wa-space-m);
      }

      wa-details::part(header) {
        padding-block: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }
    `,
  ];

  protected override render(): unknown {
    const { settings, formats } = this;
    const meta = formats.find((format) => format.format === settings.format)!;
    return html`
      <section>
        <h2>New size${this.count > 1 ? html` <span class="quiet">for all ${this.count} pictures</span>` : nothing}</h2>
        <size-fields .size=${settings.size}></size-fields>
        ${
          this.unreadable
            ? nothing
            : html`<verdict-view
                .verdict=${this.verdict}
                .dpi=${toJobOptions(settings).dpi ?? this.sourceDpi}
                unit=${settings.size.unit}
              ></verdict-view>`
        }
      </section>
      <section>
        <div class="row">
          ${choiceField({
            label: 'Format',
            value: settings.format,
            choices: formats.map(({ format, label }) => ({ value: format, label })),
            onChoose: (format) => act(this, { kind: 'change', change: { format } }),
          })}
          ${
            meta.lossy
              ? html`<number-field
                  label="Quality"
                  integer
                  .value=${settings.quality}
                  .min=${QUALITY_RANGE.min}
                  .max=${QUALITY_RANGE.max}
                  @number-change=${(event: CustomEvent<number>) =>
                    act(this, { kind: 'change', change: { quality: event.detail } })}
                ></number-field>`
              : nothing
          }
        </div>
      </section>
      <section>
        <div class="row">
          ${choiceField({
            label: 'Kernel',
            value: settings.kernel,
            choices: KERNEL_CHOICES,
            hint: KERNEL_HINTS[settings.kernel],
            onChoose: (kernel) => act(this, { kind: 'change', change: { kernel } }),
          })}
          ${choiceField({
            label: 'Method',
            value: settings.method,
            choices: METHOD_CHOICES,
            hint: METHOD_HINTS[settings.method],
            onChoose: (method) => act(this, { kind: 'change', change: { method } }),
          })}
        </div>
      </section>
      <wa-details summary="More options" appearance="outlined">
        <advanced-fields .settings=${settings} .meta=${meta}></advanced-fields>
      </wa-details>
    `;
  }
}

customElements.define('settings-panel', SettingsPanel);
