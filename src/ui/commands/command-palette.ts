import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import type { App } from '../../app/app.ts';
import { afterPaint } from '../after-paint.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';
import { groupTitles } from './group-titles.ts';
import { shortcutView, shortcutStyles } from './shortcut-view.ts';
import { rankCommands } from './rank.ts';
import { commands, type Command } from './registry.ts';

/**
 * How many commands more are listed from one picture of the palette to the next, after none at first: about what is seen without scrolling.
 * All at once would be one long task, which the next key would have to wait for.
 */
const STEP = 12;

/** What has the focus, in whichever shadow tree. */
function focusedElement(): Element | null {
  let focused = document.activeElement;
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
  return focused;
}

/**
 * Finds a command by its name and carries it out: everything that the page can do, without the mouse. It stands in the page only while it
 * is open, as dialogs do, but as a popover: a modal dialog makes all the rest of the page inert, whose style is then worked out anew.
 */
export class CommandPalette extends AppElement {
  static override properties = {
    app: { attribute: false },
    query: { state: true },
    active: { state: true },
    listed: { state: true },
  };
  declare app: App;
  declare protected query: string;
  /** Index of the command that Enter takes. */
  declare protected active: number;
  /** Most commands that are listed: the frame of the palette is seen, and takes what is typed, before any of them is laid out. */
  declare protected listed: number;
  /** Kept while the palette is open: what can be done was decided when it opened. */
  readonly #offered = commands.value.filter((command) => command.listed !== false && command.enabled?.() !== false);
  /** What had the focus before. A popover gives it back by itself only within its own shadow tree. */
  #before: Element | null = null;
  /** What is to be done when the palette has gone. */
  #taken: Command | null = null;

  static override styles = [
    sharedStyles,
    shortcutStyles,
    css`
      :host {
        display: contents;
      }

      /* All of the window: what is beside the palette cannot be clicked through it. */
      [popover] {
        width: 100%;
        height: 100%;
        padding: 12vh calc(var(--wa-space-2xl) / 2) calc(var(--wa-space-2xl) / 2);
        border: 0;
        background: var(--wa-color-overlay-modal);
        color: inherit;
      }

      .panel {
        max-width: 38rem;
        margin-inline: auto;
        overflow: hidden;
        border-radius: var(--wa-panel-border-radius);
        background: var(--wa-color-surface-raised);
        box-shadow: var(--wa-shadow-l);
      }

      @media (forced-colors: active) {
        .panel {
          border: 1px solid;
        }
      }

      input {
        width: 100%;
        padding: var(--wa-space-m) var(--wa-space-l);
        border: 0;
        border-block-end: 1px solid var(--wa-color-surface-border);
        outline: none;
        background: none;
        color: inherit;
        font: inherit;
        font-size: var(--wa-font-size-l);
      }

      input::placeholder {
        color: var(--wa-color-text-quiet);
      }

      [role='listbox'] {
        max-height: min(26rem, 55vh);
        padding: var(--wa-space-xs);
        overflow-y: auto;
        scrollbar-width: thin;
      }

      /* The room that the list takes when it is there. */
      .coming {
        height: 55vh;
      }

      [role='option'] {
        /* Most of the list is out of sight when it opens. */
        content-visibility: auto;
        contain-intrinsic-block-size: auto 2.25rem;
        display: grid;
        grid-template-columns: 1.25rem minmax(0, 1fr) auto auto;
        gap: var(--wa-space-s);
        align-items: center;
        padding: var(--wa-space-xs) var(--wa-space-s);
        border-radius: var(--wa-border-radius-m);
        cursor: pointer;
      }

      [aria-selected='true'] {
        background: var(--wa-color-neutral-fill-quiet);
        outline: 1px solid var(--wa-color-neutral-border-normal);
      }

      .group {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-xs);
      }

      @media (max-width: 30rem) {
        [role='option'] {
          grid-template-columns: 1.25rem minmax(0, 1fr) auto;
        }

        .group {
          display: none;
        }
      }

      .none {
        padding: var(--wa-space-l);
        color: var(--wa-color-text-quiet);
        text-align: center;
      }
    `,
  ];

  constructor() {
    super();
    this.query = '';
    this.active = 0;
    this.listed = 0;
  }

  get #popover(): HTMLElement {
    return this.renderRoot.querySelector<HTMLElement>('[popover]')!;
  }

  protected override firstUpdated(): void {
    this.#before = focusedElement();
    this.#popover.showPopover();
    void this.#listAll();
  }

  async #listAll(): Promise<void> {
    while (this.listed < this.#offered.length) {
      await afterPaint();
      this.listed += STEP;
    }
  }

  get #isWhole(): boolean {
    return this.listed >= this.#offered.length;
  }

  get #found(): readonly Command[] {
    return rankCommands(this.#offered, this.query);
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('active'))
      this.renderRoot.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  #take(command: Command | undefined): void {
    if (command === undefined) return;
    this.#taken = command;
    this.#popover.hidePopover();
  }

  #onBeforeToggle(event: ToggleEvent): void {
    if (event.newState === 'closed' && this.#before instanceof HTMLElement) this.#before.focus({ preventScroll: true });
  }

  #onToggle(event: ToggleEvent): void {
    if (event.newState === 'open') return;
    this.remove();
    // After the focus was given back, so that what comes next can take it: a dialog, a picker, a field.
    if (this.#taken !== null) commands.run(this.#taken.id);
  }

  #onMouseDown(event: MouseEvent): void {
    if (event.target !== event.currentTarget) return;
    // Or what was clicked would take away the focus that is given back.
    event.preventDefault();
    this.#popover.hidePopover();
  }

  #onKey(event: KeyboardEvent): void {
    const { length } = this.#found;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && length > 0) this.active = (this.active + step + length) % length;
    else if (event.key === 'Home') this.active = 0;
    else if (event.key === 'End') this.active = Math.max(0, length - 1);
    else if (event.key === 'Enter') this.#take(this.#found[this.active]);
    // There is nothing else in it that takes the focus.
    else if (event.key !== 'Tab') return;
    event.preventDefault();
  }

  #option(command: Command, index: number): TemplateResult {
    const on = command.checked?.();
    const icon = on === true ? 'check' : (command.icon ?? 'dot');
    return html`
      <div
        role="option"
        id="option-${index}"
        aria-selected=${index === this.active ? 'true' : 'false'}
        @pointermove=${() => (this.active = index)}
        @click=${() => this.#take(command)}
      >
        <wa-icon name=${icon}></wa-icon>
        <span>${command.title()}</span>
        <span class="group">${groupTitles()[command.group]}</span>
        ${command.keys?.[0] === undefined ? html`<span></span>` : shortcutView(command.keys[0])}
      </div>
    `;
  }

  protected override render(): unknown {
    const found = this.#found;
    return html`
      <div
        popover
        role="dialog"
        aria-modal="true"
        aria-label=${msg('Commands')}
        @beforetoggle=${(event: ToggleEvent) => this.#onBeforeToggle(event)}
        @toggle=${(event: ToggleEvent) => this.#onToggle(event)}
        @mousedown=${(event: MouseEvent) => this.#onMouseDown(event)}
      >
        <div class="panel">
          <input
            autofocus
            role="combobox"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls="list"
            aria-activedescendant=${Math.min(found.length, this.listed) === 0 ? nothing : `option-${this.active}`}
            aria-label=${msg('Commands')}
            placeholder=${msg('What would you like to do?')}
            spellcheck="false"
            @input=${(event: Event) => {
              this.query = (event.target as HTMLInputElement).value;
              this.active = 0;
            }}
            @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
          />
          <div
            id="list"
            class=${this.#isWhole ? '' : 'coming'}
            role="listbox"
            aria-label=${msg('Commands')}
            aria-busy=${this.#isWhole ? 'false' : 'true'}
          >
            ${found.slice(0, this.listed).map((command, index) => this.#option(command, index))}
          </div>
          ${found.length === 0 ? html`<p class="none" role="status">${msg('Nothing by that name.')}</p>` : nothing}
        </div>
      </div>
    `;
  }
}

customElements.define('command-palette', CommandPalette);
