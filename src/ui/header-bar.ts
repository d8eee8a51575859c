import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { css, html, LitElement } from 'lit';
import { THEME_CHOICES, type ThemeChoice } from '../platform/theme.ts';
import { act } from './actions.ts';
import { sharedStyles } from './shared-styles.ts';

const THEME_LABELS: Readonly<Record<ThemeChoice, string>> = {
  system: 'System colours',
  light: 'Light colours',
  dark: 'Dark colours',
};

/** The name of the app, and the switch between its colours. */
export class HeaderBar extends LitElement {
  static override properties = { theme: {} };
  declare theme: ThemeChoice;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        justify-content: space-between;
        width: 100%;
        max-width: 108rem;
        height: var(--header-height);
        margin-inline: auto;
        padding-inline: var(--wa-space-m);
      }

      h1 {
        display: flex;
        align-items: center;
        gap: var(--wa-space-xs);
        font-size: var(--wa-font-size-m);
        font-weight: var(--wa-font-weight-bold);
        letter-spacing: -0.01em;
      }

      svg {
        width: 1.5rem;
        height: 1.5rem;
      }

      @media (min-width: 900px) {
        :host {
          padding-inline: var(--wa-space-l);
        }
      }
    `,
  ];

  #next(): void {
    const next = THEME_CHOICES[(THEME_CHOICES.indexOf(this.theme) + 1) % THEME_CHOICES.length]!;
    act(this, { kind: 'theme', choice: next });
  }

  protected override render(): unknown {
    return html`
      <h1>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="8" fill="var(--wa-color-brand-fill-loud)" />
          <path
            d="M7 13.5V9.5A2.5 2.5 0 0 1 9.5 7h13A2.5 2.5 0 0 1 25 9.5v13a2.5 2.5 0 0 1-2.5 2.5h-4"
            fill="none"
            stroke="#fff"
            stroke-opacity="0.6"
            stroke-width="2"
            stroke-linecap="round"
          />
          <rect x="6" y="17" width="9" height="9" rx="2" fill="#fff" />
          <path
            d="M15.5 11h5.5v5.5M21 11l-5 5"
            fill="none"
            stroke="#fff"
            stroke-width="2"
            stroke-linecap="round"
            stroke-linejoin="round"
          />
        </svg>
        Pro Upscaler
      </h1>
      <wa-button appearance="plain" title=${THEME_LABELS[this.theme]} @click=${() => this.#next()}>
        <wa-icon name=${this.theme} label=${`${THEME_LABELS[this.theme]}; change`}></wa-icon>
      </wa-button>
    `;
  }
}

customElements.define('header-bar', HeaderBar);
