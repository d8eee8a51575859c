import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { msg, str } from '@lit/localize';
import { css, html, type PropertyValues } from 'lit';
import { formatBytes, formatDuration, formatNumber, formatPercent } from '../../app/format-text.ts';
import type { ProgressEvent } from '../../app/picture.ts';
import { remainingAfter } from '../../core/estimate/speed.ts';
import { AppElement } from '../app-element.ts';
import { engineLabel } from '../labels.ts';
import { sharedStyles } from '../shared-styles.ts';
import { Stopwatch } from '../stopwatch.ts';
import { TickController } from '../tick-controller.ts';

/** How far a running job is, in the figures that tell whether it goes well. */
export class ProgressView extends AppElement {
  static override properties = {
    progress: { attribute: false },
    expectedMs: { attribute: false },
    name: {},
    paused: { type: Boolean },
  };

  declare progress: ProgressEvent | null;
  /** How long the job was thought to take before it began; null when nobody knew. */
  declare expectedMs: number | null;
  declare name: string;
  /** The job is held, and its clock with it. */
  declare paused: boolean;
  /** Between two reports. */
  readonly #clock = new Stopwatch();

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

  constructor() {
    super();
    this.paused = false;
    new TickController(this, () => this.progress !== null && !this.paused);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('progress')) this.#clock.restart();
    this.#clock.hold(this.paused);
  }

  protected override render(): unknown {
    const { progress } = this;
    const sinceMs = this.#clock.elapsedMs;
    const elapsed = formatDuration((progress?.elapsedMs ?? 0) + sinceMs);
    const remaining = progress === null ? null : remainingAfter(progress, this.expectedMs, sinceMs);
    const percent = Math.floor((progress?.fraction ?? 0) * 100);
    return html`
      <wa-progress-bar
        label=${msg(str`Progress of ${this.name}`)}
        .value=${percent}
        ?indeterminate=${progress === null}
      ></wa-progress-bar>
      ${
        progress === null
          ? html`<div class="line"><span class="quiet">${msg('Getting ready …')}</span></div>`
          : html`<div class="line">
                <strong>${formatPercent(progress.fraction)}</strong>
                <span class="quiet"
                  >${
                    remaining === null
                      ? msg(str`${elapsed} elapsed`)
                      : msg(str`${elapsed} elapsed · about ${formatDuration(remaining)} left`)
                  }</span
                >
              </div>
              <div class="line figures">
                <span>${msg(str`${formatBytes(progress.bytes)} written`)}</span>
                <span>${msg(str`${formatNumber(progress.megapixelsPerSecond, 0)} MP/s`)}</span>
                <span>${engineLabel(progress)}</span>
              </div>`
      }
    `;
  }
}

customElements.define('progress-view', ProgressView);
