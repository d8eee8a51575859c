import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/dropdown/dropdown.js';
import '@awesome.me/webawesome/dist/components/dropdown-item/dropdown-item.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg } from '@lit/localize';
import { css, html, nothing, svg, type TemplateResult } from 'lit';
import type { App } from '../app/app.ts';
import { LANGUAGES } from '../app/locale.ts';
import type { ThemeChoice } from '../platform/theme.ts';
import { AppElement } from './app-element.ts';
import { keyLabels } from './commands/keys.ts';
import { commands } from './commands/registry.ts';
import type { IconName } from './icons.ts';
import './install-button.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';

const MARK = svg`
  <rect width="32" height="32" rx="8" fill="var(--wa-color-brand-fill-loud)" />
  <path d="M7 13.5V9.5A2.5 2.5 0 0 1 9.5 7h13A2.5 2.5 0 0 1 25 9.5v13a2.5 2.5 0 0 1-2.5 2.5h-4"
    fill="none" stroke="#fff" stroke-opacity="0.6" stroke-width="2" stroke-linecap="round" />
  <rect x="6" y="17" width="9" height="9" rx="2" fill="#fff" />
  <path d="M15.5 11h5.5v5.5M21 11l-5 5" fill="none" stroke="#fff" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
`;

/** The name of the app, and what belongs to the page as a whole. */
export class HeaderBar extends AppElement {
  static override properties = { app: { attribute: false }, theme: {}, working: { type: Boolean } };
  declare app: App;
  declare theme: ThemeChoice;
  /** There are pictures, and so panes. */
  declare working: boolean;

  static override styles = [
    sharedStyles,
    css`
      :host {
        container-type: inline-size;
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        width: 100%;
        min-height: var(--header-height);
        padding-inline: var(--wa-space-m) var(--wa-space-xs);
      }

      h1 {
        display: flex;
        align-items: center;
        gap: var(--wa-space-xs);
        font-size: var(--wa-font-size-m);
        font-weight: var(--wa-font-weight-bold);
        letter-spacing: -0.01em;
        white-space: nowrap;
      }

      h1 svg {
        width: 1.5rem;
        height: 1.5rem;
      }

      /* Beside large letters there is room for the mark alone. */
      @container (max-width: 19.99rem) {
        .name {
          position: absolute;
          width: 1px;
          height: 1px;
          overflow: hidden;
          clip-path: inset(50%);
        }
      }

      nav {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
      }

      .pane {
        display: none;
      }

      @media (min-width: 70rem) and (min-height: 28rem) {
        .pane {
          display: contents;
        }
      }

      /* The page reaches under the buttons of the window: the header stays between them, and is what the window is moved by. */
      @media (display-mode: window-controls-overlay) {
        :host {
          height: max(var(--header-height), env(titlebar-area-height, 0px));
          padding-left: max(var(--wa-space-m), env(titlebar-area-x, 0px));
          padding-right: max(
            var(--wa-space-xs),
            calc(100vw - env(titlebar-area-x, 0px) - env(titlebar-area-width, 100vw))
          );
          app-region: drag;
        }

        wa-button,
        wa-dropdown,
        install-button {
          app-region: no-drag;
        }
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.layout, this.app.locale]);
  }

  #paneButton(id: string, icon: IconName, open: boolean, label: string): TemplateResult {
    return html`
      <span class="pane">
        <wa-button
          appearance="plain"
          size="s"
          title=${label}
          aria-pressed=${open ? 'true' : 'false'}
          @click=${() => commands.run(id)}
        >
          <wa-icon name=${icon} label=${label}></wa-icon>
        </wa-button>
      </span>
    `;
  }

  #button(id: string, icon: IconName, label: string): TemplateResult {
    return html`
      <wa-button appearance="plain" size="s" title=${label} @click=${() => commands.run(id)}>
        <wa-icon name=${icon} label=${label}></wa-icon>
      </wa-button>
    `;
  }

  #menu(label: string, icon: IconName, items: readonly { id: string; text: string; on?: boolean }[]): TemplateResult {
    return html`
      <wa-dropdown
        placement="bottom-end"
        @wa-select=${(event: CustomEvent<{ item: { value: string } }>) => commands.run(event.detail.item.value)}
      >
        <wa-button slot="trigger" appearance="plain" size="s" title=${label}>
          <wa-icon name=${icon} label=${label}></wa-icon>
        </wa-button>
        ${items.map(
          ({ id, text, on }) =>
            html`<wa-dropdown-item type=${on === undefined ? 'normal' : 'checkbox'} value=${id} .checked=${on ?? false}
              >${text}</wa-dropdown-item
            >`,
        )}
      </wa-dropdown>
    `;
  }

  protected override render(): unknown {
    const { open } = this.app.layout.value;
    const locale = this.app.locale.value;
    return html`
      <h1><svg viewBox="0 0 32 32" aria-hidden="true">${MARK}</svg><span class="name">Pro Upscaler</span></h1>
      <nav aria-label=${msg('Page')}>
        ${
          this.working
            ? html`
                ${this.#paneButton('view.queue-pane', 'pane-start', open.queue, msg('Show the pictures'))}
                ${this.#paneButton('view.settings-pane', 'pane-end', open.settings, msg('Show the settings'))}
              `
            : nothing
        }
        <install-button></install-button>
        ${this.#button('app.palette', 'command', `${msg('Find a command')} (${keyLabels('Mod+K').join('+')})`)}
        ${this.#menu(
          msg('Language'),
          'language',
          LANGUAGES.map(({ locale: code, name }) => ({
            id: `app.language.${code}`,
            text: name,
            on: code === locale,
          })),
        )}
        ${this.#menu(msg('Colours'), this.theme, [
          { id: 'app.theme.system', text: msg('System colours'), on: this.theme === 'system' },
          { id: 'app.theme.light', text: msg('Light colours'), on: this.theme === 'light' },
          { id: 'app.theme.dark', text: msg('Dark colours'), on: this.theme === 'dark' },
        ])}
        ${this.#menu(msg('Help'), 'help', [
          { id: 'app.shortcuts', text: msg('Keyboard shortcuts') },
          { id: 'app.storage', text: msg('Storage and offline use') },
          { id: 'app.about', text: msg('About Pro Upscaler') },
        ])}
      </nav>
    `;
  }
}

customElements.define('header-bar', HeaderBar);
