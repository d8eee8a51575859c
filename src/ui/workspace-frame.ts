import '@awesome.me/webawesome/dist/components/split-panel/split-panel.js';
import type WaSplitPanel from '@awesome.me/webawesome/dist/components/split-panel/split-panel.js';
import '@awesome.me/webawesome/dist/components/tab/tab.js';
import '@awesome.me/webawesome/dist/components/tab-group/tab-group.js';
import '@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js';
import { msg } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { LayoutStore, SidePane } from '../app/layout.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';

/**
 * Everything side by side; the viewer beside one column; the viewer above one column. Where that would leave no pane enough
 * height, the page scrolls as a whole: with the viewer staying beside one column (`beside`), or above it (`stacked`).
 */
type Room = 'wide' | 'medium' | 'narrow' | 'beside' | 'stacked';

/** The least height, in rem, in which the panes scroll on their own. */
const LEAST_HEIGHT = { wide: 28, medium: 34, narrow: 40 } as const;

/** The least width of a page with the viewer beside a column, in rem, where the page scrolls as a whole. */
const BESIDE_WIDTH = 35;

const rootSize = (): number => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** Measured in letters: with large ones, a window is small. */
function roomNow(): Room {
  const rem = rootSize();
  const width = innerWidth / rem;
  const room = width >= 70 ? 'wide' : width >= 42 ? 'medium' : 'narrow';
  if (innerHeight / rem >= LEAST_HEIGHT[room]) return room;
  return width >= BESIDE_WIDTH ? 'beside' : 'stacked';
}

/** Widths of panes that nobody has resized, in rem. */
const STANDARD_WIDTH: Readonly<Record<SidePane, number>> = { queue: 20, settings: 22.5 };

const pixelsOf = (rem: number): number => rem * rootSize();

/**
 * Divides the screen between what is slotted: `queue`, `viewer`, `settings`, `notices`, `problem`, `hint` and `start`. The slotted
 * elements stay the same when the division changes; only the slots move.
 */
export class WorkspaceFrame extends AppElement {
  static override properties = {
    layout: { attribute: false },
    count: {},
    mirrored: { type: Boolean },
    room: { state: true },
    rem: { state: true },
  };
  declare layout: LayoutStore;
  /** The number of pictures, as text. */
  declare count: string;
  /** From right to left. */
  declare mirrored: boolean;
  declare protected room: Room;
  /** The letters' size that the widths of the panes follow: CSS pixels. */
  declare protected rem: number;
  #listening: AbortController | null = null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(0, 1fr);
        height: 100%;
        min-height: 0;
      }

      wa-split-panel {
        height: 100%;
        min-height: 0;
        --divider-width: 1px;
        --divider-hit-area: 0.75rem;
      }

      wa-split-panel::part(divider) {
        background: var(--wa-color-surface-border);
      }

      wa-split-panel::part(divider):hover {
        background: var(--wa-color-brand-border-loud);
      }

      .wide {
        --min: 15rem;
        --max: 32rem;
      }

      .wide .wide {
        --min: 18rem;
        --max: min(34rem, 60%);
      }

      .wide.closed,
      .wide .wide.closed {
        --divider-width: 0px;
        --min: 0px;
      }

      .closed::part(divider) {
        display: none;
      }

      /* In their columns, also where the others are not shown. */
      .wide > [slot='start'] {
        grid-area: 1 / 1;
      }

      .wide > [slot='end'] {
        grid-area: 1 / 3;
      }

      .pane {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        height: 100%;
        min-height: 0;
        overflow: hidden;
        background: var(--wa-color-surface-raised);
      }

      /* Its size is the frame's: a figure that changes inside lays out nothing around it. */
      .scroll {
        contain: strict;
        min-height: 0;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
        scrollbar-gutter: stable;
      }

      .viewer {
        background: var(--viewer-background);
      }

      .with-end {
        grid-template-rows: minmax(0, 1fr) auto;
      }

      .start {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: var(--wa-space-s);
        padding: var(--wa-space-m);
        padding-block-end: max(var(--wa-space-m), env(safe-area-inset-bottom));
        border-block-start: 1px solid var(--wa-color-surface-border);
        background: var(--wa-color-surface-raised);
      }

      .shared {
        --divider-hit-area: 1.5rem;
        --min: 0px;
        --max: 100%;
      }

      wa-tab-group {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(0, 1fr);
        min-height: 0;
        --track-width: 1px;
        --indicator-color: var(--wa-color-brand-border-loud);
      }

      wa-tab-group::part(base) {
        min-height: 0;
      }

      wa-tab-group::part(body) {
        min-height: 0;
        overflow-y: auto;
        overscroll-behavior: contain;
        scrollbar-width: thin;
      }

      wa-tab-group::part(tabs) {
        flex: 1;
      }

      wa-tab {
        flex: 1;
      }

      wa-tab::part(base) {
        display: flex;
        justify-content: center;
        padding: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }

      wa-tab-panel {
        --padding: 0;
      }

      /* The page scrolls as a whole: every pane is as high as what it holds, and the viewer as high as the window lets it be. */
      :host([whole]) {
        display: block;
        height: auto;
        --window: calc(100dvh - var(--header-height) - 1px);
      }

      .column {
        min-width: 0;
        background: var(--wa-color-surface-raised);
      }

      .column .viewer {
        height: max(12.5rem, 0.5 * var(--window));
        border-block-end: 1px solid var(--wa-color-surface-border);
      }

      .column wa-tab-group,
      .column wa-tab-group::part(base) {
        display: block;
      }

      .column wa-tab-group::part(body) {
        overflow: visible;
      }

      .notices ::slotted(:not([empty])) {
        margin: var(--wa-space-s);
      }

      /* In sight wherever the page is scrolled to, at the other end than the line with Start. */
      .column > .notices {
        position: sticky;
        z-index: 2;
        inset-block-start: 0;
        background: var(--wa-color-surface-raised);
      }

      .column .note {
        padding-inline: var(--wa-space-m);
      }

      .column .note ::slotted(*) {
        margin-block: var(--wa-space-s);
      }

      /* Of what it holds, one line stays in sight; the box of that is the column. */
      .column .start {
        display: contents;
        --start-display: contents;
        --start-label: none;
        --start-line-border: 1px;
        --start-line-padding: var(--wa-space-xs) var(--wa-space-m) max(var(--wa-space-xs), env(safe-area-inset-bottom));
        --start-note-margin: 0 var(--wa-space-m) var(--wa-space-s);
      }

      .two {
        display: grid;
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
        align-items: start;
      }

      .two > .viewer {
        position: sticky;
        inset-block-start: 0;
        height: max(12.5rem, var(--window));
        border-inline-end: 1px solid var(--wa-color-surface-border);
      }

      .two > .column {
        min-height: var(--window);
      }

      @media (max-width: 41.99rem) {
        .pane > .start {
          padding: var(--wa-space-s) var(--wa-space-m);
          padding-block-end: max(var(--wa-space-s), env(safe-area-inset-bottom));
        }
      }
    `,
  ];

  constructor() {
    super();
    this.room = roomNow();
    this.rem = rootSize();
    this.count = '';
    this.mirrored = false;
    new StoreController(this, () => [this.layout]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener('resize', () => this.#measure(), { signal });
    // Larger letters take their room from the frame.
    const observer = new ResizeObserver(() => this.#measure());
    observer.observe(this);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  protected override willUpdate(): void {
    this.toggleAttribute('whole', this.room === 'beside' || this.room === 'stacked');
  }

  #measure(): void {
    this.room = roomNow();
    this.rem = rootSize();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
  }

  #onReposition(event: Event, pane: SidePane): void {
    // Panels inside report through the ones around them.
    if (event.target !== event.currentTarget || !this.layout.value.open[pane]) return;
    const { positionInPixels } = event.target as WaSplitPanel;
    // A panel tells of the place that it was given, too; that is not a person's wish.
    if (Math.abs(positionInPixels - this.#width(pane)) >= 1) this.layout.resize(pane, positionInPixels);
  }

  /** For an attribute, not a property: a panel that had no size yet when it was told falls back on its attribute later on. */
  #width(pane: SidePane): number {
    const { open, width } = this.layout.value;
    return open[pane] ? (width[pane] ?? pixelsOf(STANDARD_WIDTH[pane])) : 0;
  }

  /**
   * Where what comes first and what comes next stand. The split panels are told that they run from left to right, because in the
   * other direction they mix up the sides; what stands in them is exchanged instead.
   */
  get #sides(): { readonly first: 'start' | 'end'; readonly next: 'start' | 'end'; readonly dir: 'ltr' | 'rtl' } {
    return this.mirrored ? { first: 'end', next: 'start', dir: 'rtl' } : { first: 'start', next: 'end', dir: 'ltr' };
  }

  #wide(): TemplateResult {
    const { open } = this.layout.value;
    const { first, next, dir } = this.#sides;
    const notices = html`<div class="notices"><slot name="notices"></slot></div>`;
    return html`
      <wa-split-panel
        dir="ltr"
        class="wide ${open.queue ? '' : 'closed'}"
        primary=${first}
        ?disabled=${!open.queue}
        position-in-pixels=${this.#width('queue')}
        @wa-reposition=${(event: Event) => this.#onReposition(event, 'queue')}
      >
        <section slot=${first} dir=${dir} class="pane with-end" aria-label=${msg('Pictures')} ?hidden=${!open.queue}>
          <div class="scroll"><slot name="queue"></slot></div>
          ${open.queue ? notices : nothing}
        </section>
        <wa-split-panel
          slot=${next}
          dir="ltr"
          class="wide ${open.settings ? '' : 'closed'}"
          primary=${next}
          ?disabled=${!open.settings}
          position-in-pixels=${this.#width('settings')}
          @wa-reposition=${(event: Event) => this.#onReposition(event, 'settings')}
        >
          <section slot=${first} dir=${dir} class="pane viewer with-end" aria-label=${msg('Viewer')}>
            <slot name="viewer"></slot>
            ${open.queue ? nothing : notices}
          </section>
          <section
            slot=${next}
            dir=${dir}
            class="pane with-end"
            aria-label=${msg('Settings')}
            ?hidden=${!open.settings}
          >
            <div class="scroll"><slot name="settings"></slot></div>
            ${this.#start()}
          </section>
        </wa-split-panel>
      </wa-split-panel>
    `;
  }

  /** The panes that share their place; `slot` is that of the split panel which they stand in. */
  #tabs(slot: 'start' | 'end' | typeof nothing): TemplateResult {
    return html`
      <wa-tab-group
        slot=${slot}
        dir=${this.#sides.dir}
        active=${this.layout.value.front}
        without-scroll-controls
        @wa-tab-show=${(event: CustomEvent<{ name: SidePane }>) => this.layout.bringToFront(event.detail.name)}
      >
        <wa-tab panel="settings">${msg('Settings')}</wa-tab>
        <wa-tab panel="queue">${this.count}</wa-tab>
        <wa-tab-panel name="settings"><slot name="settings"></slot></wa-tab-panel>
        <wa-tab-panel name="queue"><slot name="queue"></slot></wa-tab-panel>
      </wa-tab-group>
    `;
  }

  #start(): TemplateResult {
    return html`<div class="start">
      ${this.room === 'wide' ? nothing : html`<slot name="notices"></slot>`}
      <slot name="problem"></slot>
      <slot name="hint"></slot>
      <slot name="start"></slot>
    </div>`;
  }

  #whole(): TemplateResult {
    const viewer = html`<section class="pane viewer" aria-label=${msg('Viewer')}>
      <slot name="viewer"></slot>
    </section>`;
    const notices = html`<div class="notices"><slot name="notices"></slot></div>`;
    const column = html`
      <div class="note"><slot name="problem"></slot></div>
      ${this.#tabs(nothing)}
      <div class="note"><slot name="hint"></slot></div>
      <div class="start"><slot name="start"></slot></div>
    `;
    return this.room === 'beside'
      ? html`<div class="two" dir=${this.#sides.dir}>
          ${viewer}
          <div class="column">${notices} ${column}</div>
        </div>`
      : html`<div class="column" dir=${this.#sides.dir}>${notices} ${viewer} ${column}</div>`;
  }

  #shared(): TemplateResult {
    const { viewerShare } = this.layout.value;
    const beside = this.room === 'medium';
    const mirrored = beside && this.mirrored;
    const { dir } = this.#sides;
    // The position is always that of what stands on the left, or above.
    const turned = (share: number): number => (mirrored ? 100 - share : share);
    return html`
      <div class="pane with-end">
        <wa-split-panel
          dir="ltr"
          class="shared"
          orientation=${beside ? 'horizontal' : 'vertical'}
          snap="0% ${turned(42)}% 100%"
          .position=${turned(viewerShare)}
          @wa-reposition=${(event: Event) => this.layout.shareViewer(turned((event.target as WaSplitPanel).position))}
        >
          <section slot=${mirrored ? 'end' : 'start'} dir=${dir} class="pane viewer" aria-label=${msg('Viewer')}>
            <slot name="viewer"></slot>
          </section>
          ${this.#tabs(mirrored ? 'start' : 'end')}
        </wa-split-panel>
        ${this.#start()}
      </div>
    `;
  }

  protected override render(): unknown {
    if (this.room === 'beside' || this.room === 'stacked') return this.#whole();
    return this.room === 'wide' ? this.#wide() : this.#shared();
  }
}

customElements.define('workspace-frame', WorkspaceFrame);
