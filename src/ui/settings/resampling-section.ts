import { msg } from '@lit/localize';
import { html } from 'lit';
import { choiceField } from '../choice-field.ts';
import '../help/help-tip.ts';
import { resamplingHelp } from '../help/resampling-help.ts';
import { kernelChoices, kernelHints, methodChoices, methodHints } from '../labels.ts';
import { SettingsSection } from './section.ts';

/** How pixels are computed between pixels. */
export class ResamplingSection extends SettingsSection {
  protected override render(): unknown {
    const { kernel, method } = this.settings;
    return html`
      <h2>
        ${msg('Resampling')}
        <help-tip label=${msg('About kernels and methods')}>${resamplingHelp()}</help-tip>
      </h2>
      <div class="row">
        ${choiceField({
          label: msg('Kernel'),
          value: kernel,
          choices: kernelChoices(),
          hint: kernelHints()[kernel],
          onChoose: (value) => this.change({ kernel: value }),
        })}
        ${choiceField({
          label: msg('Method'),
          value: method,
          choices: methodChoices(),
          hint: methodHints()[method],
          onChoose: (value) => this.change({ method: value }),
        })}
      </div>
    `;
  }
}

customElements.define('resampling-section', ResamplingSection);
