import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { formatBytes, formatDate, formatDuration, formatSize } from '../../app/format-text.ts';
import { stemOf } from '../../app/output-name.ts';
import { problemOf } from '../../app/error-text.ts';
import type { Problem } from '../../app/picture.ts';
import { receiptFile } from '../../app/receipt-text.ts';
import { resultFile } from '../../app/results.ts';
import type { HistoryRecord } from '../../cache/schema.ts';
import { download, openInTab } from '../../platform/files.ts';
import { AppDialog } from '../app-dialog.ts';
import { problemStyles, problemView } from '../problem-view.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';

/** Finished jobs of this and earlier visits, with small pictures: to open their files, and to repeat them from their receipts. */
export class HistoryDialog extends AppDialog {
  static override properties = { ...AppDialog.properties, problem: { state: true } };
  declare protected problem: Problem | null;
  /** Addresses of small pictures, given back when the dialog goes. */
  readonly #urls = new Map<Blob, string>();

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      wa-dialog {
        --width: 40rem;
      }

      .body {
        display: grid;
        gap: var(--wa-space-m);
      }

      ul {
        list-style: none;
      }

      li {
        display: grid;
        grid-template-columns: 3.5rem minmax(0, 1fr);
        gap: var(--wa-space-2xs) var(--wa-space-m);
        align-items: center;
        padding-block: var(--wa-space-s);
        border-block-end: 1px solid var(--wa-color-surface-border);
        line-height: 1.5;
      }

      .picture {
        display: grid;
        place-items: center;
        width: 3.5rem;
        height: 3.5rem;
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        color: var(--wa-color-text-quiet);
        overflow: hidden;
      }

      img {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }

      .name {
        font-weight: var(--wa-font-weight-semibold);
        overflow-wrap: anywhere;
      }

      .buttons {
        grid-column: 2;
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-2xs);
      }
    `,
  ];

  constructor() {
    super();
    this.problem = null;
    new StoreController(this, () => [this.app.history]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.app.history.load();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    this.#urls.clear();
  }

  #url(thumbnail: Blob): string {
    const url = this.#urls.get(thumbnail) ?? URL.createObjectURL(thumbnail);
    this.#urls.set(thumbnail, url);
    return url;
  }

  async #open({ place }: HistoryRecord): Promise<void> {
    if (place === null || place.kind === 'private') return;
    try {
      openInTab(await resultFile(place));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  #saveReceipt({ receipt }: HistoryRecord): void {
    download(receiptFile(receipt), `${stemOf(receipt.output.name)}.receipt.json`);
  }

  async #repeat({ receipt }: HistoryRecord): Promise<void> {
    const file = new File([receiptFile(receipt)], 'receipt.json', { type: 'application/json' });
    this.close();
    // A receipt that is dropped does the same: it waits for its picture where that is not in the list.
    await this.app.add([{ file, handle: null }]);
  }

  #row(record: HistoryRecord): TemplateResult {
    const { receipt, thumbnail, ended, place } = record;
    const { output, timings } = receipt;
    const openable = output.files === undefined && (place?.kind === 'folder' || place?.kind === 'file');
    const button = (label: string, icon: string, run: () => void): TemplateResult =>
      html`<wa-button size="xs" appearance="outlined" @click=${run}>
        <wa-icon slot="start" name=${icon}></wa-icon>${label}<span class="visually-hidden">: ${output.name}</span>
      </wa-button>`;
    return html`<li>
      <span class="picture">
        ${
          thumbnail === null
            ? html`<wa-icon name="image"></wa-icon>`
            : html`<img src=${this.#url(thumbnail)} alt="" width="56" height="56" />`
        }
      </span>
      <div>
        <p class="name">${output.name}</p>
        <p class="quiet small numbers">
          <bdi>${msg(str`${formatSize(output)} px`)}</bdi> · <bdi>${formatBytes(output.bytes)}</bdi> ·
          <bdi>${formatDuration(timings.total)}</bdi> · <bdi>${formatDate(ended)}</bdi>
        </p>
      </div>
      <div class="buttons">
        ${openable ? button(msg('Open'), 'open', () => void this.#open(record)) : nothing}
        ${button(msg('Repeat'), 'again', () => void this.#repeat(record))}
        ${button(msg('Receipt'), 'receipt', () => this.#saveReceipt(record))}
      </div>
    </li>`;
  }

  protected override render(): unknown {
    const records = this.app.history.value;
    return html`
      <wa-dialog open light-dismiss label=${msg('History')} @wa-after-hide=${this.onHidden}>
        <div class="body">
          ${this.problem === null ? nothing : problemView(this.problem)}
          ${
            records.length === 0
              ? html`<p class="quiet small">${msg('Nothing has been enlarged yet.')}</p>`
              : html`<ul>
                    ${repeat(
                      records,
                      (record) => record.id,
                      (record) => this.#row(record),
                    )}
                  </ul>
                  <wa-button size="s" appearance="outlined" @click=${() => void this.app.history.clear()}
                    >${msg('Clear the history')}</wa-button
                  >`
          }
        </div>
      </wa-dialog>
    `;
  }
}

customElements.define('history-dialog', HistoryDialog);
