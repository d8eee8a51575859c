import '@awesome.me/webawesome/dist/components/button/button.js';
import type WaButton from '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import type WaSwitch from '@awesome.me/webawesome/dist/components/switch/switch.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { formatDuration } from '../../app/format-text.ts';
import { aboutModel, modelFacts, ownModelText } from '../../app/model-text.ts';
import type { Problem } from '../../app/picture.ts';
import { AI_DEFAULTS, type AiOptions, type ModelRef, type NoiseLevel } from '../../core/ai.ts';
import { CATALOGUE, findBundled } from '../../models/catalogue.ts';
import type { OwnModel } from '../../models/own-models.ts';
import { choiceField, type Choice } from '../choice-field.ts';
import '../number-field.ts';
import { closeProblem, problemStyles, problemView } from '../problem-view.ts';
import { StoreController } from '../store-controller.ts';
import { SettingsSection } from './section.ts';

/** The value of the menu that stands for no model. */
const NONE = 'none';

const valueOf = (ref: ModelRef): string => (ref.kind === 'own' ? ref.sha256 : ref.id);

const refOf = ({ name, sha256, shape }: OwnModel): ModelRef => ({ kind: 'own', name, sha256, shape });

/** Enlarging with a model: which, and how. */
export class ModelSection extends SettingsSection {
  #told: Problem | null = null;

  static override styles = [
    ...SettingsSection.styles,
    problemStyles,
    css`
      .facts {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-xs);
      }

      input[type='file'] {
        display: none;
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.models]);
  }

  protected override firstUpdated(): void {
    void this.app.models.load();
  }

  /** A new message may come up below what is in sight. */
  protected override async updated(changed: PropertyValues<this>): Promise<void> {
    super.updated(changed);
    const { problem } = this.app.models.value;
    const isNew = problem !== null && problem !== this.#told;
    this.#told = problem;
    if (!isNew) return;
    // How high the words come out depends on the room that the button leaves.
    await this.renderRoot.querySelector<WaButton>('.problem wa-button')!.updateComplete;
    this.renderRoot.querySelector('.problem')?.scrollIntoView({ block: 'nearest' });
  }

  protected override render(): unknown {
    const { ai } = this.settings;
    const { own, looking, problem } = this.app.models.value;
    const kept = ai?.model.kind === 'own' ? own.find(({ sha256 }) => sha256 === valueOf(ai.model)) : undefined;
    return html`
      ${choiceField({
        label: msg('AI model'),
        value: ai === null ? NONE : valueOf(ai.model),
        choices: this.#choices(own),
        hint: this.#hint(ai),
        onChoose: (value) => this.#choose(value),
      })}
      ${ai === null ? nothing : this.#options(ai, own)}
      ${kept === undefined ? nothing : html`<p class="facts">${ownModelText(kept)}</p>`}
      <div class="buttons">
        <wa-button
          size="s"
          appearance="outlined"
          ?loading=${looking !== null}
          @click=${() => this.renderRoot.querySelector('input')!.click()}
        >
          ${msg('Add a model …')}
        </wa-button>
        ${
          kept === undefined
            ? nothing
            : html`<wa-button size="s" appearance="plain" variant="danger" @click=${() => this.#remove(kept)}>
                ${msg('Delete this model')}
              </wa-button>`
        }
        <input
          type="file"
          accept=".onnx"
          aria-label=${msg('Model file')}
          @change=${(event: Event) => this.#onFile(event)}
        />
      </div>
      <p class="facts" role="status">${looking === null ? '' : msg(str`Looking at ${looking} …`)}</p>
      ${
        problem === null
          ? nothing
          : problemView(
              problem,
              closeProblem(() => this.app.models.dismiss()),
            )
      }
    `;
  }

  #choices(own: readonly OwnModel[]): readonly Choice<string>[] {
    return [
      { value: NONE, label: msg('None: resample') },
      ...CATALOGUE.filter(({ task }) => task === 'enlarge').map(({ id, label }) => ({ value: id, label })),
      ...own.map(({ sha256, name }) => ({ value: sha256, label: name })),
    ];
  }

  #hint(ai: AiOptions | null): string {
    if (ai === null) return msg('Exact, fast, and true to the picture.');
    const bundled = ai.model.kind === 'bundled' ? findBundled(ai.model.id) : null;
    return bundled === null ? '' : aboutModel(bundled);
  }

  /** What runs before or after the enlargement, at the picture's own size: nothing, or one model. */
  #stage(
    label: string,
    stages: readonly ModelRef[],
    own: readonly OwnModel[],
    change: (stages: ModelRef[]) => void,
  ): unknown {
    const restoring = [
      ...CATALOGUE.filter(({ task }) => task === 'restore').map(({ id, label: name }) => ({
        ref: { kind: 'bundled', id } as ModelRef,
        name,
      })),
      ...own.filter(({ shape }) => shape.scale === 1).map((model) => ({ ref: refOf(model), name: model.name })),
    ];
    return choiceField({
      label,
      value: stages.length === 0 ? NONE : valueOf(stages[0]!),
      choices: [
        { value: NONE, label: msg('Nothing') },
        ...restoring.map(({ ref, name }) => ({ value: valueOf(ref), label: name })),
      ],
      onChoose: (value) => change(restoring.filter(({ ref }) => valueOf(ref) === value).map(({ ref }) => ref)),
    });
  }

  #options(ai: AiOptions, own: readonly OwnModel[]): unknown {
    const bundled = ai.model.kind === 'bundled' ? findBundled(ai.model.id) : null;
    const levels = Object.keys(bundled?.denoising ?? {});
    const flag = (label: string, checked: boolean, change: (on: boolean) => Partial<AiOptions>): unknown => html`
      <wa-switch
        size="s"
        ?checked=${checked}
        @change=${(event: Event) => this.#set(ai, change((event.target as WaSwitch).checked))}
        >${label}</wa-switch
      >
    `;
    return html`
      <p class="facts">${bundled === null ? '' : modelFacts(bundled)} ${this.#time(ai)}</p>
      <div class="row">
        ${
          levels.length === 0
            ? nothing
            : choiceField({
                label: msg('Noise removal'),
                value: String(ai.noise),
                choices: [
                  { value: 'null', label: msg('Off') },
                  ...levels.map((level) => ({ value: level, label: msg(str`Level ${level}`) })),
                ],
                onChoose: (value) => this.#set(ai, { noise: value === 'null' ? null : (Number(value) as NoiseLevel) }),
              })
        }
        ${choiceField({
          label: msg('Runs'),
          value: ai.passes,
          choices: [
            { value: 'all', label: msg('As the size needs') },
            { value: 'first', label: msg('One') },
          ],
          onChoose: (passes) => this.#set(ai, { passes }),
        })}
        <number-field
          label=${msg('Share of the model')}
          suffix="%"
          .value=${Math.round(ai.blend * 100)}
          .min=${0}
          .max=${100}
          @number-change=${(event: CustomEvent<number>) => this.#set(ai, { blend: event.detail / 100 })}
        ></number-field>
      </div>
      ${flag(msg('Keep the colours of the source'), ai.colourLock, (colourLock) => ({ colourLock }))}
      <div class="row">
        ${this.#stage(msg('Before the model'), ai.before, own, (before) => this.#set(ai, { before }))}
        ${this.#stage(msg('After the model'), ai.after, own, (after) => this.#set(ai, { after }))}
      </div>
      ${flag(msg('Enlarge transparency with the model too'), ai.alpha === 'model', (on) => ({ alpha: on ? 'model' : 'lanczos' }))}
      ${flag(msg('Average eight turned runs: eight times slower'), ai.tta, (tta) => ({ tta }))}
    `;
  }

  /** How long the model will take for the picture that is looked at. */
  #time(ai: AiOptions): string {
    const { selected } = this;
    const output = this.app.verdict(selected)?.output;
    if (selected?.size == null || output === undefined) return '';
    const time = this.app.modelSpeed.estimate(ai, selected.size, output, this.app.models.value.own);
    return time === null
      ? msg('Its speed here shows after the first picture.')
      : msg(str`About ${formatDuration(time)} here.`);
  }

  #choose(value: string): void {
    const { ai } = this.settings;
    if (value === NONE) return this.change({ ai: null });
    const own = this.app.models.value.own.find(({ sha256 }) => sha256 === value);
    const model: ModelRef = own === undefined ? { kind: 'bundled', id: value } : refOf(own);
    this.change({ ai: { ...AI_DEFAULTS, ...ai, model, noise: null } });
  }

  #set(ai: AiOptions, change: Partial<AiOptions>): void {
    this.change({ ai: { ...ai, ...change } });
  }

  async #onFile(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const [file] = input.files ?? [];
    // So that the same file can be chosen again.
    input.value = '';
    if (file !== undefined) await this.app.addModel(file);
  }

  async #remove({ sha256 }: OwnModel): Promise<void> {
    this.change({ ai: null });
    await this.app.models.remove(sha256);
  }
}

customElements.define('model-section', ModelSection);
