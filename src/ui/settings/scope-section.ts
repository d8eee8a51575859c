import '@awesome.me/webawesome/dist/components/button/button.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { scopeText } from './scope-text.ts';
import { SettingsSection } from './section.ts';

/** Says which pictures the settings belong to, and carries them over to others. Shows nothing while there is only one picture. */
export class ScopeSection extends SettingsSection {
  static override styles = [
    ...SettingsSection.styles,
    css`
      :host([hidden]) {
        display: none;
      }

      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--wa-space-xs) var(--wa-space-s);
        font-size: var(--wa-font-size-s);
      }

      p {
        min-width: 0;
        overflow-wrap: anywhere;
      }
    `,
  ];

  protected override willUpdate(): void {
    const hidden = this.app.pictures.pictures.length < 2;
    // Written only when it changes: even the same value makes the browser work out the element's style anew.
    if (hidden !== this.hidden) this.hidden = hidden;
  }

  #applyToAll(): void {
    this.app.settings.applyTo(this.app.pictures.pictures.map(({ id }) => id));
  }

  protected override render(): unknown {
    const whose = scopeText(this.app.pictures);
    if (whose === null) return nothing;
    const differs = this.app.pictures.pictures.some(({ settings }) => settings !== this.settings);
    return html`
      <div class="line">
        <p>${whose}</p>
        <wa-button size="xs" appearance="outlined" ?disabled=${!differs} @click=${() => this.#applyToAll()}
          >${msg('Apply to all')}</wa-button
        >
      </div>
    `;
  }
}

customElements.define('scope-section', ScopeSection);
