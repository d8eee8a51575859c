import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/divider/divider.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { Settings } from '../../app/settings.ts';
import { variants } from '../../app/variants.ts';
import { AppElement } from '../app-element.ts';
import { commands } from '../commands/registry.ts';
import type { IconName } from '../icons.ts';
import { sharedStyles } from '../shared-styles.ts';
import { referenceLabel, type Reference } from './layers.ts';
import { modeLabels, VIEW_MODES, type ViewMode } from './modes.ts';

/** The viewer's tools. Runs commands; emits `reference-change` (detail `Reference`), `hold-start` and `hold-end`. */
export class ViewerBar extends AppElement {
  static override properties = {
    mode: {},
    reference: {},
    settings: { attribute: false },
    histogram: { type: Boolean },
    codable: { type: Boolean },
    coded: { type: Boolean },
  };

  declare mode: ViewMode;
  declare reference: Reference;
  declare settings: Settings;
  /** The histogram is open. */
  declare histogram: boolean;
  /** The format loses something in coding, which can be shown. */
  declare codable: boolean;
  declare coded: boolean;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 var(--wa-space-s);
        padding: var(--wa-space-2xs) var(--wa-space-xs);
        border-block-end: 1px solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
      }

      .group {
        display: flex;
        align-items: center;
        gap: var(--wa-space-3xs);
      }

      .tool {
        display: grid;
        place-items: center;
        min-width: 2.25rem;
        height: 2.25rem;
        padding: 0;
        border: 0;
        border-radius: var(--wa-border-radius-s);
        background: none;
        color: var(--wa-color-neutral-on-quiet);
        font: inherit;
        cursor: pointer;
        touch-action: manipulation;
      }

      .tool:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }

      .tool[aria-pressed='true'] {
        background: var(--wa-color-brand-fill-quiet);
        color: var(--wa-color-brand-on-quiet);
      }

      /* Where backgrounds are the person's own. */
      @media (forced-colors: active) {
        .tool[aria-pressed='true'] {
          forced-color-adjust: none;
          background: Highlight;
          color: HighlightText;
        }
      }

      .tool:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: -2px;
      }

      .name {
        max-width: 9rem;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      @media (max-width: 30rem) {
        .tool {
          min-width: 2rem;
        }

        .name {
          max-width: 4rem;
        }

        wa-button::part(base) {
          padding-inline: var(--wa-space-2xs);
        }
      }
    `,
  ];

  #tool(id: string, icon: IconName, label: string, key: string, pressed?: boolean): TemplateResult {
    return html`<button
      type="button"
      class="tool"
      title=${`${label} (${key})`}
      aria-label=${label}
      aria-keyshortcuts=${key}
      aria-pressed=${pressed === undefined ? nothing : pressed ? 'true' : 'false'}
      @click=${() => commands.run(id)}
    >
      <wa-icon name=${icon}></wa-icon>
    </button>`;
  }

  #hold(): TemplateResult {
    const start = (): boolean => this.dispatchEvent(new Event('hold-start'));
    const end = (): boolean => this.dispatchEvent(new Event('hold-end'));
    const onKey = (event: KeyboardEvent, act: () => boolean): void => {
      if (event.key !== ' ' && event.key !== 'Enter') return;
      event.preventDefault();
      if (!event.repeat) act();
    };
    const label = msg('Hold to see what it is compared with');
    return html`<button
      type="button"
      class="tool"
      title=${`${label} (X)`}
      aria-label=${label}
      aria-keyshortcuts="X"
      @pointerdown=${(event: PointerEvent) => {
        (event.target as Element).setPointerCapture(event.pointerId);
        start();
      }}
      @pointerup=${end}
      @pointercancel=${end}
      @blur=${end}
      @contextmenu=${(event: Event) => event.preventDefault()}
      @keydown=${(event: KeyboardEvent) => onKey(event, start)}
      @keyup=${(event: KeyboardEvent) => onKey(event, end)}
    >
      <wa-icon name="eye"></wa-icon>
    </button>`;
  }

  #references(): TemplateResult {
    const { reference, settings } = this;
    const choices: readonly Reference[] = [
      'source',
      'source-smooth',
      ...variants.list(settings).map(({ id }): Reference => `variant:${id}`),
    ];
    const choose = (event: CustomEvent<{ item: { value: string } }>): void => {
      this.dispatchEvent(
        new CustomEvent<Reference>('reference-change', { detail: event.detail.item.value as Reference }),
      );
    };
    return html`
      <wa-dropdown placement="bottom-start" @wa-select=${choose}>
        <wa-button slot="trigger" appearance="plain" size="s" with-caret title=${msg('Compare with')}>
          <span class="visually-hidden">${msg('Compare with')}</span>
          <span class="name">${referenceLabel(reference, settings)}</span>
        </wa-button>
        ${choices.map(
          (choice) => html`
            <wa-dropdown-item type="checkbox" value=${choice} .checked=${choice === reference}
              >${referenceLabel(choice, settings)}</wa-dropdown-item
            >
            ${choice === 'source-smooth' ? html`<wa-divider></wa-divider>` : nothing}
          `,
        )}
      </wa-dropdown>
    `;
  }

  protected override render(): unknown {
    const labels = modeLabels();
    return html`
      <div class="group" role="group" aria-label=${msg('View')}>
        ${VIEW_MODES.map((mode) => {
          const { label, icon, key } = labels[mode];
          return this.#tool(`view.mode.${mode}`, icon, label, key, mode === this.mode);
        })}
        ${this.mode === 'result' ? nothing : this.#references()}
      </div>
      <div class="group" role="group" aria-label=${msg('Tools')}>
        ${this.#hold()}
        ${this.codable ? this.#tool('view.coded', 'coding', msg('Show what JPEG makes of it'), 'J', this.coded) : nothing}
        ${this.#tool('view.sheet', 'sheet', msg('Compare methods'), 'M')}
        ${this.#tool('view.histogram', 'histogram', msg('Histogram'), 'H', this.histogram)}
      </div>
    `;
  }
}

customElements.define('viewer-bar', ViewerBar);
