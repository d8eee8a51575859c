import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { AppDialog } from '../app-dialog.ts';
import { sharedStyles } from '../shared-styles.ts';
import { groupTitles } from './group-titles.ts';
import { commands, type CommandGroup } from './registry.ts';
import { shortcutStyles, shortcutView } from './shortcut-view.ts';

/** The longest group fills a column of its own. */
const IN_ORDER: readonly CommandGroup[] = ['file', 'queue', 'settings', 'app', 'view'];

/** All shortcuts of the page, made from the commands that are registered. */
export class ShortcutSheet extends AppDialog {
  static override styles = [
    sharedStyles,
    shortcutStyles,
    css`
      wa-dialog {
        --width: 46rem;
      }

      .groups {
        columns: 20rem;
        column-gap: var(--wa-space-xl);
      }

      /* It has the focus so that keys scroll it, and is nothing that is operated. */
      .groups:focus {
        outline: none;
      }

      section {
        break-inside: avoid;
        padding-block-end: var(--wa-space-l);
      }

      h2 {
        padding-block-end: var(--wa-space-xs);
        color: var(--wa-color-text-quiet);
      }

      dl > div {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: var(--wa-space-m);
        padding-block: var(--wa-space-2xs);
        border-block-end: 1px solid var(--wa-color-surface-border);
        font-size: var(--wa-font-size-s);
      }

      dd {
        display: flex;
        flex: none;
        gap: var(--wa-space-s);
      }
    `,
  ];

  #group(group: CommandGroup): TemplateResult | typeof nothing {
    const list = commands.value.filter((command) => command.group === group && (command.keys?.length ?? 0) > 0);
    if (list.length === 0) return nothing;
    return html`
      <section>
        <h2>${groupTitles()[group]}</h2>
        <dl>
          ${list.map(
            (command) => html`
              <div>
                <dt>${command.title()}</dt>
                <dd>${command.keys!.map(shortcutView)}</dd>
              </div>
            `,
          )}
        </dl>
      </section>
    `;
  }

  protected override render(): unknown {
    return html`
      <wa-dialog open light-dismiss label=${msg('Keyboard shortcuts')} @wa-after-hide=${this.onHidden}>
        <div class="groups" tabindex="-1" autofocus>${IN_ORDER.map((group) => this.#group(group))}</div>
      </wa-dialog>
    `;
  }
}

customElements.define('shortcut-sheet', ShortcutSheet);
