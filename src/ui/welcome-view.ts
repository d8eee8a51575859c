import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import { act } from './actions.ts';
import { AppElement } from './app-element.ts';
import type { IconName } from './icons.ts';
import { sharedStyles } from './shared-styles.ts';

/** What the page shows before there is a picture. */
export class WelcomeView extends AppElement {
  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        align-content: safe center;
        justify-items: center;
        gap: clamp(var(--wa-space-xl), 6vh, var(--wa-space-3xl));
        padding: var(--wa-space-l) var(--wa-space-m);
      }

      .drop {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        justify-items: center;
        gap: var(--wa-space-m);
        width: min(100%, 52rem);
        padding: clamp(2rem, 7vh, 5rem) clamp(var(--wa-space-xs), 5vw, var(--wa-space-l));
        border: 1.5px dashed var(--wa-color-neutral-border-normal);
        border-radius: calc(var(--wa-border-radius-l) * 1.5);
        background: var(--wa-color-surface-raised);
        text-align: center;
      }

      h2 {
        max-width: 22ch;
        font-size: clamp(1.75rem, 1.2rem + 2.4vw, 3rem);
        font-weight: var(--wa-font-weight-bold);
        letter-spacing: -0.02em;
        line-height: 1.1;
        text-wrap: balance;
      }

      .by-touch {
        display: none;
      }

      /* Nothing can be dragged here from elsewhere. */
      @media (pointer: coarse) {
        .with-mouse {
          display: none;
        }

        .by-touch {
          display: block;
        }
      }

      .lead {
        max-width: 44ch;
        color: var(--wa-color-text-quiet);
        line-height: 1.55;
        text-wrap: pretty;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        justify-content: center;
        gap: var(--wa-space-s);
        max-width: 100%;
        margin-block-start: var(--wa-space-s);
      }

      .sample {
        display: inline-flex;
        align-items: center;
        gap: var(--wa-space-s);
        padding-block: 0;
        padding-inline: 0 var(--wa-space-m);
        border: 1px solid var(--wa-color-neutral-border-normal);
        border-radius: var(--wa-border-radius-m);
        background: none;
        color: inherit;
        font: inherit;
        font-size: var(--wa-font-size-m);
        overflow: hidden;
        cursor: pointer;
      }

      .sample:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }

      .sample:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }

      .sample img {
        width: 4.5rem;
        height: 3rem;
        object-fit: cover;
      }

      ul {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr));
        gap: var(--wa-space-l);
        width: min(100%, 52rem);
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
        margin-block-start: 0.1em;
        color: var(--wa-color-brand-on-quiet);
        font-size: 1.25em;
      }

      li strong {
        display: block;
        font-weight: var(--wa-font-weight-semibold);
      }
    `,
  ];

  #promise(icon: IconName, title: string, text: string): TemplateResult {
    return html`<li>
      <wa-icon name=${icon}></wa-icon>
      <p><strong>${title}</strong><span class="quiet">${text}</span></p>
    </li>`;
  }

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector('wa-button')?.focus(options);
  }

  protected override render(): unknown {
    return html`
      <div class="drop">
        <h2>${msg('Enlarge pictures, up to gigapixels')}</h2>
        <p class="lead with-mouse">
          ${msg('Drop pictures or folders anywhere, paste one, or open them from your disk.')}
        </p>
        <p class="lead by-touch">${msg('Open pictures from this device, or paste one.')}</p>
        <div class="buttons">
          <wa-button size="l" variant="brand" @click=${() => act(this, { kind: 'open-files' })}>
            <wa-icon slot="start" name="image"></wa-icon>${msg('Open pictures')}
          </wa-button>
          <wa-button size="l" appearance="outlined" @click=${() => act(this, { kind: 'open-folder' })}>
            <wa-icon slot="start" name="folder"></wa-icon>${msg('Open a folder')}
          </wa-button>
          <button class="sample" @click=${() => act(this, { kind: 'open-sample' })}>
            <img src="./sample.jpg" alt="" width="72" height="48" />${msg('Try a sample')}
          </button>
        </div>
      </div>
      <ul>
        ${this.#promise('lock', msg('Private'), msg('Your pictures never leave this machine.'))}
        ${this.#promise('enlarge', msg('Any size'), msg('From a thumbnail to a billboard, straight to disk.'))}
        ${this.#promise('check', msg('Faithful'), msg('Colour profile, EXIF, 16 bits and density are kept.'))}
      </ul>
    `;
  }
}

customElements.define('welcome-view', WelcomeView);
