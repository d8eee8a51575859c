import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatBytes, formatSize } from '../../app/format-text.ts';
import { isBusy, type Picture } from '../../app/picture.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { problemStyles, problemView } from '../problem-view.ts';
import './progress-view.ts';
import './result-view.ts';
import { sharedStyles } from '../shared-styles.ts';
import '../thumbnail-view.ts';

/** One picture of the list: what it is, and where its job stands. */
export class PictureRow extends AppElement {
  static override properties = {
    picture: { attribute: false },
    selected: { type: Boolean, reflect: true },
    refused: { type: Boolean },
  };

  declare picture: Picture;
  declare selected: boolean;
  /** The present settings do not fit this picture. */
  declare refused: boolean;

  static override styles = [
    sharedStyles,
    problemStyles,
    css`
      :host {
        position: relative;
        display: grid;
        grid-template-columns: 4rem minmax(0, 1fr) auto;
        gap: var(--wa-space-2xs) var(--wa-space-m);
        align-items: center;
        padding: var(--wa-space-s);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-l);
        background: var(--wa-color-surface-raised);
      }

      :host([selected]) {
        border-color: var(--wa-color-brand-border-loud);
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
        align-self: start;
      }

      .more {
        grid-column: 1 / -1;
        min-width: 0;
        margin-top: var(--wa-space-2xs);
      }

      @media (min-width: 640px) {
        .more {
          grid-column: 2 / -1;
        }
      }
    `,
  ];

  #facts(): string {
    const { info, size, profile, file } = this.picture;
    if (info === null || size === null) return formatBytes(file.size);
    const depth = info.bits === 8 ? [] : [msg(str`${info.bits} bit`)];
    const colour = profile === null ? [] : [profile];
    return [
      msg(str`${formatSize(size)} px`),
      info.format.toUpperCase(),
      ...depth,
      formatBytes(file.size),
      ...colour,
    ].join(' · ');
  }

  #badge(): TemplateResult | typeof nothing {
    switch (this.picture.state.kind) {
      case 'reading':
        return html`<span class="badge quiet">${msg('Reading …')}</span>`;
      case 'queued':
        return html`<span class="badge quiet">${msg('Waiting')}</span>`;
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
        return html`<progress-view class="more" .progress=${state.progress} name=${name}></progress-view>`;
      case 'done':
        return html`<result-view
          class="more"
          .receipt=${state.result.receipt}
          .place=${state.place}
          .pictureId=${id}
        ></result-view>`;
      case 'failed':
        return html`<div class="more">${problemView(state.problem)}</div>`;
      default:
        return nothing;
    }
  }

  protected override render(): unknown {
    const { picture } = this;
    return html`
      <thumbnail-view .picture=${picture} .longSide=${160}></thumbnail-view>
      <div>
        <button
          class="select"
          aria-current=${this.selected ? 'true' : 'false'}
          title=${picture.name}
          @click=${() => act(this, { kind: 'select', id: picture.id })}
        >
          ${picture.name}
        </button>
        <p class="facts">${this.#facts()}</p>
        ${this.#badge()}
      </div>
      <wa-button
        class="side"
        size="s"
        appearance="plain"
        ?disabled=${isBusy(picture)}
        @click=${() => act(this, { kind: 'remove', id: picture.id })}
      >
        <wa-icon name="close" label=${msg(str`Remove ${picture.name}`)}></wa-icon>
      </wa-button>
      ${this.#more()}
    `;
  }
}

customElements.define('picture-row', PictureRow);
