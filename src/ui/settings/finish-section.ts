import '@awesome.me/webawesome/dist/components/slider/slider.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import type WaSlider from '@awesome.me/webawesome/dist/components/slider/slider.js';
import type WaSwitch from '@awesome.me/webawesome/dist/components/switch/switch.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { USUAL_GRAIN, USUAL_SHARPEN } from '../../app/edit-settings.ts';
import { formatNumber } from '../../app/format-text.ts';
import type { Grain, Sharpen } from '../../core/finish.ts';
import { SettingsSection } from './section.ts';

/** A slider over the part of a range that is of use; what lies beyond is for the command line. */
interface Slide {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly text: (value: number) => string;
  onChange(value: number): void;
}

/** Sharpening and grain of the finished picture. */
export class FinishSection extends SettingsSection {
  static override styles = [
    ...SettingsSection.styles,
    css`
      .group {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-s);
        padding-inline-start: var(--wa-space-m);
        border-inline-start: 2px solid var(--wa-color-surface-border);
      }
    `,
  ];

  #slider({ label, value, min, max, step, text, onChange }: Slide): TemplateResult {
    const rounded = (raw: number): number => Number((Math.round(raw / step) * step).toFixed(2));
    return html`
      <wa-slider
        size="s"
        label=${`${label}: ${text(value)}`}
        .min=${min}
        .max=${max}
        .step=${step}
        .value=${value}
        .valueFormatter=${text}
        @input=${(event: Event) => onChange(rounded((event.target as WaSlider).value))}
      ></wa-slider>
    `;
  }

  #sharpen(sharpen: Sharpen): TemplateResult {
    const change = (part: Partial<Sharpen>): void =>
      this.change({ finish: { ...this.settings.finish, sharpen: { ...sharpen, ...part } } });
    return html`<div class="group">
      ${this.#slider({
        ...{ label: msg('Amount'), value: sharpen.amount, min: 0, max: 300, step: 5 },
        text: (value) => msg(str`${formatNumber(value)} %`),
        onChange: (amount) => change({ amount }),
      })}
      ${this.#slider({
        ...{ label: msg('Radius'), value: sharpen.radius, min: 0.3, max: 10, step: 0.1 },
        text: (value) => msg(str`${formatNumber(value, 1)} px`),
        onChange: (radius) => change({ radius }),
      })}
      ${this.#slider({
        ...{ label: msg('Threshold'), value: sharpen.threshold, min: 0, max: 50, step: 1 },
        text: (value) => formatNumber(value),
        onChange: (threshold) => change({ threshold }),
      })}
    </div>`;
  }

  #grain(grain: Grain): TemplateResult {
    const change = (part: Partial<Grain>): void =>
      this.change({ finish: { ...this.settings.finish, grain: { ...grain, ...part } } });
    return html`<div class="group">
      ${this.#slider({
        ...{ label: msg('Strength'), value: grain.strength, min: 0, max: 20, step: 0.5 },
        text: (value) => msg(str`${formatNumber(value, 1)} %`),
        onChange: (strength) => change({ strength }),
      })}
      ${this.#slider({
        ...{ label: msg('Size of a grain'), value: grain.size, min: 1, max: 8, step: 0.1 },
        text: (value) => msg(str`${formatNumber(value, 1)} px`),
        onChange: (size) => change({ size }),
      })}
    </div>`;
  }

  #toggle(label: string, hint: string, checked: boolean, onToggle: (checked: boolean) => void): TemplateResult {
    return html`<wa-switch
      size="s"
      hint=${hint}
      .checked=${checked}
      @change=${(event: Event) => onToggle((event.target as WaSwitch).checked)}
      >${label}</wa-switch
    >`;
  }

  protected override render(): unknown {
    const { finish } = this.settings;
    return html`
      <h2>${msg('Finish')}</h2>
      ${this.#toggle(
        msg('Sharpen'),
        msg('Unsharp mask, on the enlarged picture.'),
        finish.sharpen !== null,
        (checked) => this.change({ finish: { ...finish, sharpen: checked ? USUAL_SHARPEN : null } }),
      )}
      ${finish.sharpen === null ? nothing : this.#sharpen(finish.sharpen)}
      ${this.#toggle(
        msg('Grain'),
        msg('Hides smooth and blocky places, as film does.'),
        finish.grain !== null,
        (checked) => this.change({ finish: { ...finish, grain: checked ? USUAL_GRAIN : null } }),
      )}
      ${finish.grain === null ? nothing : this.#grain(finish.grain)}
    `;
  }
}

customElements.define('finish-section', FinishSection);
