import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { formatMegapixels, formatNumber, formatSize } from '../../app/format-text.ts';
import { fromInches, type LengthUnit } from '../../app/size-settings.ts';
import type { Verdict } from '../../app/verdict.ts';
import { pixelCount } from '../../core/geometry.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

/** The size that will come out and, where it cannot, the reason and the ways out. */
export class VerdictView extends AppElement {
  static override properties = {
    verdict: { attribute: false },
    dpi: { type: Number },
    unit: {},
  };

  declare verdict: Verdict | null;
  /** The density that will be written, pixels per inch; null when none is known. */
  declare dpi: number | null;
  declare unit: LengthUnit;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }

      .output {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        column-gap: var(--wa-space-s);
        font-size: var(--wa-font-size-l);
        font-weight: var(--wa-font-weight-semibold);
        line-height: 1.35;
        font-variant-numeric: tabular-nums;
      }

      .details {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }

      .refusal {
        margin-top: var(--wa-space-s);
        padding: var(--wa-space-s) var(--wa-space-m);
        border-radius: var(--wa-border-radius-m);
        background: color-mix(in oklab, var(--wa-color-warning-fill-quiet) 60%, var(--wa-color-surface-raised));
        color: var(--wa-color-text-normal);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }

      .reason {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--wa-space-xs);
      }

      .reason wa-icon {
        margin-top: 0.2em;
        color: var(--wa-color-warning-on-quiet);
      }

      .fixes {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-xs);
        margin-top: var(--wa-space-s);
      }

      ul {
        margin-top: var(--wa-space-xs);
        list-style: none;
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }
    `,
  ];

  #details(verdict: Verdict): string {
    const megapixels = formatMegapixels(pixelCount(verdict.output));
    if (this.dpi === null) return megapixels;
    const { width, height } = verdict.output;
    const length = (pixels: number): string => formatNumber(fromInches(pixels / this.dpi!, this.unit), 1);
    const print = `${length(width)} × ${length(height)} ${this.unit}`;
    return msg(str`${megapixels} · ${print} at ${formatNumber(this.dpi, 1)} DPI`);
  }

  protected override render(): unknown {
    const { verdict } = this;
    if (verdict === null) return html`<p class="details">${msg('Reading the picture …')}</p>`;
    const { refusal, fixes, notes } = verdict;
    return html`
      <p class="output">${msg(str`${formatSize(verdict.output)} px`)}</p>
      <p class="details">${this.#details(verdict)}</p>
      ${
        refusal === null
          ? nothing
          : html`<div class="refusal">
              <div class="reason">
                <wa-icon name="alert"></wa-icon>
                <p><strong>${refusal.message}</strong> ${refusal.remedy}</p>
              </div>
              <div class="fixes">
                ${fixes.map(
                  (fix) =>
                    html`<wa-button
                      size="s"
                      variant="neutral"
                      appearance="outlined"
                      @click=${() => act(this, { kind: 'change', change: fix.change })}
                      >${fix.label}</wa-button
                    >`,
                )}
              </div>
            </div>`
      }
      ${
        notes.length === 0
          ? nothing
          : html`<ul>
              ${notes.map((note) => html`<li>${note}</li>`)}
            </ul>`
      }
    `;
  }
}

customElements.define('verdict-view', VerdictView);
