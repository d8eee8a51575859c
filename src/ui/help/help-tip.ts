import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/popover/popover.js';
import { css, html } from 'lit';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

let nextId = 1;

/** A question mark that explains what it stands beside. The explanation is the content. */
export class HelpTip extends AppElement {
  static override properties = { label: {} };
  /** Says what is explained, for those who cannot see where it stands. */
  declare label: string;
  readonly #id = `help-${nextId++}`;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: inline-block;
        vertical-align: middle;
      }

      wa-button {
        color: var(--wa-color-text-quiet);
      }

      wa-button::part(base) {
        width: 1.5rem;
        height: 1.5rem;
        padding: 0;
      }

      wa-popover {
        --max-width: 22rem;
      }

      .content {
        max-height: 50vh;
        overflow-y: auto;
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-normal);
        line-height: 1.55;
      }
    `,
  ];

  constructor() {
    super();
    this.label = '';
  }

  protected override render(): unknown {
    return html`
      <wa-button id=${this.#id} appearance="plain" size="xs">
        <wa-icon name="help" label=${this.label}></wa-icon>
      </wa-button>
      <wa-popover for=${this.#id} placement="left-start"
        ><div class="content"><slot></slot></div
      ></wa-popover>
    `;
  }
}

customElements.define('help-tip', HelpTip);
