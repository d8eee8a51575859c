import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import type { App } from '../../app/app.ts';
import { problemOf } from '../../app/error-text.ts';
import { formatPercent } from '../../app/format-text.ts';
import type { Problem } from '../../app/picture.ts';
import { sourceOptions, type OpenPreview } from '../../app/preview.ts';
import { toJobOptions } from '../../app/settings.ts';
import type { JobOptions } from '../../core/options.ts';
import type { Variant } from '../../app/variants.ts';
import { isUnedited } from '../../core/edit/edit.ts';
import { editedSize } from '../../core/edit/plan-edit.ts';
import { isAbort } from '../../core/errors.ts';
import type { Rect, Size } from '../../core/geometry.ts';
import type { Histogram, PointValues } from '../../workers/protocol.ts';
import { act } from '../actions.ts';
import { AppElement } from '../app-element.ts';
import { CommandController } from '../commands/registry.ts';
import { sharedStyles } from '../shared-styles.ts';
import { StoreController } from '../store-controller.ts';
import './box-picker.ts';
import type { Box } from './box-picker.ts';
import './contact-sheet.ts';
import './deep-zoom.ts';
import type { DeepZoom, Pointed } from './deep-zoom.ts';
import './histogram-view.ts';
import { layersOf, referenceLabel, type Reference } from './layers.ts';
import type { ViewMode } from './modes.ts';
import './viewer-bar.ts';
import { viewerCommands } from './viewer-commands.ts';
import './viewer-status.ts';

/** A page that nobody sees for so long gives the decoded picture's memory back. */
const IDLE_MS = 120_000;

/** Below this, pixels that differ are averaged away. */
const DIFFERENCE_ZOOM = 0.4;

/** The contact sheet shows no more than this of a side, in pixels of the result, and on narrow screens what two fit side by side of. */
const SHEET_SIDE = 288;
const SHEET_SHARE = 0.3;
const sheetSide = (): number => Math.min(SHEET_SIDE, Math.floor(innerWidth * SHEET_SHARE * devicePixelRatio));

/** Pixels of the long side of what is shown first: sharp enough for a screen, there at once. */
const PLACEHOLDER_SIDE = 1600;

/** The picture that is looked at: what it is, and what it will be, before anything is written. */
export class PictureViewer extends AppElement {
  static override properties = {
    app: { attribute: false },
    mode: { state: true },
    reference: { state: true },
    held: { state: true },
    coded: { state: true },
    histogramOpen: { state: true },
    histograms: { state: true },
    values: { state: true },
    zoom: { state: true },
    picking: { state: true },
    sheet: { state: true },
    placeholder: { state: true },
    tileProblem: { state: true },
  };

  declare app: App;
  declare protected mode: ViewMode;
  declare protected reference: Reference;
  declare protected held: boolean;
  declare protected coded: boolean;
  declare protected histogramOpen: boolean;
  declare protected histograms: { readonly source: Histogram | null; readonly result: Histogram | null };
  declare protected values: PointValues | null;
  declare protected zoom: number;
  /** A box is being drawn for the contact sheet. */
  declare protected picking: boolean;
  /** The region that the contact sheet shows. */
  declare protected sheet: Rect | null;
  declare protected placeholder: ImageBitmap | null;
  declare protected tileProblem: string | null;
  #seen: number | null = null;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #asleep = false;
  #listening: AbortController | null = null;
  #counting: AbortController | null = null;
  #counted = '';
  #reading = false;
  #pointed: Pointed = null;
  /** What the values were last asked for. */
  #read: { readonly at: Pointed; readonly options: JobOptions } | null = null;

  static override styles = [sharedStyles, viewerStyles()];

  constructor() {
    super();
    this.mode = 'result';
    this.reference = 'source';
    this.held = false;
    this.coded = true;
    this.histogramOpen = false;
    this.histograms = { source: null, result: null };
    this.values = null;
    this.zoom = 1;
    this.picking = false;
    this.sheet = null;
    this.placeholder = null;
    this.tileProblem = null;
    new StoreController(this, () => [this.app.pictures, this.app.settings, this.app.preview]);
    new CommandController(this, () =>
      viewerCommands({
        isOpen: () => this.#open !== null,
        mode: () => this.mode,
        setMode: (mode) => (this.mode = mode),
        zoomBy: (factor) => this.#surface?.zoomBy(factor),
        zoomTo: (zoom) => this.#surface?.zoomTo(zoom),
        fit: () => this.#surface?.fit(),
        histogram: () => this.histogramOpen,
        toggleHistogram: () => (this.histogramOpen = !this.histogramOpen),
        codable: () => this.#open?.options.format === 'jpeg',
        coded: () => this.coded,
        toggleCoded: () => (this.coded = !this.coded),
        openSheet: () => (this.picking = true),
      }),
    );
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    document.addEventListener('visibilitychange', () => this.#onVisibility(), { signal });
    window.addEventListener('keydown', (event) => this.#onHoldKey(event, true), { signal });
    window.addEventListener('keyup', (event) => this.#onHoldKey(event, false), { signal });
    window.addEventListener('blur', () => (this.held = false), { signal });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
    this.#counting?.abort();
    clearTimeout(this.#idle);
    this.app.preview.look(null, toJobOptions(this.app.settings.value));
    this.#setPlaceholder(null);
    this.#seen = null;
  }

  get #open(): OpenPreview | null {
    const state = this.app.preview.value;
    return state.kind === 'open' ? state : null;
  }

  get #surface(): DeepZoom | null {
    return this.renderRoot.querySelector('deep-zoom');
  }

  protected override updated(): void {
    const { selected } = this.app.pictures;
    if (!this.#asleep) this.app.preview.look(selected, toJobOptions(this.app.settings.value));
    if ((selected?.info == null ? null : selected.id) !== this.#seen) {
      this.#seen = selected?.info == null ? null : selected.id;
      this.values = null;
      this.tileProblem = null;
      this.sheet = null;
      this.picking = false;
      this.#setPlaceholder(null);
      if (selected !== null && this.#seen !== null) void this.#show(selected.id);
    }
    void this.#count();
    if (this.#pointed !== null && !this.#isRead()) void this.#readValues();
  }

  /** Shows a copy of the picture that can be had at once. */
  async #show(id: number): Promise<void> {
    const picture = this.app.pictures.find(id);
    if (picture === null || picture.size === null) return;
    const bitmap = await this.app.thumbnails.atOnce(picture, PLACEHOLDER_SIDE);
    if (this.#seen === id && this.isConnected) this.#setPlaceholder(bitmap);
    else bitmap?.close();
  }

  #setPlaceholder(bitmap: ImageBitmap | null): void {
    this.placeholder?.close();
    this.placeholder = bitmap;
  }

  #onVisibility(): void {
    clearTimeout(this.#idle);
    if (document.visibilityState === 'hidden') {
      this.#idle = setTimeout(() => {
        this.#asleep = true;
        this.app.preview.look(null, toJobOptions(this.app.settings.value));
      }, IDLE_MS);
    } else if (this.#asleep) {
      this.#asleep = false;
      this.requestUpdate();
    }
  }

  #onHoldKey(event: KeyboardEvent, down: boolean): void {
    if (event.key !== 'x' && event.key !== 'X') return;
    const target = event.composedPath()[0];
    const typing = target instanceof HTMLInputElement && target.type !== 'range';
    if (down && (typing || event.ctrlKey || event.metaKey || event.altKey || this.sheet !== null)) return;
    this.held = down && this.#open !== null;
  }

  /** Counts for the histogram, once for each result, while it is open. */
  async #count(): Promise<void> {
    const open = this.#open;
    const wanted = this.histogramOpen && open?.plan.kind === 'plan' ? JSON.stringify([this.#seen, open.options]) : '';
    if (wanted === this.#counted) return;
    this.#counted = wanted;
    this.#counting?.abort();
    if (open === null || open.plan.kind === 'refusal' || wanted === '') return;
    this.#counting = new AbortController();
    const { signal } = this.#counting;
    const { session, options, plan } = open;
    const size: Size = { width: plan.picture.width, height: plan.picture.height };
    const edited = editedSize(session.source.upright, options.edit);
    const source = sourceOptions(options, edited, edited, false);
    try {
      const [before, after] = await Promise.all([
        session.histogram(source.options, source.size, signal),
        session.histogram(options, size, signal),
      ]);
      this.histograms = { source: before, result: after };
    } catch (error) {
      if (!isAbort(error)) this.tileProblem = problemOf(error).message;
    }
  }

  /**
   * Reads the samples under the pointer, with the settings that are shown; of moves and changes that come faster than answers, only the last
   * counts.
   */
  async #readValues(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      for (;;) {
        const [asked, open] = [this.#pointed, this.#open];
        if (asked === null || open === null || open.plan.kind === 'refusal') break;
        const { width, height } = open.plan.picture;
        if (asked.x >= width || asked.y >= height) {
          this.values = null;
          break;
        }
        this.#read = { at: asked, options: open.options };
        const values = await open.session.values(open.options, { width, height }, asked.x, asked.y);
        this.values = this.#pointed === null ? null : values;
        if (this.#isRead()) break;
      }
    } catch {
      // What is wrong with the picture shows where its tiles should be.
      this.values = null;
    } finally {
      this.#reading = false;
    }
  }

  /** Whether what was last asked for is what is pointed at, as it is shown. */
  #isRead(): boolean {
    return this.#read?.at === this.#pointed && this.#read?.options === this.#open?.options;
  }

  #onPoint(pointed: Pointed): void {
    this.#pointed = pointed;
    if (pointed === null) this.values = null;
    else void this.#readValues();
  }

  #onBox({ left, top, right, bottom }: Box): void {
    this.picking = false;
    const open = this.#open;
    const surface = this.#surface;
    const first = surface?.pixelAt(left, top) ?? null;
    const last = surface?.pixelAt(right, bottom) ?? null;
    if (open === null || open.plan.kind === 'refusal' || first === null || last === null) return;
    this.sheet = sheetRect(first, last, open.plan.picture, sheetSide());
  }

  #onPick(variant: Variant): void {
    this.sheet = null;
    act(this, { kind: 'change', change: variant.change });
    this.#surface?.renderRoot.querySelector<HTMLElement>('.surface')?.focus();
  }

  #status(): string {
    const state = this.app.preview.value;
    if (state.kind === 'opening') return msg('Reading the picture …');
    if (state.kind !== 'open') return '';
    if (state.decoded < 1 && state.session.source.giant) {
      return msg(str`Reading the picture: ${formatPercent(state.decoded)}`);
    }
    return '';
  }

  /** What keeps the result from being seen. The list and the settings say it aloud; here it stands where the picture should be. */
  #note(): TemplateResult | typeof nothing {
    const state = this.app.preview.value;
    if (state.kind === 'failed') {
      const { message, remedy } = state.problem;
      return html`<div class="note">
        <span>${msg(str`No preview: ${message}`)} ${remedy}</span>
        <wa-button size="xs" appearance="outlined" @click=${() => this.app.preview.retry()}
          >${msg('Try again')}</wa-button
        >
      </div>`;
    }
    if (state.kind === 'open' && state.plan.kind === 'refusal') {
      return html`<div class="note">
        <span>${msg('The source is shown: there is no result of this size and format.')}</span>
      </div>`;
    }
    // The box that is drawn has its own words in that place.
    if (this.mode === 'difference' && this.zoom < DIFFERENCE_ZOOM && state.kind === 'open' && !this.picking) {
      return html`<div class="note"><span>${msg('From afar there is little difference: zoom in.')}</span></div>`;
    }
    if (this.tileProblem === null) return nothing;
    return html`<div class="note"><span>${msg(str`No preview: ${this.tileProblem}`)}</span></div>`;
  }

  /** Null where there is nothing to zoom. */
  get #shownZoom(): number | null {
    return this.app.preview.value.kind === 'failed' ? null : this.zoom;
  }

  #zoomSurface(): TemplateResult {
    const open = this.#open;
    const settings = this.app.settings.value;
    const { mode, reference, coded, held } = this;
    const layers = open === null ? null : layersOf(open, settings, { mode, reference, coded });
    const unedited = isUnedited(settings.edit);
    const { selected } = this.app.pictures;
    const size = layers?.size ?? selected?.size ?? { width: 1, height: 1 };
    return html`
      <deep-zoom
        .result=${layers?.result ?? null}
        .reference=${layers?.reference ?? null}
        .size=${size}
        .picture=${selected?.id ?? 0}
        ?alpha=${selected?.info?.alpha === true}
        .mode=${mode}
        .placeholder=${unedited ? this.placeholder : null}
        .labels=${{ before: referenceLabel(reference, settings), after: msg('Result') }}
        ?held=${held}
        @zoom-change=${(event: Event) => (this.zoom = (event.target as DeepZoom).zoom)}
        @point-change=${(event: CustomEvent<Pointed>) => this.#onPoint(event.detail)}
        @tiles-failed=${({ detail }: CustomEvent<unknown>) => (this.tileProblem = problemOf(detail).message)}
        @tiles-loaded=${() => (this.tileProblem = null)}
      ></deep-zoom>
    `;
  }

  /** A picture of which nothing can be shown; the list says aloud why. */
  #unreadable({ message, remedy }: Problem): TemplateResult {
    return html`<div class="unreadable">
      <wa-icon name="alert"></wa-icon>
      <p><strong>${message}</strong></p>
      <p class="quiet">${remedy}</p>
    </div>`;
  }

  protected override render(): unknown {
    const { selected } = this.app.pictures;
    if (selected === null) return nothing;
    if (selected.info === null && selected.state.kind === 'failed') return this.#unreadable(selected.state.problem);
    const open = this.#open;
    const settings = this.app.settings.value;
    const { histogramOpen, histograms, picking, sheet } = this;
    return html`
      <viewer-bar
        mode=${this.mode}
        reference=${this.reference}
        .settings=${settings}
        ?histogram=${histogramOpen}
        ?codable=${settings.format === 'jpeg'}
        ?coded=${this.coded}
        @reference-change=${(event: CustomEvent<Reference>) => (this.reference = event.detail)}
        @hold-start=${() => (this.held = true)}
        @hold-end=${() => (this.held = false)}
      ></viewer-bar>
      <div class="stage">
        ${this.#zoomSurface()} ${this.#note()}
        ${
          histogramOpen
            ? html`<div class="over">
                <histogram-view .source=${histograms.source} .result=${histograms.result}></histogram-view>
              </div>`
            : nothing
        }
        ${
          picking
            ? html`<box-picker
                @box-picked=${(event: CustomEvent<Box>) => this.#onBox(event.detail)}
                @box-cancelled=${() => (this.picking = false)}
              ></box-picker>`
            : nothing
        }
      </div>
      <viewer-status .values=${this.values} .zoom=${this.#shownZoom} .text=${this.#status()}></viewer-status>
      ${
        sheet !== null && open !== null
          ? html`<contact-sheet
              .session=${open.session}
              .settings=${settings}
              .rect=${sheet}
              @variant-picked=${(event: CustomEvent<Variant>) => this.#onPick(event.detail)}
              @sheet-closed=${() => (this.sheet = null)}
            ></contact-sheet>`
          : nothing
      }
    `;
  }
}

/** The part of the picture under a drawn box, its sides at most `most` pixels: so that they can be shown one to one. */
export function sheetRect(
  first: { readonly x: number; readonly y: number },
  last: { readonly x: number; readonly y: number },
  picture: Size,
  most: number,
): Rect {
  const side = (from: number, to: number, all: number): { start: number; length: number } => {
    const low = Math.max(0, Math.min(from, all - 1));
    const high = Math.max(low + 1, Math.min(to, all));
    const length = Math.min(most, high - low);
    // What is too much is left out on both sides.
    return { start: low + ((high - low - length) >> 1), length };
  };
  const columns = side(first.x, last.x, picture.width);
  const rows = side(first.y, last.y, picture.height);
  return { x: columns.start, y: rows.start, width: columns.length, height: rows.length };
}

function viewerStyles(): ReturnType<typeof css> {
  return css`
    :host {
      display: grid;
      grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
      height: 100%;
      min-height: 0;
    }

    .stage {
      position: relative;
      display: grid;
      grid-template: minmax(0, 1fr) / minmax(0, 1fr);
      min-height: 0;
    }

    .unreadable {
      grid-row: 1 / -1;
      display: grid;
      align-content: center;
      justify-items: center;
      gap: var(--wa-space-s);
      padding: var(--wa-space-l);
      text-align: center;
      overflow-wrap: anywhere;
    }

    .unreadable wa-icon {
      font-size: 2rem;
      color: var(--wa-color-text-quiet);
    }

    .unreadable p {
      max-width: 34rem;
    }

    /* Tells the histogram how much room there is. Not the stage itself: in a container, what is fixed is not fixed to the window. */
    .over {
      position: absolute;
      z-index: 1;
      inset: 0;
      container: stage / size;
      pointer-events: none;
    }

    histogram-view {
      position: absolute;
      pointer-events: auto;
      inset-block-start: var(--wa-space-s);
      inset-inline-end: var(--wa-space-s);
      max-height: calc(100% - 2 * var(--wa-space-s));
      overflow-y: auto;
    }

    /* Where it would take most of the surface: small, and below the names of the sides. */
    @container stage (max-width: 30rem) or (max-height: 18rem) {
      histogram-view {
        --histogram-height: 1.5rem;
        inset-block-start: 2.25rem;
        inset-inline-end: var(--wa-space-xs);
        width: 9rem;
        max-height: calc(100% - 2.25rem - var(--wa-space-xs));
        padding: var(--wa-space-2xs) var(--wa-space-xs);
        gap: 0;
      }
    }

    .note {
      position: absolute;
      z-index: 1;
      inset-inline: var(--wa-space-s);
      inset-block-end: var(--wa-space-s);
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--wa-space-xs);
      width: fit-content;
      max-width: 34rem;
      margin-inline: auto;
      padding: var(--wa-space-xs) var(--wa-space-s);
      border: 1px solid var(--wa-color-surface-border);
      border-radius: var(--wa-border-radius-m);
      background: var(--wa-color-surface-raised);
      font-size: var(--wa-font-size-s);
      line-height: 1.4;
      overflow-wrap: anywhere;
      /* Never over the tools, however small the surface is. */
      max-height: calc(100% - 2 * var(--wa-space-s));
      overflow-y: auto;
    }
  `;
}

customElements.define('picture-viewer', PictureViewer);
