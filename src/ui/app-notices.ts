import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { Desktop } from '../app/desktop.ts';
import { pictureCount } from '../app/format-text.ts';
import type { UpdateState } from '../app/updates.ts';
import { canPickFolder } from '../platform/pickers.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';

interface Notice {
  readonly text: string;
  readonly button: string | null;
  readonly accept: () => unknown;
  readonly dismiss: () => void;
}

const updateTexts = (state: UpdateState): { readonly text: string; readonly button: string | null } | null => {
  switch (state) {
    case 'none':
      return null;
    case 'ready':
      return { text: msg('A new version is ready.'), button: msg('Update') };
    case 'waiting':
      return { text: msg('The new version comes in when the running jobs are done.'), button: null };
    case 'replaced':
      return { text: msg('A new version runs in another window.'), button: msg('Reload') };
    case 'slow':
      return { text: msg('Loaded once more, the app uses all processor cores.'), button: msg('Reload') };
    default:
      return state satisfies never;
  }
};

/** What the app has to say about itself, one thing at a time; whoever holds it gives it a place. `empty` while there is nothing. */
export class AppNotices extends AppElement {
  static override properties = { desktop: { attribute: false }, dismissed: { state: true } };
  declare desktop: Desktop;
  /** The state of the updates that the person has put off. */
  declare protected dismissed: UpdateState;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: block;
      }

      /* Without a notice it takes no room, and stays in the accessibility tree. */
      :host([empty]) {
        position: absolute;
      }

      .notice {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: var(--wa-space-xs) var(--wa-space-s);
        padding-block: var(--wa-space-xs);
        padding-inline: var(--wa-space-m) var(--wa-space-xs);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: var(--wa-color-surface-raised);
        box-shadow: var(--wa-shadow-m);
        font-size: var(--wa-font-size-s);
      }

      .buttons {
        display: flex;
        align-items: center;
        margin-inline-start: auto;
      }
    `,
  ];

  constructor() {
    super();
    this.dismissed = 'none';
    new StoreController(this, () => [
      this.desktop.removals,
      this.desktop.replaced,
      this.desktop.updates,
      this.desktop.companion,
    ]);
  }

  #notice(): Notice | null {
    const { removals, replaced, updates, companion } = this.desktop;
    const removal = removals.value.at(-1);
    if (removal !== undefined) {
      return {
        text: msg(str`Taken off the list: ${pictureCount(removal.gone.length)}.`),
        button: msg('Undo'),
        accept: () => this.desktop.takeBack(),
        dismiss: () => removals.end(),
      };
    }
    const dismissed = replaced.value.dismissed.length;
    if (dismissed > 0) {
      return {
        text: msg(str`Results of an earlier run deleted: ${pictureCount(dismissed)}.`),
        button: msg('Undo'),
        accept: () => replaced.undo(),
        dismiss: () => replaced.endDismissed(),
      };
    }
    const kept = replaced.value.kept.length;
    if (kept > 0) {
      return {
        text: msg(str`Results of an earlier run that were never saved: ${pictureCount(kept)}. Closing deletes them.`),
        button: kept === 1 ? msg('Save as') : canPickFolder() ? msg('Save all to a folder') : msg('Save all as a ZIP'),
        accept: () => this.desktop.saveReplaced(),
        dismiss: () => replaced.dismiss(),
      };
    }
    const state = updates.value;
    const update = state === this.dismissed ? null : updateTexts(state);
    if (update !== null) {
      return { ...update, accept: () => updates.accept(), dismiss: () => (this.dismissed = state) };
    }
    if (companion.value === 'none') return null;
    return {
      text: msg('This takes a while.'),
      button: msg('Tell me when it is done'),
      accept: () => companion.accept(),
      dismiss: () => companion.dismiss(),
    };
  }

  protected override willUpdate(): void {
    this.toggleAttribute('empty', this.#notice() === null);
  }

  protected override render(): unknown {
    const notice = this.#notice();
    return html`<div role="status">
      ${
        notice === null
          ? nothing
          : html`<div class="notice">
              <span>${notice.text}</span>
              <span class="buttons">
                ${
                  notice.button === null
                    ? nothing
                    : html`<wa-button size="s" appearance="filled" @click=${() => void notice.accept()}>
                        ${notice.button}
                      </wa-button>`
                }
                <wa-button size="s" appearance="plain" title=${msg('Close')} @click=${notice.dismiss}>
                  <wa-icon name="close" label=${msg('Close')}></wa-icon>
                </wa-button>
              </span>
            </div>`
      }
    </div>`;
  }
}

customElements.define('app-notices', AppNotices);
