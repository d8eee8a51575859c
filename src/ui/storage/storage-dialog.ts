import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes } from '../../app/format-text.ts';
import { STAGING_CHOICES, type StagingChoice } from '../../app/staging.ts';
import { CLEARABLE, type ClearableKind } from '../../app/storage.ts';
import { STORED_KINDS, type StoredKind } from '../../app/stored-parts.ts';
import { AppDialog } from '../app-dialog.ts';
import { choiceField } from '../choice-field.ts';
import { problemStyles, problemView } from '../problem-view.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';

interface KindTexts {
  readonly label: string;
  readonly hint: string;
}

const kindTexts = (): Readonly<Record<StoredKind, KindTexts>> => ({
  app: { label: msg('The app itself'), hint: msg('Needed to open it without a connection.') },
  models: { label: msg('Models of the app'), hint: msg('Loaded again when they are used.') },
  'own-models': { label: msg('Your own models'), hint: msg('Removed where models are chosen.') },
  tiles: { label: msg('Tiles of models'), hint: msg('Spare time when a picture is enlarged again.') },
  results: { label: msg('Results not saved yet'), hint: msg('Clearing deletes them for good.') },
  inputs: { label: msg('Copies of pictures'), hint: msg('They go with the pictures of the list.') },
  stages: { label: msg('Finished parts of unfinished jobs'), hint: msg('Without them these jobs begin again.') },
});

const stagingLabels = (): Readonly<Record<StagingChoice, string>> => ({
  long: msg('For jobs longer than a minute'),
  always: msg('For every job that allows it'),
  never: msg('Never'),
});

/** What the app keeps in the browser's storage, how much room there is, and the ways to have it back. */
export class StorageDialog extends AppDialog {
  static override properties = { ...AppDialog.properties, asked: { state: true } };
  /** The kind whose button has been pressed once, where it takes two. */
  declare protected asked: ClearableKind | null;

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      wa-dialog {
        --width: 38rem;
      }

      .body {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-l);
        line-height: 1.5;
      }

      section {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-s);
        justify-items: start;
      }

      wa-progress-bar,
      wa-select,
      ul {
        width: 100%;
      }

      ul {
        display: grid;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto minmax(5rem, auto);
        align-items: center;
        gap: 0 var(--wa-space-m);
        min-height: 3.25rem;
        padding-block: var(--wa-space-2xs);
        border-block-end: 1px solid var(--wa-color-surface-border);
      }

      li:last-child {
        border: 0;
      }

      .bytes {
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }

      li wa-button {
        justify-self: end;
      }

      h3 {
        font-size: var(--wa-font-size-m);
        font-weight: var(--wa-font-weight-semibold);
      }

      @media (width < 30rem) {
        li {
          grid-template-columns: minmax(0, 1fr) auto;
        }

        li > :first-child {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.asked = null;
    new StoreController(this, () => [this.app.storage, this.app.staging]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.app.storage.refresh();
  }

  #room(): TemplateResult {
    const { room, bytes } = this.app.storage.value;
    if (room === null && bytes === null)
      return html`<wa-progress-bar indeterminate label=${msg('Storage used')}></wa-progress-bar>`;
    if (room === null) return html`<p class="quiet">${msg('The browser does not tell how much room there is.')}</p>`;
    const { used, quota, persistent } = room;
    return html`
      <section>
        <p>${msg(str`${formatBytes(used)} of ${formatBytes(quota)} used`)}</p>
        <wa-progress-bar
          label=${msg('Storage used')}
          .value=${quota === 0 ? 0 : Math.min(100, Math.ceil((used / quota) * 100))}
        ></wa-progress-bar>
        <p class="quiet small">
          ${
            persistent
              ? msg('The browser keeps it even when the disk fills up.')
              : msg('The browser may clear it when the disk fills up.')
          }
        </p>
        ${
          persistent
            ? nothing
            : html`<wa-button size="s" appearance="outlined" @click=${() => void this.#persist()}
                >${msg('Keep it for good')}</wa-button
              >`
        }
      </section>
    `;
  }

  async #persist(): Promise<void> {
    await this.app.storage.keepForGood();
    await this.app.storage.refresh();
  }

  #clear(kind: ClearableKind): void {
    // What nobody can compute again is asked for twice.
    if (kind === 'results' && this.asked !== kind) {
      this.asked = kind;
      return;
    }
    this.asked = null;
    void this.app.storage.clear(kind);
  }

  #kind(kind: StoredKind): TemplateResult {
    const { label, hint } = kindTexts()[kind];
    const bytes = this.app.storage.value.bytes?.[kind];
    const clearable = CLEARABLE.find((one) => one === kind);
    const sure = this.asked === kind;
    return html`<li>
      <span>${label}<br /><span class="quiet small">${hint}</span></span>
      <span class="bytes">${bytes == null ? '–' : formatBytes(bytes)}</span>
      ${
        clearable === undefined
          ? nothing
          : html`<wa-button
              size="s"
              appearance=${sure ? 'filled' : 'outlined'}
              variant=${sure ? 'danger' : 'neutral'}
              ?disabled=${bytes == null || bytes === 0}
              @click=${() => this.#clear(clearable)}
              >${sure ? msg('Delete') : msg('Clear')}<span class="visually-hidden">: ${label}</span></wa-button
            >`
      }
    </li>`;
  }

  #offline(): TemplateResult | typeof nothing {
    const { offline, loading } = this.app.storage.value;
    if (offline === null) return nothing;
    const { total, missing } = offline;
    const share = total === 0 ? 100 : Math.floor((1 - missing / total) * 100);
    return html`
      <section>
        <h3>${msg('Without a connection')}</h3>
        <p role="status">
          ${
            missing === 0
              ? msg(str`Everything is available offline: ${formatBytes(total)}.`)
              : msg('What you have used works offline already. The rest is loaded when it is first used.')
          }
        </p>
        ${loading ? html`<wa-progress-bar label=${msg('Loading')} .value=${share}></wa-progress-bar>` : nothing}
        ${
          missing === 0
            ? nothing
            : loading
              ? html`<wa-button size="s" @click=${() => this.app.storage.stopOffline()}>${msg('Stop')}</wa-button>`
              : html`<wa-button size="s" variant="brand" @click=${() => void this.app.storage.makeOffline()}
                  >${msg(str`Make everything available offline (${formatBytes(missing)})`)}</wa-button
                >`
        }
      </section>
    `;
  }

  protected override render(): unknown {
    const { problem } = this.app.storage.value;
    const labels = stagingLabels();
    return html`
      <wa-dialog open light-dismiss label=${msg('Storage')} @wa-after-hide=${this.onHidden}>
        <div class="body">
          ${problem === null ? nothing : problemView(problem)} ${this.#room()}
          <ul>
            ${STORED_KINDS.map((kind) => this.#kind(kind))}
          </ul>
          ${this.#offline()}
          <section>
            ${choiceField({
              label: msg('Keep finished parts for the case of a crash'),
              value: this.app.staging.value,
              choices: STAGING_CHOICES.map((value) => ({ value, label: labels[value] })),
              hint: msg('For PNG, JPEG and TIFF. It takes as much room as the file until the job has ended.'),
              onChoose: (choice) => this.app.staging.choose(choice),
            })}
          </section>
        </div>
      </wa-dialog>
    `;
  }
}

customElements.define('storage-dialog', StorageDialog);
