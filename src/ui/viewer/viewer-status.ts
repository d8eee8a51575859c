import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import { formatShare } from '../../app/format-text.ts';
import type { PointValues } from '../../workers/protocol.ts';
import { AppElement } from '../app-element.ts';
import { commands } from '../commands/registry.ts';
import type { IconName } from '../icons.ts';
import { sharedStyles } from '../shared-styles.ts';

/** The line below the picture: values under the pointer, and how large it is shown. */
export class ViewerStatus extends AppElement {
  static override properties = { values: { attribute: false }, zoom: { type: Number }, text: {} };
  declare values: PointValues | null;
  /** Pixels of the screen for a pixel of the result. */
  /** Pixels of the screen for a pixel of the result; null where none are seen. */
  declare zoom: number | null;
  /** What is going on. */
  declare text: string;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: var(--wa-space-s);
        /* Of one size, whatever it says: a zoom that changes in every frame lays out nothing around it. */
        contain: strict;
        height: 2.25rem;
        padding-inline: var(--wa-space-s) var(--wa-space-2xs);
        border-block-start: 1px solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
        font-size: var(--wa-font-size-xs);
      }

      .values,
      .text {
        min-width: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      .values {
        direction: ltr;
      }

      .zoom {
        display: flex;
        align-items: center;
        margin-inline-start: auto;
      }

      .percent {
        min-width: 3.6rem;
        text-align: center;
      }

      .tool {
        display: grid;
        place-items: center;
        min-width: 2rem;
        height: 2rem;
        padding: 0;
        border: 0;
        border-radius: var(--wa-border-radius-s);
        background: none;
        color: var(--wa-color-neutral-on-quiet);
        font: inherit;
        cursor: pointer;
        touch-action: manipulation;
      }

      .tool:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }

      .tool:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: -2px;
      }
    `,
  ];

  #tool(id: string, face: IconName | '1:1', label: string, key: string): TemplateResult {
    return html`<button
      type="button"
      class="tool"
      title=${`${label} (${key})`}
      aria-label=${label}
      aria-keyshortcuts=${key}
      @click=${() => commands.run(id)}
    >
      ${face === '1:1' ? html`<span class="numbers" aria-hidden="true">1:1</span>` : html`<wa-icon name=${face}></wa-icon>`}
    </button>`;
  }

  /** Not live: it changes with every move of the pointer. */
  #values(): TemplateResult | typeof nothing {
    const { values } = this;
    if (values === null) return nothing;
    const { source, result } = values;
    const list = (samples: readonly number[]): string => samples.join(' ');
    const sixteen = result.depth === 16 ? ' / 65535' : '';
    const text = `${result.x}, ${result.y}: ${list(source.samples)} → ${list(result.samples)}${sixteen}`;
    const title = msg('Position in the result; samples of the source and of the result');
    return html`<span class="values numbers" title=${title}>${text}</span>`;
  }

  protected override render(): unknown {
    const { zoom } = this;
    const text = zoom === null ? '–' : formatShare(zoom, zoom < 0.0995 ? 1 : 0);
    return html`
      ${this.#values()}
      <span class="text quiet" role="status">${this.text}</span>
      <span class="zoom" role="group" aria-label=${msg('Zoom')}>
        ${this.#tool('view.zoom-out', 'minus', msg('Zoom out'), '-')}
        <span class="percent numbers" title=${msg(str`${text} of the result's size`)}>${text}</span>
        ${this.#tool('view.zoom-in', 'plus', msg('Zoom in'), '+')} ${this.#tool('view.fit', 'fit', msg('Fit'), '0')}
        ${this.#tool('view.full', '1:1', msg('Actual pixels'), '1')}
      </span>
    `;
  }
}

customElements.define('viewer-status', ViewerStatus);
