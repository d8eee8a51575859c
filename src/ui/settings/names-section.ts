import '@awesome.me/webawesome/dist/components/details/details.js';
import '@awesome.me/webawesome/dist/components/input/input.js';
import type WaInput from '@awesome.me/webawesome/dist/components/input/input.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { templateProblem, type ExistingChoice } from '../../app/naming.ts';
import { NAME_FIELDS } from '../../core/names.ts';
import { choiceField } from '../choice-field.ts';
import { StoreController } from '../store-controller.ts';
import { SettingsSection } from './section.ts';

/** How results are called, with the name that comes of it, and what happens to files that are there already. */
export class NamesSection extends SettingsSection {
  static override styles = [
    ...SettingsSection.styles,
    css`
      .fields {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-m);
      }

      .preview {
        font-size: var(--wa-font-size-s);
        overflow-wrap: anywhere;
      }

      .wrong {
        color: var(--wa-color-danger-on-quiet);
      }

      wa-details {
        --spacing: var(--wa-space-m);
      }

      wa-details::part(header) {
        padding-block: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.naming]);
  }

  #preview(): unknown {
    const problem = templateProblem(this.app.naming.value.template);
    if (problem !== null) return html`<p class="preview wrong" role="alert">${problem.message} ${problem.remedy}</p>`;
    const path = this.app.outputPath(this.selected);
    if (path === null) return nothing;
    return html`<p class="preview">${msg(str`Becomes ${[...path.folders, path.name].join('/')}`)}</p>`;
  }

  protected override render(): unknown {
    const { template, existing } = this.app.naming.value;
    const change = (event: Event): void => this.app.naming.change({ template: (event.target as WaInput).value ?? '' });
    return html`
      <wa-details summary=${msg('File names')} appearance="outlined">
        <div class="fields">
          <div>
            <wa-input
              size="s"
              label=${msg('Name of results')}
              hint=${NAME_FIELDS.map((field) => `{${field}}`).join(' ')}
              spellcheck="false"
              autocomplete="off"
              .value=${template}
              @input=${change}
            ></wa-input>
            ${this.#preview()}
          </div>
          ${choiceField<ExistingChoice>({
            label: msg('If a file of that name exists'),
            value: existing,
            choices: [
              { value: 'number', label: msg('Number the new one') },
              { value: 'skip', label: msg('Skip the picture') },
            ],
            onChoose: (choice) => this.app.naming.change({ existing: choice }),
          })}
        </div>
      </wa-details>
    `;
  }
}

customElements.define('names-section', NamesSection);
