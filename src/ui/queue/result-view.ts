import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/details/details.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import {
  formatBytes,
  formatDuration,
  formatMegapixels,
  formatNumber,
  formatShare,
  formatSize,
} from '../../app/format-text.ts';
import type { ResultPlace } from '../../app/picture.ts';
import { receiptSentences, type ReceiptSentences } from '../../app/receipt-text.ts';
import { isUnedited, type Crop } from '../../core/edit/edit.ts';
import { pixelCount } from '../../core/geometry.ts';
import type { Receipt } from '../../core/job.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { engineLabels, kernelChoices, labelOf, methodChoices } from '../labels.ts';
import { sharedStyles } from '../shared-styles.ts';

/** What models did, if any. */
function modelRow({ ai }: Receipt): readonly (readonly [string, string])[] {
  // Receipts of the first versions know nothing of models.
  if (ai == null) return [];
  const names = ai.passes.map(({ model }) => model).join(' → ');
  const tiles = msg(str`Tiles: ${formatNumber(ai.tiles)}, from before: ${formatNumber(ai.cached)}`);
  return [[msg('AI model'), [names, ai.backends.join(', '), tiles].filter(Boolean).join(' · ')]];
}

/** What was done to the source before it got its size, if anything: turned, mirrored, straightened and cropped, in that order. */
function editRow({ options: { edit } }: Receipt): readonly (readonly [string, string])[] {
  // Receipts of the first versions know nothing of edits.
  if (edit == null || isUnedited(edit)) return [];
  const { quarterTurns, mirror, flip, straighten, crop } = edit;
  const degrees = (value: number): string => msg(str`${formatNumber(value, 1)}°`);
  const parts = [
    ['', msg('Turn right'), degrees(180), msg('Turn left')][quarterTurns],
    mirror ? msg('Mirror left to right') : '',
    flip ? msg('Mirror top to bottom') : '',
    straighten === 0 ? '' : msg(str`straightened by ${formatNumber(straighten, 1)}°`),
    crop === null ? '' : cropText(crop),
  ];
  return [[msg('Crop and turn'), parts.filter(Boolean).join(' · ')]];
}

function cropText(crop: Crop): string {
  const { kind, width, height } = crop;
  switch (kind) {
    case 'rect':
      return msg(str`${formatSize(crop)} px`);
    case 'part':
      return `${formatShare(width)} × ${formatShare(height)}`;
    case 'aspect':
      return `${formatNumber(width, 2)}:${formatNumber(height, 2)}`;
    default:
      return kind satisfies never;
  }
}

/** The quality of a lossy file: the one that was found, where the file had to keep to a limit. */
function qualityRow({ output, options }: Receipt): readonly (readonly [string, string])[] {
  if (output.quality === undefined) return [];
  const limit = options.maxBytes == null ? [] : [`${msg('At most')} ${formatBytes(options.maxBytes)}`];
  return [[msg('Quality'), [formatNumber(output.quality), ...limit].join(' · ')]];
}

/** The rows of a receipt for reading; the whole of it is in the JSON. */
function receiptRows(
  receipt: Receipt,
  { engineReason, kept, dropped, warnings }: ReceiptSentences,
): readonly (readonly [string, string])[] {
  const { options, output, timings } = receipt;
  const seconds = (ms: number): string => formatDuration(ms);
  return [
    [msg('Input'), msg(str`${formatSize(receipt.input)} px, ${receipt.input.format.toUpperCase()}`)],
    [msg('Output'), msg(str`${formatSize(output)} px, ${output.format.toUpperCase()}, ${output.depth} bits`)],
    ...qualityRow(receipt),
    ...editRow(receipt),

    [msg('Resampling'), `${labelOf(kernelChoices(), options.kernel)} · ${labelOf(methodChoices(), options.method)}`],
    [msg('Light'), options.linear ? msg('Linear') : msg('As encoded')],
    ...modelRow(receipt),
    [msg('Engine'), `${engineLabels()[receipt.engine]}. ${engineReason}`],
    [msg('Decoding'), seconds(timings.decode)],
    [msg('Computing'), seconds(timings.compute)],
    [msg('Writing'), seconds(timings.write)],
    [msg('Peak buffers'), formatBytes(receipt.ledgerPeakBytes)],
    [msg('Kept'), kept.join(' ') || msg('nothing')],
    [msg('Dropped'), dropped.join(' ') || msg('nothing')],
    ...warnings.map((warning) => [msg('Note'), warning] as const),
  ];
}

/** A finished file: what it is, how long it took, where it lies, and its receipt. */
export class ResultView extends AppElement {
  static override properties = {
    receipt: { attribute: false },
    place: { attribute: false },
    saved: { type: Boolean },
    pictureId: { type: Number },
  };

  declare receipt: Receipt;
  declare place: ResultPlace;
  /** It was handed to the browser's downloads. */
  declare saved: boolean;
  declare pictureId: number;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
      }

      .summary {
        line-height: 1.5;
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }

      .facts bdi {
        white-space: nowrap;
      }

      .where {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--wa-space-2xs);
        font-weight: var(--wa-font-weight-semibold);
      }

      .where wa-icon {
        margin-top: 0.25em;
        color: var(--wa-color-success-on-quiet);
      }

      .actions {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-xs);
      }

      dl {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--wa-space-2xs) var(--wa-space-m);
        margin-bottom: var(--wa-space-m);
        line-height: 1.5;
      }

      dt {
        color: var(--wa-color-text-quiet);
      }

      dd {
        overflow-wrap: anywhere;
      }

      wa-details {
        --spacing: 0;
      }

      wa-details::part(header) {
        justify-content: start;
        gap: var(--wa-space-xs);
        padding: 0;
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
      }

      wa-details::part(content) {
        padding-block: var(--wa-space-s) 0;
      }
    `,
  ];

  #where(): string {
    const { place, receipt } = this;
    const { name } = receipt.output;
    if (place.kind === 'file') return msg(str`Saved as ${place.handle.name}`);
    if (place.kind === 'blob') return this.saved ? msg(str`${name}, saved`) : msg(str`${name}, ready to be saved`);
    if (place.handle.name === '') return msg(str`${name}, saved in the folder`);
    return msg(str`${name}, saved in “${place.handle.name}”`);
  }

  protected override render(): unknown {
    const { receipt, place, pictureId: id } = this;
    const { output, timings } = receipt;
    const speed = pixelCount(output) / 1e6 / Math.max(timings.total / 1000, 1e-3);
    const facts = [
      msg(str`${formatSize(output)} px`),
      formatMegapixels(pixelCount(output)),
      formatBytes(output.bytes),
      formatDuration(timings.total),
      // Of a small picture it says nothing.
      ...(speed < 1 ? [] : [msg(str`${formatNumber(speed)} MP/s`)]),
    ];
    return html`
      <div class="summary">
        <p class="where"><wa-icon name="check" label=${msg('Done')}></wa-icon>${this.#where()}</p>
        <p class="quiet facts">
          ${output.files === undefined ? nothing : msg(str`Files: ${formatNumber(output.files)}. `)}
          ${facts.map((fact, i) => html`<bdi>${fact}</bdi>${i === facts.length - 1 ? nothing : '\u00a0· '}`)}
        </p>
      </div>
      <div class="actions">
        ${
          place.kind === 'blob'
            ? html`<wa-button
                size="s"
                variant=${this.saved ? 'neutral' : 'brand'}
                appearance=${this.saved ? 'outlined' : 'accent'}
                @click=${() => act(this, { kind: 'save-result', id })}
              >
                <wa-icon slot="start" name="download"></wa-icon>${msg('Save as')}
              </wa-button>`
            : nothing
        }
        ${
          output.files === undefined
            ? html`<wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'open-result', id })}>
                <wa-icon slot="start" name="open"></wa-icon>${msg('Open')}
              </wa-button>`
            : nothing
        }
      </div>
      <wa-details summary=${msg('Receipt')} appearance="plain" icon-placement="start">
        <dl class="numbers">
          ${receiptRows(receipt, receiptSentences(receipt)).map(
            ([label, value]) =>
              html`<dt>${label}</dt>
                <dd>${value}</dd>`,
          )}
        </dl>
        <wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'save-receipt', id })}>
          <wa-icon slot="start" name="receipt"></wa-icon>${msg('Save receipt')}
        </wa-button>
      </wa-details>
    `;
  }
}

customElements.define('result-view', ResultView);
