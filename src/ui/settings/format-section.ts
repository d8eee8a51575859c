import { msg, str } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { MAX_BYTES_RANGE } from '../../app/edit-settings.ts';
import { exportChange, PANEL_RANGES } from '../../app/export-settings.ts';
import { formatNumber, formatSize, lengthUnit, megabyteUnit } from '../../app/format-text.ts';
import { QUALITY_RANGE, toJobOptions } from '../../app/settings.ts';
import { fromInches, toInches, type Range } from '../../app/size-settings.ts';
import { exportFormats, panelSize, planPanels, type ExportKind, type PanelOptions } from '../../core/exports.ts';
import { panelDpi } from '../../pipeline/plan-job.ts';
import { choiceField } from '../choice-field.ts';
import { exportChoices } from '../labels.ts';
import '../number-field.ts';
import { SettingsSection } from './section.ts';

const MEGABYTE = 1e6;

const exportHint = (kind: ExportKind): string => {
  switch (kind) {
    case 'file':
      return '';
    case 'deepzoom':
      return msg('A folder, or a ZIP, with a page that shows even gigapixels in any browser.');
    case 'pyramid':
      return msg('One file for programs that show huge pictures piece by piece.');
    case 'panels':
      return msg('Numbered sheets with a plan of how they lie together.');
    default:
      return kind satisfies never;
  }
};

type PanelKey = Exclude<keyof PanelOptions, 'kind'>;

/** What the result is made as: its format, its quality where it has one, and whether it is one file or many. */
export class FormatSection extends SettingsSection {
  protected override render(): unknown {
    const { settings } = this;
    const made = settings.export;
    const formats = exportFormats(made.kind, this.app.formats);
    const meta = this.app.formats.find((format) => format.format === settings.format)!;
    return html`
      <h2>${msg('Result')}</h2>
      ${choiceField({
        label: msg('Make'),
        value: made.kind,
        choices: exportChoices(),
        hint: exportHint(made.kind),
        onChoose: (kind) => this.change(exportChange(kind, settings.format)),
      })}
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
        ${made.kind === 'file' ? this.#limit() : nothing}
      </div>
      ${made.kind === 'panels' ? this.#panels(made) : nothing}
    `;
  }

  #limit(): TemplateResult {
    const { maxBytes } = this.settings;
    return html`<number-field
      class="long"
      label=${msg('At most')}
      suffix=${megabyteUnit()}
      placeholder=${msg('No limit')}
      optional
      .value=${maxBytes === null ? null : maxBytes / MEGABYTE}
      .min=${MAX_BYTES_RANGE.min / MEGABYTE}
      .max=${MAX_BYTES_RANGE.max / MEGABYTE}
      @number-change=${({ detail }: CustomEvent<number | null>) =>
        this.change({ maxBytes: detail === null ? null : Math.round(detail * MEGABYTE) })}
    ></number-field>`;
  }

  #panels(panels: PanelOptions): TemplateResult {
    const { unit } = this.settings.size;
    const field = (key: PanelKey, label: string, range: Range): TemplateResult =>
      html`<number-field
        label=${label}
        suffix=${lengthUnit(unit)}
        .value=${Number(fromInches(panels[key], unit).toFixed(2))}
        .min=${Number(fromInches(range.min, unit).toFixed(2))}
        .max=${Number(fromInches(range.max, unit).toFixed(2))}
        @number-change=${({ detail }: CustomEvent<number>) =>
          this.change({ export: { ...panels, [key]: toInches(detail, unit) } })}
      ></number-field>`;
    const { side, margin } = PANEL_RANGES;
    return html`
      <div class="row">
        ${field('widthInches', msg('Panel width'), side)} ${field('heightInches', msg('Panel height'), side)}
      </div>
      <div class="row">
        ${field('overlapInches', msg('Overlap'), margin)} ${field('bleedInches', msg('Bleed'), margin)}
      </div>
      ${this.#panelPlan(panels)}
    `;
  }

  /** How many panels it will be; nothing for what the verdict refuses anyway. */
  #panelPlan(panels: PanelOptions): unknown {
    const { selected } = this;
    const verdict = this.app.verdict(selected);
    if (selected?.info == null || verdict === null || verdict.refusal !== null) return nothing;
    const dpi = panelDpi(toJobOptions(this.settings));
    const plan = planPanels(verdict.output, panels, dpi);
    const size = formatSize(panelSize(verdict.output, panels, dpi));
    const count = formatNumber(plan.panels.length);
    return html`<p class="quiet small numbers">
      ${msg(
        str`Panels: ${count} (${formatNumber(plan.columns)} × ${formatNumber(plan.rows)}), at most ${size} px each, at ${formatNumber(dpi, 1)} DPI`,
      )}
    </p>`;
  }
}

customElements.define('format-section', FormatSection);
