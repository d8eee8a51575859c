import '@awesome.me/webawesome/dist/components/details/details.js';
import type WaDetails from '@awesome.me/webawesome/dist/components/details/details.js';
import { msg } from '@lit/localize';
import { css, html } from 'lit';
import type { AdvancedFields } from './advanced-fields.ts';
import './advanced-fields.ts';
import { SettingsSection } from './section.ts';

/** The choices that most people leave as they are, folded away. */
export class MoreSection extends SettingsSection {
  static override styles = [
    ...SettingsSection.styles,
    css`
      wa-details {
        --spacing: var(--wa-space-m);
      }

      wa-details::part(header) {
        padding-block: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }
    `,
  ];

  /** Unfolds, and brings the focus to the colour behind transparency. */
  async showBackground(): Promise<void> {
    const details = this.renderRoot.querySelector<WaDetails>('wa-details')!;
    await details.show();
    this.renderRoot.querySelector<AdvancedFields>('advanced-fields')!.focusBackground();
  }

  protected override render(): unknown {
    const { settings } = this;
    const meta = this.app.formats.find((format) => format.format === settings.format)!;
    return html`
      <wa-details summary=${msg('More options')} appearance="outlined">
        <advanced-fields .settings=${settings} .meta=${meta}></advanced-fields>
      </wa-details>
    `;
  }
}

customElements.define('more-section', MoreSection);
