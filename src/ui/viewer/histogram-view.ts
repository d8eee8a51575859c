import { msg, str } from '@lit/localize';
import { css, html, nothing, svg, type TemplateResult } from 'lit';
import { formatNumber } from '../../app/format-text.ts';
import type { Histogram } from '../../workers/protocol.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

const CHANNELS = ['red', 'green', 'blue', 'luminance'] as const;

const HEIGHT = 64;

/** The outline of a histogram over 256 levels. Heights are roots of counts, so that rare levels show beside frequent ones. */
function outline(bins: Uint32Array, most: number): string {
  const points = Array.from(bins, (count, i) => `${i},${(HEIGHT * (1 - Math.sqrt(count / most))).toFixed(1)}`);
  return `M0,${HEIGHT} L${points.join(' L')} L255,${HEIGHT} Z`;
}

/** The level up to which a share of the pixels lies. */
function quantile(bins: Uint32Array, pixels: number, share: number): number {
  let sum = 0;
  const level = bins.findIndex((count) => (sum += count) >= share * pixels);
  return level < 0 ? 255 : level;
}

/** How often each level of brightness and colour occurs, in the source and in the result. */
export class HistogramView extends AppElement {
  static override properties = { source: { attribute: false }, result: { attribute: false } };
  declare source: Histogram | null;
  declare result: Histogram | null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        gap: var(--wa-space-xs);
        width: 16rem;
        max-width: 100%;
        padding: var(--wa-space-s);
        border: 1px solid var(--wa-color-surface-border);
        border-radius: var(--wa-border-radius-m);
        background: color-mix(in oklab, var(--wa-color-surface-raised) 94%, transparent);
        font-size: var(--wa-font-size-xs);
      }

      svg {
        display: block;
        width: 100%;
        height: var(--histogram-height, 4rem);
        background: var(--wa-color-surface-sunken);
      }

      path {
        mix-blend-mode: normal;
        fill-opacity: 0.35;
        stroke-width: 1;
        vector-effect: non-scaling-stroke;
      }

      .red {
        fill: #e5484d;
        stroke: #e5484d;
      }

      .green {
        fill: #30a46c;
        stroke: #30a46c;
      }

      .blue {
        fill: #3e83f7;
        stroke: #3e83f7;
      }

      .luminance {
        fill: none;
        stroke: var(--wa-color-text-normal);
      }

      figure {
        margin: 0;
      }

      figcaption {
        display: flex;
        justify-content: space-between;
      }
    `,
  ];

  #figure(name: string, histogram: Histogram | null): TemplateResult | typeof nothing {
    if (histogram === null) return nothing;
    const { luminance, pixels } = histogram;
    // The ends hold what is clipped, and would press everything else flat.
    const most = Math.max(1, ...CHANNELS.flatMap((channel) => [...histogram[channel].subarray(1, 255)]));
    const clamped = (bins: Uint32Array): Uint32Array => bins.map((count) => Math.min(count, most));
    const middle = quantile(luminance, pixels, 0.5);
    const share = (count: number): string => formatNumber((100 * count) / Math.max(1, pixels), 1);
    const text = msg(
      str`${name}: half of the pixels are darker than ${middle} of 255; ${share(luminance[0]!)} % are black, ${share(luminance[255]!)} % white.`,
    );
    return html`
      <figure>
        <figcaption>
          <span>${name}</span>
          <span class="quiet">${msg(str`median ${middle}`)}</span>
        </figcaption>
        <svg viewBox="0 0 255 ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label=${text}>
          ${CHANNELS.map((channel) => svg`<path class=${channel} d=${outline(clamped(histogram[channel]), most)} />`)}
        </svg>
      </figure>
    `;
  }

  protected override render(): unknown {
    return html`${this.#figure(msg('Source'), this.source)} ${this.#figure(msg('Result'), this.result)}`;
  }
}

customElements.define('histogram-view', HistogramView);
