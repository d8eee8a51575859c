import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { formatPercent } from '../../app/format-text.ts';
import type { Size } from '../../core/geometry.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';
import type { ViewMode } from './modes.ts';
import type { Layer } from './preview-tiles.ts';
import type * as StageModule from './stage.ts';
import type { Stage, View } from './stage.ts';

/** CSS pixels of the divider's grip: the thumb of the range that moves it. */
const GRIP = 40;

/** What an arrow moves, of what is seen. */
const PAN: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-0.15, 0],
  ArrowRight: [0.15, 0],
  ArrowUp: [0, -0.15],
  ArrowDown: [0, 0.15],
};

/** A pixel of the result under the pointer; null when it has left the picture. */
export type Pointed = { readonly x: number; readonly y: number } | null;

/** The same as before, in an object of its own, is no change: the progress of a job renders the viewer ten times a second. */
const isOtherLayer = (now: Layer | null, old: Layer | null | undefined): boolean => now?.key !== old?.key;
const isOtherSize = (now: Size, old: Size | undefined): boolean =>
  now.width !== old?.width || now.height !== old.height;
const isOtherLabels = (now: DeepZoom['labels'], old: DeepZoom['labels'] | undefined): boolean =>
  now.before !== old?.before || now.after !== old.after;

/**
 * The surface on which the picture is zoomed and moved, with what it is compared with before, behind or beside it.
 * Emits `zoom-change`, `point-change` (detail `Pointed`), `tiles-loaded` and `tiles-failed`.
 */
export class DeepZoom extends AppElement {
  static override properties = {
    result: { attribute: false, hasChanged: isOtherLayer },
    reference: { attribute: false, hasChanged: isOtherLayer },
    placeholder: {},
    picture: { type: Number },
    alpha: { type: Boolean },
    size: { attribute: false, hasChanged: isOtherSize },
    mode: {},
    held: { type: Boolean },
    labels: { attribute: false, hasChanged: isOtherLabels },
    split: { state: true },
    loaded: { type: Boolean, reflect: true },
  };

  declare result: Layer | null;
  declare reference: Layer | null;
  /** A picture to show where tiles are not there yet. */
  declare placeholder: ImageBitmap | null;
  /** Another number is another picture. */
  declare picture: number;
  /** There may be transparency to see. */
  declare alpha: boolean;
  /** The result's size: zoom is told by it. */
  declare size: Size;
  declare mode: ViewMode;
  /** Shows what is before, as long as it is held. */
  declare held: boolean;
  /** What the two sides are called. */
  declare labels: { readonly before: string; readonly after: string };
  declare protected split: number;
  /** All tiles in sight are there. */
  declare loaded: boolean;
  #stage: Stage | null = null;
  #second: Stage | null = null;
  #starting: Promise<void> | null = null;
  #following = false;
  #stages: typeof StageModule | null = null;

  static override styles = [sharedStyles, surfaceStyles()];

  constructor() {
    super();
    this.result = null;
    this.reference = null;
    this.placeholder = null;
    this.picture = 0;
    this.alpha = false;
    this.size = { width: 1, height: 1 };
    this.mode = 'result';
    this.held = false;
    this.labels = { before: '', after: '' };
    this.split = 0.5;
    this.loaded = false;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stage?.destroy();
    this.#second?.destroy();
    this.#stage = null;
    this.#second = null;
    this.#starting = null;
  }

  /** Pixels of the screen for a pixel of the result. */
  get zoom(): number {
    return this.#stage?.zoom ?? 1;
  }

  get view(): View | null {
    return this.#stage?.view ?? null;
  }

  /** Tiles that are being computed. */
  get pending(): number {
    return (this.#stage?.pending ?? 0) + (this.#second?.pending ?? 0);
  }

  zoomTo(zoom: number): void {
    this.#stage?.zoomTo(zoom);
  }

  zoomBy(factor: number): void {
    this.#stage?.zoomBy(factor);
  }

  fit(): void {
    this.#stage?.fit();
  }

  pixelAt(clientX: number, clientY: number): { readonly x: number; readonly y: number } | null {
    return this.#stage?.pixelAt(clientX, clientY) ?? null;
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (this.result === null && this.placeholder === null && this.#stage === null) return;
    this.#starting ??= this.#start();
    void this.#starting.then(() => this.#apply(changed));
  }

  async #start(): Promise<void> {
    this.#stages = await import('./stage.ts');
    if (!this.isConnected) return;
    const host = this.renderRoot.querySelector<HTMLElement>('.first')!;
    this.#stage = new this.#stages.Stage(
      host,
      this.#events(() => this.#second),
    );
    this.#stage.setSize(this.size);
    this.#stage.setPlaceholder(this.placeholder);
  }

  #events(other: () => Stage | null): ConstructorParameters<typeof Stage>[1] {
    return {
      view: () => this.#onView(other()),
      loaded: () => this.#onLoaded(),
      error: (error) => this.dispatchEvent(new CustomEvent('tiles-failed', { detail: error })),
    };
  }

  #onView(other: Stage | null): void {
    const self = other === this.#second ? this.#stage : this.#second;
    // The other one answers with an event of its own.
    if (!this.#following && other !== null && self !== null) {
      this.#following = true;
      other.follow(self);
      this.#following = false;
    }
    this.#placeBoard();
    this.dispatchEvent(new Event('zoom-change'));
  }

  /** Lays the chequered board, on which transparency is seen, under the picture and nowhere else. */
  #placeBoard(): void {
    const board = this.renderRoot.querySelector<HTMLElement>('.board');
    const view = this.#stage?.view;
    if (board === null || view === undefined) return;
    const scale = board.parentElement!.clientWidth / (this.mode === 'side' ? 2 : 1) / view.width;
    board.style.left = `${-view.x * scale}px`;
    board.style.top = `${-view.y * scale}px`;
    board.style.width = `${scale}px`;
    board.style.height = `${(scale * this.size.height) / this.size.width}px`;
  }

  #onLoaded(): void {
    this.loaded = (this.#stage?.isLoaded ?? false) && (this.#second?.isLoaded ?? true);
    if (this.loaded) this.dispatchEvent(new Event('tiles-loaded'));
  }

  #apply(changed: PropertyValues<this>): void {
    const stage = this.#stage;
    if (stage === null) return;
    if (changed.has('picture') && changed.get('picture') !== undefined) {
      stage.clear();
      this.#second?.clear();
      if (!changed.has('placeholder')) {
        stage.setPlaceholder(this.placeholder);
        this.#second?.setPlaceholder(this.placeholder);
      }
    }
    if (changed.has('size')) {
      const old = changed.get('size');
      stage.setSize(this.size);
      this.#second?.setSize(this.size);
      const reshaped =
        old !== undefined && Math.abs(old.width / old.height - this.size.width / this.size.height) > 1e-3;
      if (reshaped) stage.fit(true);
    }
    if (changed.has('placeholder')) {
      stage.setPlaceholder(this.placeholder);
      this.#second?.setPlaceholder(this.placeholder);
    }
    const beside = this.mode === 'side';
    const comparing = this.mode === 'slider' || this.held;
    stage.setLayer('before', beside || comparing ? this.reference : null);
    stage.setLayer('after', beside && !this.held ? null : this.result);
    if (this.held) stage.show({ kind: 'one', slot: 'before' });
    else if (this.mode === 'slider') stage.show({ kind: 'split', at: this.#border() });
    else stage.show({ kind: 'one', slot: beside ? 'before' : 'after' });
    this.#besideIt(beside);
    this.#placeBoard();
    if (changed.has('result') || changed.has('mode')) this.#onLoaded();
  }

  /** Where the grip's middle is, as a share of the width: a range's thumb keeps within its track. */
  #border(): number {
    const width = Math.max(this.clientWidth, GRIP + 1);
    return (GRIP / 2 + this.split * (width - GRIP)) / width;
  }

  #besideIt(beside: boolean): void {
    if (!beside) {
      this.#second?.destroy();
      this.#second = null;
      return;
    }
    if (this.#second === null) {
      const host = this.renderRoot.querySelector<HTMLElement>('.second')!;
      this.#second = new this.#stages!.Stage(
        host,
        this.#events(() => this.#stage),
      );
      this.#second.setSize(this.size);
      this.#second.setPlaceholder(this.placeholder);
      this.#second.show({ kind: 'one', slot: 'after' });
    }
    this.#second.setLayer('after', this.result);
    this.#following = true;
    this.#second.follow(this.#stage!);
    this.#following = false;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return;
    const pan = PAN[event.key];
    if (pan !== undefined) this.#stage?.panBy(pan[0], pan[1]);
    else if (event.key === 'PageUp' || event.key === 'PageDown') {
      this.#stage?.panBy(0, event.key === 'PageUp' ? -0.9 : 0.9);
    } else if (event.key === 'Home') this.fit();
    else return;
    event.preventDefault();
  }

  #onPointer(event: PointerEvent): void {
    const stage = event.composedPath().some((node) => node instanceof Element && node.classList.contains('second'))
      ? this.#second
      : this.#stage;
    const pixel = event.type === 'pointerleave' ? null : (stage?.pixelAt(event.clientX, event.clientY) ?? null);
    const { width, height } = this.size;
    const inside = pixel !== null && pixel.x >= 0 && pixel.y >= 0 && pixel.x < width && pixel.y < height;
    this.dispatchEvent(new CustomEvent<Pointed>('point-change', { detail: inside ? pixel : null }));
  }

  #onSplit(event: Event): void {
    this.split = (event.target as HTMLInputElement).valueAsNumber / 100;
  }

  protected override render(): unknown {
    const slider = this.mode === 'slider' && !this.held && this.reference !== null;
    const beside = this.mode === 'side';
    const offset = `calc(${GRIP / 2}px + ${this.split} * (100% - ${GRIP}px))`;
    return html`
      <div
        class="surface ${beside ? 'beside' : ''}"
        tabindex="0"
        role="application"
        aria-label=${msg('Picture: arrows move, plus and minus zoom')}
        @keydown=${(event: KeyboardEvent) => this.#onKey(event)}
        @pointermove=${(event: PointerEvent) => this.#onPointer(event)}
        @pointerleave=${(event: PointerEvent) => this.#onPointer(event)}
      >
        ${this.alpha ? html`<div class="board"></div>` : nothing}
        <div class="host first"></div>
        <div class="host second" ?hidden=${!beside}></div>
        ${this.#captions(slider, beside)}
        ${
          slider
            ? html`<div class="line" style=${styleMap({ left: offset })}></div>
                <input
                  class="divider"
                  dir="ltr"
                  type="range"
                  min="0"
                  max="100"
                  step="1"
                  .valueAsNumber=${Math.round(this.split * 100)}
                  aria-label=${msg(str`Border between ${this.labels.before} and ${this.labels.after}`)}
                  aria-valuetext=${formatPercent(this.split)}
                  @input=${(event: Event) => this.#onSplit(event)}
                />`
            : nothing
        }
      </div>
    `;
  }

  #captions(slider: boolean, beside: boolean): unknown {
    const { before, after } = this.labels;
    if (this.held) return html`<span class="caption start">${before}</span>`;
    if (!slider && !beside) return nothing;
    return html`<span class="caption start">${before}</span><span class="caption end">${after}</span>`;
  }
}

function surfaceStyles(): ReturnType<typeof css> {
  return css`
    :host {
      display: block;
      min-height: 0;
    }

    .surface {
      position: relative;
      display: grid;
      grid-template: minmax(0, 1fr) / minmax(0, 1fr);
      height: 100%;
      overflow: hidden;
      touch-action: none;
    }

    .board {
      position: absolute;
      background: repeating-conic-gradient(#bbb 0 25%, #eee 0 50%) 0 0 / 20px 20px;
    }

    .surface:focus-visible {
      outline: var(--wa-focus-ring);
      outline-offset: -3px;
    }

    .beside {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      direction: ltr;
    }

    .beside .second {
      border-inline-start: 1px solid var(--wa-color-surface-border);
    }

    .host {
      position: relative;
      min-width: 0;
      min-height: 0;
    }

    .line {
      position: absolute;
      inset-block: 0;
      width: 2px;
      margin-left: -1px;
      background: white;
      box-shadow: 0 0 0 1px rgb(0 0 0 / 45%);
      pointer-events: none;
    }

    .divider {
      position: absolute;
      inset-inline: 0;
      inset-block: 0;
      width: 100%;
      height: 100%;
      margin: 0;
      appearance: none;
      background: none;
      /* Only the grip takes the pointer: the rest belongs to the picture. */
      pointer-events: none;
    }

    .divider::-webkit-slider-runnable-track {
      background: none;
    }

    .divider::-webkit-slider-thumb {
      appearance: none;
      pointer-events: auto;
      width: 40px;
      height: 40px;
      border: 2px solid white;
      border-radius: 50%;
      background: rgb(0 0 0 / 45%);
      box-shadow: 0 0 0 1px rgb(0 0 0 / 35%);
      cursor: ew-resize;
    }

    .divider::-moz-range-track {
      background: none;
    }

    .divider::-moz-range-thumb {
      box-sizing: border-box;
      pointer-events: auto;
      width: 40px;
      height: 40px;
      border: 2px solid white;
      border-radius: 50%;
      background: rgb(0 0 0 / 45%);
      cursor: ew-resize;
    }

    .divider:focus-visible {
      outline: none;
    }

    .divider:focus-visible::-webkit-slider-thumb {
      outline: var(--wa-focus-ring);
      outline-offset: 2px;
    }

    .divider:focus-visible::-moz-range-thumb {
      outline: var(--wa-focus-ring);
      outline-offset: 2px;
    }

    .caption {
      position: absolute;
      inset-block-start: var(--wa-space-xs);
      max-width: 45%;
      padding: 0.1rem 0.5rem;
      overflow: hidden;
      border-radius: var(--wa-border-radius-pill);
      background: rgb(0 0 0 / 65%);
      color: white;
      font-size: var(--wa-font-size-xs);
      text-overflow: ellipsis;
      white-space: nowrap;
      pointer-events: none;
    }

    .caption.start {
      left: var(--wa-space-xs);
    }

    .caption.end {
      right: var(--wa-space-xs);
    }
  `;
}

customElements.define('deep-zoom', DeepZoom);
