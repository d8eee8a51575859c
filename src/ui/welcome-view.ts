import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import { act } from './actions.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';

/** What the page shows before there is a picture. */
export class WelcomeView extends AppElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        align-content: center;
        justify-items: center;
        gap: var(--wa-space-2xl);
        padding: var(--wa-space-l);
      }

      .drop {
        display: grid;
        justify-items: center;
        gap: var(--wa-space-m);
        width: min(100%, 46rem);
        padding: clamp(2.5rem, 8vw, 5.5rem) var(--wa-space-l);
        border: 1.5px dashed var(--wa-color-neutral-border-normal);
        border-radius: calc(var(--wa-border-radius-l) * 1.5);
        background: var(--wa-color-surface-raised);
        text-align: center;
      }

      h2 {
        max-width: 18ch;
        font-size: clamp(1.75rem, 1.2rem + 2.4vw, 2.75rem);
        font-weight: var(--wa-font-weight-bold);
        letter-spacing: -0.02em;
        line-height: 1.1;
        text-wrap: balance;
      }

      .lead {
        max-width: 38ch;
        color: var(--wa-color-text-quiet);
        line-height: 1.55;
        text-wrap: pretty;
      }

      wa-button {
        margin-top: var(--wa-space-s);
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr));
        gap: var(--wa-space-l);
        width: min(100%, 46rem);
        list-style: none;
      }

      li {
        display: grid;
        grid-template-columns: auto 1fr;
        gap: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
        text-wrap: pretty;
      }

      li wa-icon {
        margin-top: 0.1em;
        color: var(--wa-color-brand-on-quiet);
        font-size: 1.25em;
      }

      li strong {
        display: block;
        font-weight: var(--wa-font-weight-semibold);
      }
    `,
  ];

  protected override render(): unknown {
    return html`
      <div class="drop">
        <h2>${msg('Enlarge pictures, up to gigapixels')}</h2>
        <p class="lead">${msg('Drop pictures or folders anywhere, paste one, or open them from your disk.')}</p>
        <wa-button size="l" variant="brand" @click=${() => act(this, { kind: 'open-files' })}>
          <wa-icon slot="start" name="image"></wa-icon>${msg('Open pictures')}
        </wa-button>
      </div>
      <ul>
        <li>
          <wa-icon name="lock"></wa-icon>
          <p>
            <strong>${msg('Private')}</strong
            ><span class="quiet">${msg('Your pictures never leave this machine.')}</span>
          </p>
        </li>
        <li>
          <wa-icon name="enlarge"></wa-icon>
          <p>
            <strong>${msg('Any size')}</strong
            ><span class="quiet">${msg('From a thumbnail to a billboard, straight to disk.')}</span>
          </p>
        </li>
        <li>
          <wa-icon name="check"></wa-icon>
          <p>
            <strong>${msg('Faithful')}</strong
            ><span class="quiet">${msg('Colour profile, EXIF, 16 bits and density are kept.')}</span>
          </p>
        </li>
      </ul>
    `;
  }
}

customElements.define('welcome-view', WelcomeView);
