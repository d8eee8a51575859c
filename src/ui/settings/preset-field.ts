import '@awesome.me/webawesome/dist/components/divider/divider.js';
import '@awesome.me/webawesome/dist/components/option/option.js';
import '@awesome.me/webawesome/dist/components/select/select.js';
import type WaSelect from '@awesome.me/webawesome/dist/components/select/select.js';
import { msg } from '@lit/localize';
import { html, nothing, type TemplateResult } from 'lit';
import { presetById, presetGroups, presetOf, type SizePreset } from '../../app/size-presets.ts';
import type { SizeSettings } from '../../app/size-settings.ts';

/** A menu of sizes by name, in groups. Shows the one that the fields hold. */
export function presetField(size: SizeSettings, onChoose: (preset: SizePreset) => void): TemplateResult {
  return html`
    <wa-select
      size="s"
      label=${msg('Preset')}
      placeholder=${msg('Paper, poster, screen …')}
      .value=${presetOf(size)?.id ?? ''}
      @change=${(event: Event) => {
        const preset = presetById((event.target as WaSelect).value as string);
        if (preset !== null) onChoose(preset);
      }}
    >
      ${presetGroups().map(
        (group, i) => html`
          ${i === 0 ? nothing : html`<wa-divider></wa-divider>`}
          <small>${group.label}</small>
          ${group.presets.map((preset) => html`<wa-option value=${preset.id}>${preset.label}</wa-option>`)}
        `,
      )}
    </wa-select>
  `;
}
