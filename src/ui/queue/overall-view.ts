import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/progress-bar/progress-bar.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing } from 'lit';
import type { App } from '../../app/app.ts';
import { formatDuration, formatNumber, formatPercent } from '../../app/format-text.ts';
import type { Overall } from '../../app/overall.ts';
import { isUnreadable } from '../../app/picture.ts';
import { AppElement } from '../app-element.ts';
import { engineLabel } from '../labels.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';
import { TickController } from '../tick-controller.ts';

/** How the whole run stands, and the buttons that hold it and let it go on. */
export class OverallView extends AppElement {
  static override properties = { app: { attribute: false } };
  declare app: App;
  /** How the run stood when its progress last changed: the time that was left then counts down. */
  #measured: Overall | null = null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        contain: layout style;
        gap: var(--wa-space-xs);
        font-size: var(--wa-font-size-s);
        font-variant-numeric: tabular-nums;
      }

      wa-progress-bar {
        --track-height: 0.5rem;
      }

      wa-progress-bar::part(indicator) {
        transition: none;
      }

      .line {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 0 var(--wa-space-m);
      }

      .buttons {
        display: flex;
        gap: var(--wa-space-2xs);
      }
    `,
  ];

  constructor() {
    super();
    new StoreController(this, () => [this.app.queue, this.app.pictures]);
    new TickController(this, () => {
      const { running, paused, total } = this.app.queue.value;
      return running && !paused && total > 1;
    });
  }

  /** How the run stands, its pace and what is left by the last progress: by the clock alone both would get worse between two reports. */
  #overall(): Overall {
    const overall = this.app.overall();
    const before = this.#measured;
    if (before?.fraction !== overall.fraction || overall.elapsedMs < before.elapsedMs) {
      this.#measured = overall;
      return overall;
    }
    const { remainingMs, megapixelsPerSecond } = before;
    const left = remainingMs === null ? 0 : remainingMs - (overall.elapsedMs - before.elapsedMs);
    return { ...overall, megapixelsPerSecond, remainingMs: left > 0 ? left : null };
  }

  #buttons(): unknown {
    const { queue } = this.app;
    const { paused, pausing } = queue.value;
    const button = (icon: string, label: string, run: () => void): unknown =>
      html`<wa-button size="xs" appearance="outlined" @click=${run}
        ><wa-icon slot="start" name=${icon}></wa-icon>${label}</wa-button
      >`;
    if (paused) return button('play', msg('Resume'), () => queue.resume());
    return html`
      ${button('pause', msg('Pause'), () => queue.pause())}
      ${
        pausing
          ? button('close', msg('Do not pause'), () => queue.resume())
          : button('clock', msg('Pause after this'), () => queue.pause('after-picture'))
      }
    `;
  }

  protected override render(): unknown {
    const { value } = this.app.queue;
    const { fraction, elapsedMs, remainingMs, megapixelsPerSecond, engine } = this.#overall();
    const unreadable = this.app.pictures.pictures.filter(isUnreadable).length;
    const ended = value.done + value.failed + value.skipped;
    // A picture by itself has its own progress in its row.
    if (value.total === 1) return html`<div class="buttons">${this.#buttons()}</div>`;
    return html`
      <div class="line">
        <strong>${value.paused ? msg('Paused') : formatPercent(fraction)}</strong>
        <span>${msg(str`${formatNumber(ended)} of ${formatNumber(value.total)} done`)}</span>
      </div>
      <wa-progress-bar label=${msg('Progress of all pictures')} .value=${Math.floor(fraction * 100)}></wa-progress-bar>
      <div class="line quiet">
        <span>${msg(str`${formatDuration(elapsedMs)} elapsed`)}</span>
        ${remainingMs === null ? nothing : html`<span>${msg(str`about ${formatDuration(remainingMs)} left`)}</span>`}
        <span>${msg(str`${formatNumber(megapixelsPerSecond, megapixelsPerSecond < 10 ? 1 : 0)} MP/s`)}</span>
        ${engine === null ? nothing : html`<span>${engineLabel({ engine })}</span>`}
        ${value.failed === 0 ? nothing : html`<span>${msg(str`${formatNumber(value.failed)} failed`)}</span>`}
        ${unreadable === 0 ? nothing : html`<span>${msg(str`${formatNumber(unreadable)} unreadable`)}</span>`}
      </div>
      <div class="buttons">${this.#buttons()}</div>
    `;
  }
}

customElements.define('overall-view', OverallView);
