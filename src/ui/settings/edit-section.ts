import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { formatNumber, formatSize } from '../../app/format-text.ts';
import { isUnedited, NO_EDIT, type Edit } from '../../core/edit/edit.ts';
import { editedSize } from '../../core/edit/plan-edit.ts';
import { act } from '../actions.ts';
import { SettingsSection } from './section.ts';
import { turnButtons } from './turn-buttons.ts';

/** How the picture is turned and cropped before it is enlarged. */
export class EditSection extends SettingsSection {
  static override styles = [
    ...SettingsSection.styles,
    css`
      .tools,
      .turns {
        display: flex;
        gap: var(--wa-space-2xs);
      }

      /* Where there is no room beside it, all four buttons go below, and share the line. */
      .tools {
        flex-wrap: wrap;
      }

      .crop {
        flex: 1 0 auto;
      }

      .turns wa-button::part(base) {
        padding-inline: var(--wa-space-xs);
      }

      .state {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: var(--wa-space-2xs);
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  #edit(change: Partial<Edit>): void {
    this.change({ edit: { ...this.settings.edit, ...change } });
  }

  /** What is done, in a line; nothing for a picture as it is. */
  #state(edit: Edit): unknown {
    if (isUnedited(edit)) return nothing;
    const size = this.selected?.size ?? null;
    const parts = [
      size === null ? '' : msg(str`${formatSize(editedSize(size, edit))} px`),
      edit.straighten === 0 ? '' : msg(str`straightened by ${formatNumber(edit.straighten, 1)}°`),
    ].filter((part) => part !== '');
    return html`<div class="state">
      <span>${parts.join(' · ')}</span>
      <wa-button size="xs" appearance="plain" @click=${() => this.change({ edit: NO_EDIT })}
        >${msg('Undo all')}</wa-button
      >
    </div>`;
  }

  protected override render(): unknown {
    const { selected, settings } = this;
    const { edit } = settings;
    return html`
      <h2>${msg('Crop and turn')}</h2>
      <div class="tools">
        <wa-button
          class="crop"
          size="s"
          appearance="outlined"
          ?disabled=${selected?.size == null}
          @click=${() => act(this, { kind: 'dialog', dialog: 'crop-dialog' })}
        >
          <wa-icon slot="start" name="crop"></wa-icon>${msg('Crop …')}
        </wa-button>
        <div class="turns">${turnButtons(edit, (change) => this.#edit(change), selected?.size == null)}</div>
      </div>
      ${this.#state(edit)}
    `;
  }
}

customElements.define('edit-section', EditSection);
