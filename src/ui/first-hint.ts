import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { App } from '../app/app.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';

/** Says on the first visit what to do next; goes away for good when it is closed, or when a job was started. */
export class FirstHint extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }

      :host(:not([open])) {
        display: none;
      }

      .hint {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--wa-space-xs);
        padding-block: var(--wa-space-xs);
        padding-inline: var(--wa-space-m) var(--wa-space-xs);
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-brand-fill-quiet);
        color: var(--wa-color-brand-on-quiet);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }

      p {
        padding-block: 0.2em;
      }

      /* A phone has no keys. */
      @media (pointer: coarse) {
        .keys {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.firstVisit]);
  }

  /** Where there is nothing to say, no gap is left for it. */
  protected override willUpdate(): void {
    this.toggleAttribute('open', this.app.firstVisit.value);
  }

  protected override render(): unknown {
    if (!this.app.firstVisit.value) return nothing;
    return html`
      <div class="hint">
        <p>${msg('Choose a size above, then Start.')} <span class="keys">${msg('Press ? for all shortcuts.')}</span></p>
        <wa-button size="xs" appearance="plain" @click=${() => this.app.firstVisit.end()}>
          <wa-icon name="close" label=${msg('Close the hint')}></wa-icon>
        </wa-button>
      </div>
    `;
  }
}

customElements.define('first-hint', FirstHint);
