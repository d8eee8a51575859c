import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { Fix } from '../../app/fixes.ts';
import {
  formatBytes,
  formatDuration,
  formatMegapixels,
  formatNumber,
  formatSize,
  lengthUnit,
  roughly,
} from '../../app/format-text.ts';
import { fromInches, type LengthUnit } from '../../app/size-settings.ts';
import type { Estimate, Verdict } from '../../app/verdict.ts';
import { pixelCount } from '../../core/geometry.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

/** The size that will come out and what it will take, whether it fits and, where it does not, the reason and the ways out. */
export class VerdictView extends AppElement {
  static override properties = {
    verdict: { attribute: false },
    dpi: { type: Number },
    unit: {},
    freeBytes: { type: Number },
  };

  declare verdict: Verdict | null;
  /** The density that will be written, pixels per inch; null when none is known. */
  declare dpi: number | null;
  declare unit: LengthUnit;
  /** Bytes that the browser's storage has left, where the file goes there; else null. */
  declare freeBytes: number | null;

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

      .estimate {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(5.5rem, 1fr));
        gap: var(--wa-space-2xs) var(--wa-space-s);
        margin-top: var(--wa-space-xs);
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
        line-height: 1.4;
      }

      dt {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-xs);
      }

      .fits {
        display: flex;
        align-items: center;
        gap: 0.4em;
        margin-top: var(--wa-space-xs);
        color: var(--wa-color-success-on-quiet);
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }

      .fits .quiet {
        font-weight: var(--wa-font-weight-normal);
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

      .overhang {
        margin-top: var(--wa-space-xs);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }

      .overhang + .fixes {
        margin-top: var(--wa-space-xs);
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
    const print = `${length(width)} × ${length(height)} ${lengthUnit(this.unit)}`;
    return msg(str`${megapixels} · ${print} at ${formatNumber(this.dpi, 1)} DPI`);
  }

  #estimate({ bytes, time, memoryBytes }: Estimate): unknown {
    const about = (value: string): string => msg(str`about ${value}`);
    const row = (label: string, value: string, title = ''): unknown =>
      html`<div title=${title}>
        <dt>${label}</dt>
        <dd>${value}</dd>
      </div>`;
    const basis =
      time.jobs === 0
        ? msg('A first guess: it becomes better with each job on this device.')
        : msg(str`Measured on this device. Jobs of this kind: ${formatNumber(time.jobs)}.`);
    return html`<dl class="estimate">
      ${row(msg('File size'), about(formatBytes(roughly(bytes))))}
      ${row(msg('Time'), about(formatDuration(roughly(time.ms))), basis)}
      ${memoryBytes === null ? nothing : row(msg('Memory'), msg(str`up to ${formatBytes(roughly(memoryBytes))}`))}
      ${this.freeBytes === null ? nothing : row(msg('Free in the browser'), formatBytes(roughly(this.freeBytes)))}
    </dl>`;
  }

  #fix(fix: Fix): unknown {
    const action =
      'change' in fix
        ? ({ kind: 'change', change: fix.change } as const)
        : ({ kind: 'destination', destination: fix.destination } as const);
    return html`<wa-button size="s" variant="neutral" appearance="outlined" @click=${() => act(this, action)}
      >${fix.label}</wa-button
    >`;
  }

  #standing({ refusal, caution, fixes }: Verdict): unknown {
    const problem = refusal ?? caution;
    if (problem === null) {
      return html`<p class="fits"><wa-icon name="check"></wa-icon>${msg('Fits')}</p>`;
    }
    return html`<div class="refusal" role="status">
      <div class="reason">
        <wa-icon name="alert"></wa-icon>
        <p><strong>${problem.message}</strong> ${problem.remedy}</p>
      </div>
      ${fixes.length === 0 ? nothing : html`<div class="fixes">${fixes.map((fix) => this.#fix(fix))}</div>`}
    </div>`;
  }

  protected override render(): unknown {
    const { verdict } = this;
    if (verdict === null) return html`<p class="details">${msg('Reading the picture …')}</p>`;
    const { notes, overhang, estimate } = verdict;
    return html`
      <p class="output">${msg(str`${formatSize(verdict.output)} px`)}</p>
      <p class="details">${this.#details(verdict)}</p>
      ${estimate === null ? nothing : this.#estimate(estimate)} ${this.#standing(verdict)}
      ${
        overhang === null
          ? nothing
          : html`<p class="overhang">${overhang.note}</p>
              <div class="fixes">${this.#fix(overhang.fix)}</div>`
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
