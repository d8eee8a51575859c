import '@awesome.me/webawesome/dist/components/split-panel/split-panel.js';
import type WaSplitPanel from '@awesome.me/webawesome/dist/components/split-panel/split-panel.js';
import '@awesome.me/webawesome/dist/components/tab/tab.js';
import '@awesome.me/webawesome/dist/components/tab-group/tab-group.js';
import '@awesome.me/webawesome/dist/components/tab-panel/tab-panel.js';
import { msg } from '@lit/localize';
import { css, html, type TemplateResult } from 'lit';
import type { LayoutStore, SidePane } from '../app/layout.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';
import { StoreController } from './store-controller.ts';

/** Everything side by side; the viewer beside one column; the viewer above one column. */
type Room = 'wide' | 'medium' | 'narrow';

const WIDE = matchMedia('(min-width: 70rem)');
const MEDIUM = matchMedia('(min-width: 42rem)');

const roomNow = (): Room => (WIDE.matches ? 'wide' : MEDIUM.matches ? 'medium' : 'narrow');

/** Large screens have larger letters (styles.css). */
const LARGE = matchMedia('(min-width: 2200px)');

/** Widths of panes that nobody has resized, in rem. */
const STANDARD_WIDTH: Readonly<Record<SidePane, number>> = { queue: 20, settings: 22.5 };

const pixelsOf = (rem: number): number => rem * parseFloat(getComputedStyle(document.documentElement).fontSize);

/**
 * Divides the screen between what is slotted: `queue`, `viewer`, `settings` and `start`. The slotted elements stay the
 * same when the division changes; only the slots move.
 */
export class WorkspaceFrame extends AppElement {
  static override properties = {
    layout: { attribute: false },
    count: {},
    mirrored: { type: Boolean },
    room: { state: true },
  };
  declare layout: LayoutStore;
  /** The number of pictures, as text. */
  declare count: string;
  /** From right to left. */
  declare mirrored: boolean;
  declare protected room: Room;
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

      .closed {
        --min: 0px;
      }

      .closed::part(divider) {
        display: none;
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

      .with-start {
        grid-template-rows: minmax(0, 1fr) auto;
      }

      .start {
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

      @media (max-width: 41.99rem) {
        .start {
          padding: var(--wa-space-s) var(--wa-space-m);
          padding-block-end: max(var(--wa-space-s), env(safe-area-inset-bottom));
        }
      }
    `,
  ];

  constructor() {
    super();
    this.room = roomNow();
    this.count = '';
    this.mirrored = false;
    new StoreController(this, () => [this.layout]);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    for (const query of [WIDE, MEDIUM]) {
      query.addEventListener('change', () => (this.room = roomNow()), { signal });
    }
    LARGE.addEventListener('change', () => this.requestUpdate(), { signal });
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
    return html`
      <wa-split-panel
        dir="ltr"
        class="wide ${open.queue ? '' : 'closed'}"
        primary=${first}
        ?disabled=${!open.queue}
        position-in-pixels=${this.#width('queue')}
        @wa-reposition=${(event: Event) => this.#onReposition(event, 'queue')}
      >
        <section slot=${first} dir=${dir} class="pane" aria-label=${msg('Pictures')} ?hidden=${!open.queue}>
          <div class="scroll"><slot name="queue"></slot></div>
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
          <section slot=${first} dir=${dir} class="pane viewer" aria-label=${msg('Viewer')}>
            <slot name="viewer"></slot>
          </section>
          <section
            slot=${next}
            dir=${dir}
            class="pane with-start"
            aria-label=${msg('Settings')}
            ?hidden=${!open.settings}
          >
            <div class="scroll"><slot name="settings"></slot></div>
            <div class="start"><slot name="start"></slot></div>
          </section>
        </wa-split-panel>
      </wa-split-panel>
    `;
  }

  #shared(): TemplateResult {
    const { front, viewerShare } = this.layout.value;
    const beside = this.room === 'medium';
    const mirrored = beside && this.mirrored;
    const { dir } = this.#sides;
    // The position is always that of what stands on the left, or above.
    const turned = (share: number): number => (mirrored ? 100 - share : share);
    return html`
      <div class="pane with-start">
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
          <wa-tab-group
            slot=${mirrored ? 'start' : 'end'}
            dir=${dir}
            active=${front}
            without-scroll-controls
            @wa-tab-show=${(event: CustomEvent<{ name: SidePane }>) => this.layout.bringToFront(event.detail.name)}
          >
            <wa-tab panel="settings">${msg('Settings')}</wa-tab>
            <wa-tab panel="queue">${this.count}</wa-tab>
            <wa-tab-panel name="settings"><slot name="settings"></slot></wa-tab-panel>
            <wa-tab-panel name="queue"><slot name="queue"></slot></wa-tab-panel>
          </wa-tab-group>
        </wa-split-panel>
        <div class="start"><slot name="start"></slot></div>
      </div>
    `;
  }

  protected override render(): unknown {
    return this.room === 'wide' ? this.#wide() : this.#shared();
  }
}

customElements.define('workspace-frame', WorkspaceFrame);
