import { msg } from '@lit/localize';
import { html, nothing } from 'lit';
import { MAX_BYTES_RANGE } from '../../app/edit-settings.ts';
import { QUALITY_RANGE } from '../../app/settings.ts';
import { choiceField } from '../choice-field.ts';
import '../number-field.ts';
import { SettingsSection } from './section.ts';

const MEGABYTE = 1e6;

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
        <number-field
          label=${msg('At most')}
          suffix="MB"
          placeholder=${msg('No limit')}
          optional
          .value=${settings.maxBytes === null ? null : settings.maxBytes / MEGABYTE}
          .min=${MAX_BYTES_RANGE.min / MEGABYTE}
          .max=${MAX_BYTES_RANGE.max / MEGABYTE}
          @number-change=${({ detail }: CustomEvent<number | null>) =>
            this.change({ maxBytes: detail === null ? null : Math.round(detail * MEGABYTE) })}
        ></number-field>
      </div>
    `;
  }
}

customElements.define('format-section', FormatSection);
