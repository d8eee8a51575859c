import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { DestinationKind, DestinationState } from '../app/destination.ts';
import { formatBytes, formatDuration, pictureCount, roughly } from '../app/format-text.ts';
import type { Problem } from '../app/picture.ts';
import { act } from './actions.ts';
import { AppElement } from './app-element.ts';
import { choiceField } from './choice-field.ts';
import { sharedStyles } from './shared-styles.ts';

const kindLabels = (): Readonly<Record<DestinationKind, string>> => ({
  folder: msg('Folder'),
  file: msg('Save as …'),
  download: msg('Download'),
});

/** Where to save, and the button that starts or ends the work. */
export class StartBar extends AppElement {
  static override properties = {
    destination: { attribute: false },
    running: { type: Boolean },
    startable: { type: Number },
    status: {},
    seen: {},
    refusal: { attribute: false },
    total: { attribute: false },
    freeBytes: { type: Number },
  };

  declare destination: DestinationState;
  declare running: boolean;
  /** How many pictures Start would take. */
  declare startable: number;
  /** What is announced; after a run, what is seen, too. */
  declare status: string;
  /** What is seen in its place during a run: announced, it would never be silent. */
  declare seen: string;
  /** Why Start takes none of the pictures; null when nothing is in the way. */
  declare refusal: Problem | null;
  /** What all of them will take together, about: bytes and milliseconds. */
  declare total: { readonly bytes: number; readonly ms: number };
  /** Bytes that the browser's storage has left; null where it does not tell. */
  declare freeBytes: number | null;
  #keepFocus = false;

  static override styles = [
    sharedStyles,
    css`
      /* Where the page scrolls as a whole, the frame says through these properties that the line with Start stays in sight. */
      :host {
        display: var(--start-display, grid);
        gap: var(--wa-space-s);
      }

      .line {
        position: sticky;
        z-index: 2;
        inset-block-end: 0;
        display: grid;
        gap: var(--wa-space-2xs);
        padding: var(--start-line-padding, 0);
        border-block-start: var(--start-line-border, 0) solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
      }

      /* Where a line is a good part of the window, it waits at the end. */
      @media (max-height: 17.99rem) {
        .line {
          position: static;
        }
      }

      wa-select::part(form-control-label) {
        display: var(--start-label, block);
      }

      .row {
        --least-field: 0;
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        gap: var(--wa-space-s);
        align-items: end;
      }

      wa-button::part(base) {
        padding-inline: var(--wa-space-xs);
      }

      .row.alone {
        grid-template-columns: 1fr;
      }

      .hint {
        margin: var(--start-note-margin, 0);
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
        overflow-wrap: anywhere;
      }

      @media (max-width: 899px) {
        .hint.optional {
          display: none;
        }
      }

      .hint.caution {
        color: var(--wa-color-warning-on-quiet);
      }

      /* An empty announcement takes no room, and stays in the accessibility tree. */
      .status:empty {
        position: absolute;
      }

      .status:not(:empty) {
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
        line-height: 1.5;
        font-variant-numeric: tabular-nums;
        overflow-wrap: anywhere;
      }

      .link {
        padding: 0;
        border: 0;
        background: none;
        color: var(--wa-color-text-link);
        font: inherit;
        text-decoration: underline;
        text-underline-offset: 0.15em;
        cursor: pointer;
      }

      .link:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }
    `,
  ];

  protected override willUpdate(changed: PropertyValues<this>): void {
    this.#keepFocus = changed.has('running') && this.shadowRoot?.activeElement?.localName === 'wa-button';
  }

  /** Start and Cancel take each other's place; who works by keys must not be thrown out of it. */
  protected override async updated(): Promise<void> {
    const button = this.renderRoot.querySelector('wa-button');
    if (!this.#keepFocus || button === null) return;
    await button.updateComplete;
    button.focus();
  }

  /** What several pictures will take together, and whether the browser's storage has room for it. */
  #total(): TemplateResult | typeof nothing {
    const { bytes, ms } = this.total;
    if (this.startable < 2 || bytes === 0) return nothing;
    const all = msg(
      str`${pictureCount(this.startable)}: about ${formatBytes(roughly(bytes))}, ${formatDuration(roughly(ms))}.`,
    );
    const { kind, offered } = this.destination;
    const short = kind === 'download' && this.freeBytes !== null && bytes > this.freeBytes;
    if (!short) return html`<p class="hint numbers">${all}</p>`;
    return html`<p class="hint caution">
      ${all} ${msg(str`The browser's storage has ${formatBytes(roughly(this.freeBytes!))} left.`)}
      ${
        offered.includes('folder')
          ? html`<button class="link" @click=${() => act(this, { kind: 'destination', destination: 'folder' })}>
              ${msg('Save to a folder instead')}
            </button>`
          : nothing
      }
    </p>`;
  }

  #hint(): TemplateResult {
    const { kind, folder, notice } = this.destination;
    const { refusal } = this;
    if (refusal !== null) return html`<p class="hint caution">${refusal.message} ${refusal.remedy}</p>`;
    if (notice !== '') return html`<p class="hint">${notice}</p>`;
    switch (kind) {
      case 'folder':
        return folder === null
          ? html`<p class="hint optional">${msg('Start asks for a folder. Nothing there is overwritten.')}</p>`
          : html`<p class="hint">
              ${
                folder.name === ''
                  ? msg('Into the folder, under new names.')
                  : msg(str`Into “${folder.name}”, under new names.`)
              }
              <button class="link" @click=${() => act(this, { kind: 'change-folder' })}>${msg('Change')}</button>
            </p>`;
      case 'file':
        return html`<p class="hint caution">
          ${msg('Give a new name: an existing file chosen there is emptied by the browser at once.')}
        </p>`;
      case 'download':
        return html`<p class="hint optional">${msg('Kept by the browser until you save it.')}</p>`;
      default:
        return kind satisfies never;
    }
  }

  #destination(): TemplateResult | typeof nothing {
    const { kind, offered } = this.destination;
    if (offered.length < 2 || this.running) return nothing;
    const labels = kindLabels();
    return choiceField({
      label: msg('Save to'),
      value: kind,
      choices: offered.map((value) => ({ value, label: labels[value] })),
      onChoose: (destination) => act(this, { kind: 'destination', destination }),
    });
  }

  protected override render(): unknown {
    const { running, startable } = this;
    return html`
      <div class="line">
        ${running ? html`<p class="status" aria-hidden="true">${this.seen}</p>` : nothing}
        <p class="status ${running ? 'visually-hidden' : ''}" role="status">${this.status}</p>
        <div class="row ${this.destination.offered.length < 2 || running ? 'alone' : ''}">
          ${this.#destination()}
          ${
            running
              ? html`<wa-button size="s" variant="neutral" @click=${() => act(this, { kind: 'cancel' })}
                  >${msg('Cancel')}</wa-button
                >`
              : html`<wa-button
                  size="s"
                  variant="brand"
                  ?disabled=${startable === 0}
                  @click=${() => act(this, { kind: 'start' })}
                  ><wa-icon slot="start" name="enlarge"></wa-icon>${msg('Start')}</wa-button
                >`
          }
        </div>
      </div>
      ${running ? nothing : html`${this.#total()}${this.#hint()}`}
    `;
  }
}

customElements.define('start-bar', StartBar);
