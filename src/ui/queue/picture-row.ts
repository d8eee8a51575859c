import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes, formatSize } from '../../app/format-text.ts';
import { canRetry, isBusy, type Picture, type PictureState } from '../../app/picture.ts';
import { LONG_JOB_MS } from '../../app/staging.ts';
import type { Thumbnails } from '../../app/thumbnails.ts';
import type { Size } from '../../core/geometry.ts';
import { AppElement } from '../app-element.ts';
import { problemStyles, problemView } from '../problem-view.ts';
import './progress-view.ts';
import './result-view.ts';
import { ROW_ACTION, type RowAction } from './row-action.ts';
import { SeenController } from './seen-controller.ts';
import { sharedStyles } from '../shared-styles.ts';
import '../thumbnail-view.ts';

/** A fact with the place where a line may end within it: behind the arrow between two sizes. */
const breakable = (fact: string): readonly unknown[] =>
  fact.split(/(?<=[→←] )/).map((part, i) => (i === 0 ? part : html`<wbr />${part}`));

/** What a crash would cost a running job; nothing for a short one whose parts are not kept. */
function crashText({ progress, keptBands }: Extract<PictureState, { kind: 'running' }>): unknown {
  if (progress === null) return nothing;
  const isLong = progress.elapsedMs + (progress.remainingMs ?? 0) > LONG_JOB_MS;
  if (keptBands === null && !isLong) return nothing;
  return html`<p class="more facts">
    ${
      keptBands === null
        ? msg('Written straight into its file: after a crash it begins again.')
        : msg('What is finished is kept: after a crash it goes on from there.')
    }
  </p>`;
}

/** One picture of the list: what it is, and where its job stands. */
export class PictureRow extends AppElement {
  static override properties = {
    picture: { attribute: false },
    thumbnails: { attribute: false },
    selected: { type: Boolean, reflect: true },
    chosen: { type: Boolean, reflect: true },
    refused: { type: Boolean },
    output: { attribute: false },
    expectedMs: { attribute: false },
    paused: { type: Boolean },
  };

  declare picture: Picture;
  declare thumbnails: Thumbnails;
  /** It is looked at. */
  declare selected: boolean;
  /** The settings that are shown are changed for it. */
  declare chosen: boolean;
  /** The present settings do not fit this picture. */
  declare refused: boolean;
  /** The size that it will get; null while that is unknown. */
  declare output: Size | null;
  /** How long its job was thought to take; null while that is unknown. */
  declare expectedMs: number | null;
  /** Its job runs, and is held. */
  declare paused: boolean;
  readonly #seen = new SeenController(this);

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      :host {
        position: relative;
        display: grid;
        grid-template-columns: 4rem minmax(0, 1fr) auto;
        gap: 0 var(--wa-space-m);
        align-items: center;
        padding: var(--wa-space-s);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: var(--wa-color-surface-raised);
      }

      :host([chosen]) {
        background: color-mix(in oklab, var(--wa-color-brand-fill-quiet) 60%, var(--wa-color-surface-raised));
      }

      :host([selected]) {
        border-color: var(--wa-color-brand-border-loud);
      }

      :host([data-drop='before']) {
        box-shadow: 0 -3px 0 var(--wa-color-brand-border-loud);
      }

      thumbnail-view {
        width: 4rem;
        height: 4rem;
        border-radius: var(--wa-border-radius-m);
        background: var(--wa-color-surface-lowered);
        --thumbnail-fit: cover;
        --thumbnail-width: 100%;
        --thumbnail-height: 100%;
      }

      thumbnail-view {
        grid-row: 1 / 3;
      }

      .name {
        min-width: 0;
      }

      /* The line of the name has the buttons beside it; what is below it has the room under them, too. */
      .about {
        grid-column: 2 / -1;
        align-self: start;
      }

      /* The name is the button, and its hit area is the whole head of the row. */
      .select {
        display: block;
        max-width: 100%;
        padding: 0;
        border: 0;
        background: none;
        color: inherit;
        font: inherit;
        font-weight: var(--wa-font-weight-semibold);
        text-align: start;
        text-overflow: ellipsis;
        white-space: nowrap;
        overflow: hidden;
        cursor: pointer;
      }

      .select::after {
        content: '';
        position: absolute;
        inset: 0;
        border-radius: inherit;
      }

      .select:focus-visible {
        outline: none;
      }

      :host(:has(.select:focus-visible)) {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }

      .facts {
        color: var(--wa-color-text-quiet);
        font-size: var(--wa-font-size-s);
        line-height: 1.5;
        font-variant-numeric: tabular-nums;
      }

      .facts .measure {
        white-space: nowrap;
      }

      .facts wbr {
        white-space: normal;
      }

      .badge {
        display: inline-flex;
        align-items: center;
        gap: 0.3em;
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
        line-height: 1.5;
      }

      .badge.refused {
        color: var(--wa-color-warning-on-quiet);
      }

      .side,
      .more {
        position: relative;
        z-index: 1;
      }

      .side {
        margin-block: calc(-1 * var(--wa-space-2xs));
        margin-inline-start: calc(-1 * var(--wa-space-s));
        white-space: nowrap;
      }

      .more {
        grid-column: 1 / -1;
        min-width: 0;
        margin-top: var(--wa-space-xs);
      }
    `,
  ];

  override focus(options?: FocusOptions): void {
    this.renderRoot.querySelector<HTMLElement>('.select')?.focus(options);
  }

  #tell(action: RowAction): void {
    this.dispatchEvent(new CustomEvent<RowAction>(ROW_ACTION, { detail: action, bubbles: true, composed: true }));
  }

  #size(): string {
    const { size, state } = this.picture;
    if (size === null) return '';
    const plain = msg(str`${formatSize(size)} px`);
    if (this.output === null || state.kind === 'done') return plain;
    return msg(str`${formatSize(size)} → ${formatSize(this.output)} px`);
  }

  #facts(): unknown {
    const { info, size, profile, bytes } = this.picture;
    if (info === null || size === null) return formatBytes(bytes);
    const depth = info.bits === 8 ? [] : [msg(str`${info.bits} bit`)];
    const measures = [this.#size(), info.format.toUpperCase(), ...depth, formatBytes(bytes)];
    // Each by itself, so that numbers and Latin names do not change places in a text from right to left.
    const facts = [
      ...measures.map((fact) => html`<bdi class="measure">${breakable(fact)}</bdi>`),
      ...(profile === null ? [] : [html`<bdi>${profile}</bdi>`]),
    ];
    return facts.map((fact, i) => html`${fact}${i === facts.length - 1 ? nothing : '\u00a0· '}`);
  }

  #badge(): TemplateResult | typeof nothing {
    switch (this.picture.state.kind) {
      case 'reading':
        return html`<span class="badge quiet">${msg('Reading …')}</span>`;
      case 'queued':
        return html`<span class="badge quiet">${msg('Waiting')}</span>`;
      case 'locked':
        return html`<span class="badge quiet"><wa-icon name="lock"></wa-icon>${msg('Waits for permission')}</span>`;
      case 'skipped':
        return html`<span class="badge quiet">${msg(str`Skipped: ${this.picture.state.name} exists`)}</span>`;
      case 'cancelled':
        return html`<span class="badge quiet">${msg('Cancelled')}</span>`;
      default:
        return this.refused
          ? html`<span class="badge refused"><wa-icon name="alert"></wa-icon>${msg('Does not fit')}</span>`
          : nothing;
    }
  }

  #more(): TemplateResult | typeof nothing {
    const { state, name, id } = this.picture;
    switch (state.kind) {
      case 'running':
        return html`<progress-view
            class="more"
            .progress=${state.progress}
            .expectedMs=${this.expectedMs}
            ?paused=${this.paused}
            name=${name}
          ></progress-view>
          ${crashText(state)}`;
      case 'done':
        return html`<result-view
            class="more"
            .receipt=${state.receipt}
            .place=${state.place}
            ?saved=${state.saved === true}
            .pictureId=${id}
          ></result-view>
          ${state.again === undefined ? nothing : html`<div class="more">${problemView(state.again)}</div>`}`;
      case 'failed':
        return html`<div class="more">${problemView(state.problem)}</div>`;
      default:
        return nothing;
    }
  }

  #actions(): TemplateResult {
    const { picture } = this;
    const { name } = picture;
    const button = (action: RowAction, icon: string, label: string): TemplateResult =>
      html`<wa-button size="xs" appearance="plain" @click=${() => this.#tell(action)}
        ><wa-icon name=${icon} label=${label}></wa-icon
      ></wa-button>`;
    return html`<div class="side">
      ${canRetry(picture) ? button('retry', 'again', msg(str`Enlarge ${name} again`)) : nothing}
      ${
        isBusy(picture)
          ? button('cancel', 'close', msg(str`Cancel ${name}`))
          : button('remove', 'close', msg(str`Remove ${name}`))
      }
    </div>`;
  }

  protected override render(): unknown {
    const { picture } = this;
    // Far from the screen only the name is there, for searching and for screen readers.
    if (!this.#seen.seen) return html`<span></span><span>${picture.name}</span>`;
    return html`
      <thumbnail-view .picture=${picture} .thumbnails=${this.thumbnails}></thumbnail-view>
      <div class="name">
        <button
          class="select"
          aria-current=${this.selected ? 'true' : 'false'}
          aria-pressed=${this.chosen ? 'true' : 'false'}
          title=${[...picture.folders, picture.name].join('/')}
        >
          ${picture.name}
        </button>
      </div>
      ${this.#actions()}
      <div class="about">
        <p class="facts">${this.#facts()}</p>
        ${this.#badge()}
      </div>
      ${this.#more()}
    `;
  }
}

customElements.define('picture-row', PictureRow);
