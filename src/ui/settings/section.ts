import { css } from 'lit';
import type { App } from '../../app/app.ts';
import type { Picture } from '../../app/picture.ts';
import type { Settings, SettingsChange } from '../../app/settings.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';

/** What the sections of the settings panel have in common: each takes what it shows from `app`, and sends changes as actions. */
export abstract class SettingsSection extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-s);
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.settings, this.app.pictures, this.app.conditions]);
  }

  protected get settings(): Settings {
    return this.app.settings.value;
  }

  /** The picture that is looked at. */
  protected get selected(): Picture | null {
    return this.app.pictures.selected;
  }

  protected change(change: SettingsChange): void {
    act(this, { kind: 'change', change });
  }
}
