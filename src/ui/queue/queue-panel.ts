import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { App } from '../../app/app.ts';
import { formatNumber, formatPercent, pictureCount } from '../../app/format-text.ts';
import { isStartable, type Picture } from '../../app/picture.ts';
import { unsavedOf } from '../../app/save-all.ts';
import { canPickFolder } from '../../platform/pickers.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { CommandController, commands } from '../commands/registry.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';
import './overall-view.ts';
import './picture-row.ts';
import type { PictureRow } from './picture-row.ts';
import { queueCommands } from './queue-commands.ts';
import type { RowAction } from './row-action.ts';
import { RowDrag } from './row-drag.ts';

/** The pictures, where their jobs stand, and what can be done with several at once. */
export class QueuePanel extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [sharedStyles, panelStyles()];

  constructor() {
    super();
    new StoreController(this, () => {
      const { pictures, settings, queue, session, receipts, locale, conditions } = this.app;
      return [pictures, settings, queue, session, receipts, locale, conditions];
    });
    new CommandController(this, () => queueCommands(this.app));
    new RowDrag(this, () => this.app.pictures);
  }

  #row(event: Event): PictureRow | null {
    return (
      event.composedPath().find((node): node is PictureRow => (node as Element).localName === 'picture-row') ?? null
    );
  }

  #onClick(event: MouseEvent): void {
    const picture = this.#row(event)?.picture;
    // What is above the row are the panels that it stands in.
    const path = event.composedPath();
    const inside = path.slice(0, path.indexOf(event.currentTarget!));
    const onButton = inside.some((node) => (node as Element).localName?.startsWith('wa-') === true);
    if (picture === undefined || onButton) return;
    this.app.pictures.select(picture.id, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only');
  }

  #onKeys(event: KeyboardEvent): void {
    const { pictures: list } = this.app;
    const { pictures, selectedId, chosen } = list.value;
    const onName = (event.composedPath()[0] as Element).classList?.contains('select');
    if (onName !== true || event.isComposing) return;
    const index = pictures.findIndex(({ id }) => id === this.#row(event)?.picture.id);
    const go = (to: number): void => {
      const next = pictures[Math.max(0, Math.min(pictures.length - 1, to))];
      if (next !== undefined) void this.#focus(next.id, event.shiftKey ? 'range' : 'only');
    };
    const ids = chosen.size > 0 ? chosen : new Set(selectedId === null ? [] : [selectedId]);
    switch (event.key) {
      case 'ArrowUp':
      case 'ArrowDown': {
        const by = event.key === 'ArrowUp' ? -1 : 1;
        if (event.altKey) list.nudge(ids, by);
        else go(index + by);
        break;
      }
      case 'Home':
        go(0);
        break;
      case 'End':
        go(pictures.length - 1);
        break;
      case 'a':
        if (!event.ctrlKey && !event.metaKey) return;
        list.selectAll();
        break;
      case ' ':
        list.select(pictures[index]!.id, 'toggle');
        break;
      case 'Delete':
      case 'Backspace':
        void this.#remove([...ids], pictures[index]!.id, 'look');
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** Takes pictures off the list, and moves the focus from the row `from` to the next one that is left, or the one before. */
  async #remove(ids: readonly number[], from: number, look?: 'look'): Promise<void> {
    const { pictures: list } = this.app;
    const order = list.pictures.map(({ id }) => id);
    this.app.remove(...ids);
    const at = order.indexOf(from);
    const left = [...order.slice(at), ...order.slice(0, at).reverse()].find((id) => list.find(id) !== null);
    if (left === undefined) return;
    await (look === undefined ? this.#focusRow(left) : this.#focus(left, 'only'));
  }

  protected override updated(): void {
    const returned = this.app.removals.takeReturned();
    if (returned !== null) void this.#focusReturned(returned);
  }

  /** Rows that come back move others, and with the removal goes the button to undo it: whatever of these had the focus has lost it. */
  async #focusReturned(id: number): Promise<void> {
    // When the other parts of the page have followed, too.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    const { activeElement } = document;
    const isLost = activeElement === null || activeElement === document.body;
    if (isLost || this.shadowRoot?.activeElement != null) await this.#focusRow(id);
  }

  /** Looks at a picture and moves the keyboard's focus to it. */
  async #focus(id: number, mode: 'only' | 'range'): Promise<void> {
    if (mode === 'only') this.app.pictures.select(id);
    else this.app.pictures.select(id, 'range');
    await this.#focusRow(id);
  }

  async #focusRow(id: number): Promise<void> {
    await this.updateComplete;
    const row = [...this.renderRoot.querySelectorAll<PictureRow>('picture-row')].find(
      ({ picture }) => picture.id === id,
    );
    row?.scrollIntoView({ block: 'nearest' });
    // A row that was far away gets its content when it comes near.
    for (let frame = 0; frame < 10 && row?.shadowRoot?.querySelector('.select') === null; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
    row?.focus({ preventScroll: true });
  }

  #onRowAction(event: CustomEvent<RowAction>): void {
    const picture = this.#row(event)?.picture;
    if (picture === undefined) return;
    const { app } = this;
    switch (event.detail) {
      case 'cancel':
        return app.queue.cancelOne(picture.id);
      case 'retry':
        return void app.retry([picture.id]);
      case 'remove':
        return void this.#remove([picture.id], picture.id);
      default:
        return event.detail satisfies never;
    }
  }

  #menu(): TemplateResult {
    const items = commands.value.filter(({ id }) => id.startsWith('queue.bulk.'));
    return html`<wa-dropdown
      placement="bottom-end"
      @wa-select=${(event: CustomEvent<{ item: { value: string } }>) => commands.run(event.detail.item.value)}
    >
      <wa-button slot="trigger" size="s" appearance="plain"
        ><wa-icon name="more" label=${msg('More for all pictures')}></wa-icon
      ></wa-button>
      ${items.map(
        ({ id, title, enabled }) =>
          html`<wa-dropdown-item value=${id} ?disabled=${enabled?.() === false}>${title()}</wa-dropdown-item>`,
      )}
    </wa-dropdown>`;
  }

  #leftover(): unknown {
    const leftover = this.app.session.value;
    if (leftover === null || this.app.queue.value.running) return nothing;
    const { locked, unfinished, kept } = leftover;
    const what =
      unfinished > 0
        ? msg(str`The last visit ended before everything was done. Left: ${pictureCount(unfinished)}.`)
        : msg(str`The browser asks again before files of the last visit may be read: ${pictureCount(locked)}.`);
    return html`<div class="notice" role="status">
      <p>${what}</p>
      ${kept.map(({ name, share }) => html`<p>${msg(str`“${name}” goes on at ${formatPercent(share)}.`)}</p>`)}
      <div class="buttons">
        <wa-button size="s" variant="brand" @click=${() => void this.app.resume()}>${msg('Continue')}</wa-button>
        <wa-button size="s" appearance="plain" @click=${() => this.app.session.dismiss()}>${msg('Not now')}</wa-button>
      </div>
    </div>`;
  }

  #receipts(): unknown {
    const waiting = this.app.receipts.value;
    if (waiting.length === 0) return nothing;
    return html`<div class="notice" role="status">
      <p>
        ${msg(str`To repeat the job of the receipt, add its picture: ${waiting.map(({ input }) => input.name).join(', ')}`)}
      </p>
      <div class="buttons">
        <wa-button size="s" @click=${() => act(this, { kind: 'open-files' })}>${msg('Open pictures')}</wa-button>
        <wa-button size="s" appearance="plain" @click=${() => this.app.receipts.dismiss()}>${msg('Dismiss')}</wa-button>
      </div>
    </div>`;
  }

  /** Several results that only the browser holds are saved at once. */
  #unsaved(): unknown {
    const count = unsavedOf(this.app.pictures.pictures).length;
    if (count < 2 || this.app.queue.value.running) return nothing;
    return html`<div class="notice" role="status">
      <p>${msg(str`Results that wait to be saved: ${formatNumber(count)}.`)}</p>
      <div class="buttons">
        <wa-button size="s" variant="brand" @click=${() => commands.run('queue.bulk.save-all')}>
          <wa-icon slot="start" name="download"></wa-icon>${
            canPickFolder() ? msg('Save all to a folder') : msg('Save all as a ZIP')
          }
        </wa-button>
      </div>
    </div>`;
  }

  #item(picture: Picture): TemplateResult {
    const { selectedId, chosen, pictures } = this.app.pictures.value;
    const several = pictures.length > 1;
    const verdict = this.app.jobVerdict(picture);
    const current = picture.id === selectedId;
    // Only the row that is looked at takes part in the Tab order; arrows lead to the others.
    return html`<li>
      <picture-row
        draggable="true"
        tabindex=${current ? nothing : '-1'}
        .picture=${picture}
        .thumbnails=${this.app.thumbnails}
        .output=${verdict?.output ?? null}
        .expectedMs=${verdict?.estimate?.time.ms ?? null}
        ?selected=${several && current}
        ?chosen=${several && chosen.has(picture.id)}
        ?paused=${picture.state.kind === 'running' && this.app.queue.value.paused}
        ?refused=${isStartable(picture) && verdict?.refusal != null}
      ></picture-row>
    </li>`;
  }

  protected override render(): unknown {
    const { app } = this;
    const { pictures } = app.pictures;
    return html`
      <div class="head">
        <h2>${pictureCount(pictures.length)}</h2>
        <span class="tools">
          <wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'open-files' })}>
            <wa-icon slot="start" name="plus"></wa-icon>${msg('Add')}
          </wa-button>
          <wa-button size="s" appearance="outlined" @click=${() => act(this, { kind: 'open-folder' })}>
            <wa-icon name="folder" label=${msg('Add a folder')}></wa-icon>
          </wa-button>
          ${this.#menu()}
        </span>
      </div>
      ${this.#leftover()} ${this.#receipts()} ${this.#unsaved()}
      ${app.queue.value.running && app.queue.value.total > 0 ? html`<overall-view .app=${app}></overall-view>` : nothing}
      <ul
        class="list"
        aria-label=${msg('Pictures')}
        @click=${(event: MouseEvent) => this.#onClick(event)}
        @keydown=${(event: KeyboardEvent) => this.#onKeys(event)}
        @row-action=${(event: CustomEvent<RowAction>) => this.#onRowAction(event)}
      >
        ${repeat(
          pictures,
          ({ id }) => id,
          (picture) => this.#item(picture),
        )}
      </ul>
    `;
  }
}

function panelStyles(): ReturnType<typeof css> {
  return css`
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      align-content: start;
      gap: var(--wa-space-s);
      padding: var(--wa-space-m);
    }

    .head,
    .buttons {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--wa-space-2xs);
    }

    .head {
      justify-content: space-between;
    }

    .tools {
      display: flex;
      gap: var(--wa-space-2xs);
    }

    .notice {
      display: grid;
      gap: var(--wa-space-xs);
      padding: var(--wa-space-s) var(--wa-space-m);
      border-radius: var(--wa-border-radius-m);
      background: var(--wa-color-brand-fill-quiet);
      color: var(--wa-color-brand-on-quiet);
      font-size: var(--wa-font-size-s);
    }

    .list {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--wa-space-s);
      list-style: none;
    }
  `;
}

customElements.define('queue-panel', QueuePanel);
