import '@awesome.me/webawesome/dist/components/switch/switch.js';
import type WaSwitch from '@awesome.me/webawesome/dist/components/switch/switch.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatNumber } from '../../app/format-text.ts';
import type { Settings, SettingsChange } from '../../app/settings.ts';
import { SIZE_RANGES } from '../../app/size-settings.ts';
import type { FormatMeta } from '../../core/formats.ts';
import { readEnvironment } from '../../platform/environment.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { choiceField as field, type ChoiceField } from '../choice-field.ts';
import { engineChoices } from '../labels.ts';
import '../number-field.ts';
import { sharedStyles } from '../shared-styles.ts';

/** Letters that a menu has room for here, where the fields stand in a frame. */
const ROOM = 10;

const choiceField = <T extends string>(options: ChoiceField<T>): TemplateResult => field({ room: ROOM, ...options });

type Depth = '8' | '16' | 'source';

const toHex = (colour: readonly number[]): string => `#${colour.map((c) => c.toString(16).padStart(2, '0')).join('')}`;

const fromHex = (hex: string): [number, number, number] => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
];

/** Why an engine with threads is, or is not, to be had. */
function engineHint(): string {
  const { isolated, processors } = readEnvironment();
  return isolated
    ? msg(str`${formatNumber(processors)} processors.`)
    : msg('No threads: the server does not isolate this page.');
}

/** The choices that most people leave as they are. */
export class AdvancedFields extends AppElement {
  static override properties = { settings: { attribute: false }, meta: { attribute: false } };
  declare settings: Settings;
  declare meta: FormatMeta;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-m);
      }

      .colour {
        display: flex;
        align-items: center;
        justify-content: space-between;
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }

      .colour input {
        width: 3rem;
        height: 2rem;
        padding: 2px;
        border: 1px solid var(--wa-form-control-border-color);
        border-radius: var(--wa-form-control-border-radius);
        background: none;
      }

      .colour input:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }
    `,
  ];

  /** The field is there for formats without transparency. */
  focusBackground(): void {
    this.renderRoot.querySelector<HTMLElement>('.colour input')?.focus();
  }

  #change(change: SettingsChange): void {
    act(this, { kind: 'change', change });
  }

  #switch(label: string, hint: string, checked: boolean, onToggle: (checked: boolean) => void): TemplateResult {
    return html`
      <wa-switch
        size="s"
        hint=${hint}
        .checked=${checked}
        @change=${(event: Event) => onToggle((event.target as WaSwitch).checked)}
        >${label}</wa-switch
      >
    `;
  }

  #chroma(): TemplateResult {
    return choiceField({
      label: msg('Chroma'),
      value: this.settings.chroma,
      choices: [
        { value: '420', label: msg('4:2:0, smaller') },
        { value: '444', label: msg('4:4:4, finer') },
      ],
      onChoose: (chroma) => this.#change({ chroma }),
    });
  }

  #compression(): TemplateResult {
    return choiceField({
      label: msg('Compression'),
      value: this.settings.level,
      choices: [
        { value: 'fast', label: msg('Fast') },
        { value: 'small', label: msg('Small') },
        { value: 'store', label: msg('None') },
      ],
      onChoose: (level) => this.#change({ level }),
    });
  }

  #depth(): TemplateResult {
    return choiceField<Depth>({
      label: msg('Depth'),
      value: String(this.settings.depth) as Depth,
      choices: [
        { value: 'source', label: msg('As source') },
        { value: '8', label: msg('8 bits') },
        { value: '16', label: msg('16 bits') },
      ],
      onChoose: (depth) => this.#change({ depth: depth === 'source' ? depth : depth === '8' ? 8 : 16 }),
    });
  }

  #metadata(): TemplateResult {
    return choiceField({
      label: msg('Metadata'),
      value: this.settings.metadata,
      choices: [
        { value: 'keep', label: msg('Keep') },
        { value: 'no-location', label: msg('Remove location') },
        { value: 'none', label: msg('Remove all') },
      ],
      onChoose: (metadata) => this.#change({ metadata }),
    });
  }

  #engine(): TemplateResult {
    return choiceField({
      label: msg('Engine'),
      value: this.settings.engine,
      choices: engineChoices(),
      hint: engineHint(),
      onChoose: (engine) => this.#change({ engine }),
    });
  }

  protected override render(): unknown {
    const { settings, meta } = this;
    const deflated = meta.format === 'png' || meta.format === 'tiff';
    return html`
      ${this.#switch(
        msg('Linear light'),
        msg('Truer brightness in fine detail; a little slower.'),
        settings.linear,
        (linear) => this.#change({ linear }),
      )}
      ${this.#switch(
        msg('Clamp ringing'),
        msg('No halos around hard edges.'),
        settings.clampOvershoot,
        (clampOvershoot) => this.#change({ clampOvershoot }),
      )}
      <div class="row">
        ${meta.lossy ? this.#chroma() : nothing} ${deflated ? this.#compression() : nothing} ${this.#depth()}
        ${this.#metadata()}
        <number-field
          label=${msg('Density')}
          suffix="DPI"
          placeholder=${settings.size.mode === 'print' ? String(settings.size.printDpi) : msg('As source')}
          optional
          .value=${settings.dpi}
          .min=${SIZE_RANGES.dpi.min}
          .max=${SIZE_RANGES.dpi.max}
          @number-change=${(event: CustomEvent<number | null>) => this.#change({ dpi: event.detail })}
        ></number-field>
        ${this.#engine()}
      </div>
      ${
        meta.alpha
          ? nothing
          : html`<label class="colour">
              ${msg('Background behind transparency')}
              <input
                type="color"
                .value=${toHex(settings.background)}
                @input=${(event: Event) =>
                  this.#change({ background: fromHex((event.target as HTMLInputElement).value) })}
              />
            </label>`
      }
    `;
  }
}

customElements.define('advanced-fields', AdvancedFields);
