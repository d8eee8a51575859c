import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { QUALITY_RANGE } from '../../app/settings.ts';
import { choiceField } from '../choice-field.ts';
import '../number-field.ts';
import { SettingsSection } from './section.ts';

/** The format of the result, and its quality where it has one. */
export class FormatSection extends SettingsSection {
  protected override render(): unknown {
    const { settings } = this;
    const { formats } = this.app;
    const meta = formats.find((format) => format.format === settings.format)!;
    return html`
      <div class="row">
        ${choiceField({
          label: msg('Format'),
          value: settings.format,
          choices: formats.map(({ format, label }) => ({ value: format, label })),
          onChoose: (format) => this.change({ format }),
        })}
        ${
          meta.lossy
            ? html`<number-field
                label=${msg('Quality')}
                integer
                .value=${settings.quality}
                .min=${QUALITY_RANGE.min}
                .max=${QUALITY_RANGE.max}
                @number-change=${(event: CustomEvent<number>) => this.change({ quality: event.detail })}
              ></number-field>`
            : nothing
        }
      </div>
    `;
  }
}

customElements.define('format-section', FormatSection);
