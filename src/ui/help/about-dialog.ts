import '@awesome.me/webawesome/dist/components/tab/tab.js';
import '@awesome.me/webawesome/dist/components/tab-group/tab-group.js';
import '@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes, formatNumber } from '../../app/format-text.ts';
import { APP_VERSION } from '../../pipeline/receipt.ts';
import { readDevice, type Device } from '../../platform/device.ts';
import { readRequests } from '../../platform/network-watch.ts';
import { AppDialog } from '../app-dialog.ts';
import { sharedStyles } from '../shared-styles.ts';
import { THIRD_PARTIES } from './third-party.ts';

/** Milliseconds between two looks at the count of requests. */
const LOOK_EVERY = 1000;

/** What this app is, what it does with data, what the machine offers, and who made its parts. */
export class AboutDialog extends AppDialog {
  static override properties = { ...AppDialog.properties, device: { state: true } };
  declare protected device: Device | null;
  #timer = 0;

  static override styles = [
    sharedStyles,
    css`
      wa-dialog {
        --width: 40rem;
      }

      wa-tab-panel {
        --padding: var(--wa-space-l) 0 0;
        min-height: 18rem;
      }

      wa-tab::part(base) {
        padding-inline: var(--wa-space-s);
      }

      .note {
        padding-block-start: var(--wa-space-m);
      }

      .text {
        display: grid;
        gap: var(--wa-space-m);
        max-width: 60ch;
        line-height: 1.6;
      }

      .count {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--wa-space-m);
        align-items: center;
        padding: var(--wa-space-m);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
      }

      .count strong {
        font-size: var(--wa-font-size-2xl);
        line-height: 1;
      }

      dl {
        display: grid;
        grid-template-columns: minmax(8rem, auto) minmax(0, 1fr);
        gap: var(--wa-space-xs) var(--wa-space-l);
      }

      dt {
        color: var(--wa-color-text-quiet);
      }

      dd {
        overflow-wrap: anywhere;
      }

      .scroll {
        max-height: 22rem;
        overflow: auto;
        scrollbar-width: thin;
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: var(--wa-font-size-s);
      }

      th,
      td {
        padding: var(--wa-space-2xs) var(--wa-space-xs);
        border-block-end: 1px solid var(--wa-color-surface-border);
        text-align: start;
        overflow-wrap: anywhere;
      }
    `,
  ];

  constructor() {
    super();
    this.device = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => this.requestUpdate(), LOOK_EVERY);
    void readDevice().then((device) => (this.device = device));
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  #about(): TemplateResult {
    return html`
      <div class="text">
        <p><strong>Pro Upscaler ${APP_VERSION}</strong></p>
        <p>${msg('Enlarges pictures in your own browser, up to gigapixels, and writes them straight to disk.')}</p>
        <p>${msg('Free and open source, under the MIT licence.')}</p>
      </div>
    `;
  }

  #privacy(): TemplateResult {
    const { own, foreign } = readRequests();
    return html`
      <div class="text">
        <p>
          ${msg('Your pictures are read, computed and written by this browser. They are never uploaded, and nobody counts what you do.')}
        </p>
        <div class="count">
          <strong class="numbers">${formatNumber(foreign)}</strong>
          <p>
            ${msg('requests to other places since this page was opened')}<br />
            <span class="quiet small">${msg(str`${formatNumber(own)} to where the app itself comes from`)}</span>
          </p>
        </div>
        <p class="quiet small">
          ${msg('The browser enforces it: a content security policy forbids connections to anywhere else.')}
        </p>
      </div>
    `;
  }

  #rows(device: Device): readonly (readonly [string, string])[] {
    const yes = (value: boolean): string => (value ? msg('yes') : msg('no'));
    const { storage, memoryGiB } = device;
    const free = storage === null ? 0 : Math.max(0, storage.quota - storage.used);
    return [
      [msg('Browser'), device.browser],
      [msg('Processors'), device.processors === 0 ? msg('not told') : formatNumber(device.processors)],
      [msg('Memory'), memoryGiB === null ? msg('not told') : msg(str`at least ${formatNumber(memoryGiB)} GiB`)],
      [msg('SIMD'), yes(device.simd)],
      [msg('Shared memory and threads'), yes(device.sharedMemory)],
      [msg('Graphics processor'), device.gpu ?? msg('none for WebGPU')],
      [msg('Writes into folders'), yes(device.folders)],
      [
        msg('Storage of the browser'),
        storage === null
          ? msg('not told')
          : msg(str`${formatBytes(storage.used)} used, ${formatBytes(free)} free`) +
            (storage.persistent ? ` · ${msg('persistent')}` : ''),
      ],
    ];
  }

  #device(): TemplateResult {
    if (this.device === null) return html`<p class="quiet">${msg('Looking …')}</p>`;
    return html`
      <dl class="numbers">
        ${this.#rows(this.device).map(
          ([label, value]) =>
            html`<dt>${label}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
      <p class="quiet small note">
        ${msg(
          'A page can use one graphics processor, the one that the browser picks; several cannot work together. Where it picks the slower one, the graphics settings of the system can give the browser the other.',
        )}
      </p>
    `;
  }

  #licences(): TemplateResult {
    return html`
      <div class="scroll" tabindex="0" role="region" aria-label=${msg('Licences')}>
        <table>
          <thead>
            <tr>
              <th scope="col">${msg('Part')}</th>
              <th scope="col">${msg('Version')}</th>
              <th scope="col">${msg('Licence')}</th>
            </tr>
          </thead>
          <tbody>
            ${THIRD_PARTIES.map(
              ({ name, version, licence, home }) => html`
                <tr>
                  <td>${home === '' ? name : html`<a href=${home} target="_blank" rel="noreferrer">${name}</a>`}</td>
                  <td>${version}</td>
                  <td>${licence}</td>
                </tr>
              `,
            )}
          </tbody>
        </table>
      </div>
    `;
  }

  protected override render(): unknown {
    const tabs: readonly (readonly [string, string, TemplateResult])[] = [
      ['about', msg('About'), this.#about()],
      ['privacy', msg('Privacy'), this.#privacy()],
      ['device', msg('This device'), this.#device()],
      ['licences', msg('Licences'), this.#licences()],
    ];
    return html`
      <wa-dialog open light-dismiss label=${msg('About Pro Upscaler')} @wa-after-hide=${this.onHidden}>
        <wa-tab-group>
          ${tabs.map(([name, label]) => html`<wa-tab panel=${name}>${label}</wa-tab>`)}
          ${tabs.map(([name, , content]) => html`<wa-tab-panel name=${name}>${content ?? nothing}</wa-tab-panel>`)}
        </wa-tab-group>
      </wa-dialog>
    `;
  }
}

customElements.define('about-dialog', AboutDialog);
