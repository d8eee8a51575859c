import { css, html } from 'lit';
import type { App } from '../../app/app.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { CommandController } from '../commands/registry.ts';
import { sharedStyles } from '../shared-styles.ts';
import './edit-section.ts';
import './finish-section.ts';
import './format-section.ts';
import './model-section.ts';
import type { MoreSection } from './more-section.ts';
import './more-section.ts';
import './names-section.ts';
import './resampling-section.ts';
import './scope-section.ts';
import { settingsCommands, type SectionName } from './settings-commands.ts';
import './size-section.ts';

/** The settings, section by section; each section is an element of its own that takes what it shows from `app`. */
export class SettingsPanel extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        align-content: start;
      }

      * {
        padding: var(--wa-space-m);
        border-block-end: 1px solid var(--wa-color-surface-border);
      }

      :last-child {
        border-block-end: 0;
      }
    `,
  ];

  constructor() {
    super();
    new CommandController(this, () =>
      settingsCommands({
        app: this.app,
        change: (change) => act(this, { kind: 'change', change }),
        show: (section) => this.#show(section),
        openCrop: () => act(this, { kind: 'dialog', dialog: 'crop-dialog' }),
        showBackground: () => void this.#section<MoreSection>('more-section').showBackground(),
      }),
    );
  }

  /** A section, in a pane that is open. */
  #section<T extends HTMLElement>(name: SectionName | 'more-section'): T {
    this.app.layout.reveal('settings');
    return this.renderRoot.querySelector<T>(name)!;
  }

  #show(name: SectionName): void {
    const section = this.#section(name);
    section.tabIndex = -1;
    // The pane may have been behind another one until now.
    requestAnimationFrame(() => section.focus());
  }

  protected override render(): unknown {
    const { app } = this;
    return html`
      <scope-section .app=${app}></scope-section>
      <size-section .app=${app}></size-section>
      <edit-section .app=${app}></edit-section>
      <format-section .app=${app}></format-section>
      <model-section .app=${app}></model-section>
      <resampling-section .app=${app}></resampling-section>
      <finish-section .app=${app}></finish-section>
      <more-section .app=${app}></more-section>
      <names-section .app=${app}></names-section>
    `;
  }
}

customElements.define('settings-panel', SettingsPanel);
