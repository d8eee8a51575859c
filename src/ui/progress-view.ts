import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { css, html, LitElement, nothing } from 'lit';
import { formatBytes, formatDuration, formatNumber, formatPercent } from '../app/format-text.ts';
import type { ProgressEvent } from '../app/picture.ts';
import { engineLabel } from './labels.ts';
import { sharedStyles } from './shared-styles.ts';

/** How far a running job is, in the figures that tell whether it goes well. */
export class ProgressView extends LitElement {
  static override properties = { progress: { attribute: false }, name: {} };
  declare progress: ProgressEvent | null;
  declare name: string;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        contain: layout style;
        gap: var(--wa-space-xs);
      }

      wa-progress-bar {
        --track-height: 0.5rem;
      }

      /* Reports come ten times a second: a transition between them would lay the page out in every frame. */
      wa-progress-bar:not([indeterminate])::part(indicator) {
        transition: none;
      }

      .line {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        column-gap: var(--wa-space-m);
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }

      .line strong {
        font-weight: var(--wa-font-weight-semibold);
      }

      .figures {
        display: flex;
        flex-wrap: wrap;
        column-gap: var(--wa-space-m);
        color: var(--wa-color-text-quiet);
      }
    `,
  ];

  protected override render(): unknown {
    const { progress } = this;
    const percent = Math.floor((progress?.fraction ?? 0) * 100);
    return html`
      <wa-progress-bar
        label=${`Progress of ${this.name}`}
        .value=${percent}
        ?indeterminate=${progress === null}
      ></wa-progress-bar>
      ${
        progress === null
          ? html`<div class="line"><span class="quiet">Getting ready …</span></div>`
          : html`<div class="line">
                <strong>${formatPercent(progress.fraction)}</strong>
                <span class="quiet"
                  >${formatDuration(progress.elapsedMs)}
                  elapsed${
                    progress.remainingMs === null
                      ? nothing
                      : html` · about ${formatDuration(progress.remainingMs)} left`
                  }</span
                >
              </div>
              <div class="line figures">
                <span>${formatBytes(progress.bytes)} written</span>
                <span>${formatNumber(progress.megapixelsPerSecond, 0)} MP/s</span>
                <span>${engineLabel(progress)}</span>
              </div>`
      }
    `;
  }
}

customElements.define('progress-view', ProgressView);
