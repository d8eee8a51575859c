import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { App } from '../../app/app.ts';
import { pictureCount } from '../../app/format-text.ts';
import { isBusy, isStartable } from '../../app/picture.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';
import './picture-row.ts';

/** The pictures of this visit, and where their jobs stand. */
export class QueuePanel extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        align-content: start;
        gap: var(--wa-space-s);
        padding: var(--wa-space-m);
      }

      .head {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }

      .list {
        display: grid;
        gap: var(--wa-space-s);
        list-style: none;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.pictures, this.app.settings]);
  }

  protected override render(): unknown {
    const { pictures } = this.app.pictures;
    const selectedId = this.app.pictures.value.selectedId;
    return html`
      <div class="head">
        <h2>${pictureCount(pictures.length)}</h2>
        <span>
          <wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'open-files' })}>
            <wa-icon slot="start" name="plus"></wa-icon>${msg('Add')}
          </wa-button>
          ${
            pictures.length > 1
              ? html`<wa-button
                  size="s"
                  appearance="plain"
                  ?disabled=${pictures.every(isBusy)}
                  @click=${() => act(this, { kind: 'clear' })}
                  >${msg('Clear')}</wa-button
                >`
              : nothing
          }
        </span>
      </div>
      <ul class="list">
        ${repeat(
          pictures,
          (picture) => picture.id,
          (picture) =>
            html`<li>
              <picture-row
                .picture=${picture}
                ?selected=${pictures.length > 1 && picture.id === selectedId}
                ?refused=${isStartable(picture) && this.app.verdict(picture)?.refusal != null}
              ></picture-row>
            </li>`,
        )}
      </ul>
    `;
  }
}

customElements.define('queue-panel', QueuePanel);
