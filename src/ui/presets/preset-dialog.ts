import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import type WaInput from '@awesome.me/webawesome/dist/components/input/input.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { problemOf } from '../../app/error-text.ts';
import type { Problem } from '../../app/picture.ts';
import { isInForce, presetChange, presetFile, readPresetFile, type Preset } from '../../app/presets.ts';
import { download } from '../../platform/files.ts';
import { act } from '../actions.ts';
import { AppDialog } from '../app-dialog.ts';
import { problemStyles, problemView } from '../problem-view.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';

/** Settings under names: to save, apply, delete, and to carry to another browser. */
export class PresetDialog extends AppDialog {
  static override properties = { ...AppDialog.properties, name: { state: true }, problem: { state: true } };
  declare protected name: string;
  declare protected problem: Problem | null;

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      wa-dialog {
        --width: 32rem;
      }

      .body {
        display: grid;
        gap: var(--wa-space-m);
      }

      form {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: var(--wa-space-s);
        align-items: end;
      }

      ul {
        border-block-start: 1px solid var(--wa-color-surface-border);
        list-style: none;
      }

      li {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto auto;
        gap: var(--wa-space-2xs);
        align-items: center;
        padding-block: var(--wa-space-2xs);
        border-block-end: 1px solid var(--wa-color-surface-border);
      }

      li span {
        overflow: hidden;
        text-overflow: ellipsis;
      }

      .tools {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-s);
      }
    `,
  ];

  constructor() {
    super();
    this.name = '';
    this.problem = null;
    new StoreController(this, () => [this.app.presets, this.app.settings]);
  }

  #save(event: Event): void {
    event.preventDefault();
    const name = this.name.trim();
    if (name === '') return;
    this.app.presets.save(name, this.app.settings.value);
    this.name = '';
  }

  #export(): void {
    const json = new Blob([presetFile(this.app.presets.value)], { type: 'application/json' });
    download(json, 'presets.json');
  }

  async #import(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    // So that the same file can be chosen again.
    input.value = '';
    if (file === undefined) return;
    try {
      this.app.presets.add(readPresetFile(await file.text(), file.name));
      this.problem = null;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  #row(preset: Preset): TemplateResult {
    const inForce = isInForce(preset, this.app.settings.value);
    return html`
      <li>
        <span>${preset.name}</span>
        <wa-button
          size="s"
          appearance=${inForce ? 'plain' : 'outlined'}
          ?disabled=${inForce}
          aria-label=${msg(str`Apply ${preset.name}`)}
          @click=${() => act(this, { kind: 'change', change: presetChange(preset) })}
          >${inForce ? msg('In use') : msg('Apply')}</wa-button
        >
        <wa-button size="s" appearance="plain" @click=${() => this.app.presets.remove(preset.name)}>
          <wa-icon name="trash" label=${msg(str`Delete ${preset.name}`)}></wa-icon>
        </wa-button>
      </li>
    `;
  }

  protected override render(): unknown {
    const presets = this.app.presets.value;
    return html`
      <wa-dialog open light-dismiss label=${msg('Presets')} @wa-after-hide=${this.onHidden}>
        <div class="body">
          <form @submit=${(event: Event) => this.#save(event)}>
            <wa-input
              autofocus
              size="s"
              maxlength="80"
              label=${msg('Save the present settings as')}
              .value=${this.name}
              @input=${(event: Event) => (this.name = (event.target as WaInput).value ?? '')}
            ></wa-input>
            <wa-button
              size="s"
              variant="brand"
              type="submit"
              ?disabled=${this.name.trim() === ''}
              @click=${(event: Event) => this.#save(event)}
              >${msg('Save')}</wa-button
            >
          </form>
          ${
            presets.length === 0
              ? html`<p class="quiet small">${msg('No presets yet.')}</p>`
              : html`<ul>
                  ${presets.map((preset) => this.#row(preset))}
                </ul>`
          }
          ${this.problem === null ? nothing : problemView(this.problem)}
          <div class="tools">
            <wa-button
              size="s"
              appearance="outlined"
              @click=${() => this.renderRoot.querySelector<HTMLInputElement>('input[type=file]')!.click()}
              >${msg('Import …')}</wa-button
            >
            <wa-button size="s" appearance="outlined" ?disabled=${presets.length === 0} @click=${() => this.#export()}
              >${msg('Export')}</wa-button
            >
          </div>
          <input
            hidden
            type="file"
            accept=".json,application/json"
            aria-label=${msg('Import presets')}
            @change=${(event: Event) => void this.#import(event)}
          />
        </div>
      </wa-dialog>
    `;
  }
}

customElements.define('preset-dialog', PresetDialog);
