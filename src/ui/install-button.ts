import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { installation } from '../app/installation.ts';
import { AppElement } from './app-element.ts';
import { StoreController } from './store-controller.ts';

/** Installs the app; there only while the browser offers it. */
export class InstallButton extends AppElement {
  constructor() {
    super();
    new StoreController(this, () => [installation]);
  }

  protected override render(): unknown {
    const install = installation.value;
    if (install === null) return nothing;
    const label = msg('Install the app');
    return html`<wa-button appearance="plain" size="s" title=${label} @click=${() => void install()}>
      <wa-icon name="install" label=${label}></wa-icon>
    </wa-button>`;
  }
}

customElements.define('install-button', InstallButton);
