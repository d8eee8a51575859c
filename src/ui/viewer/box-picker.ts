import { msg } from '@lit/localize';
import { css, html, nothing } from 'lit';
import { styleMap } from 'lit/directives/style-map.js';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

/** A rectangle in CSS pixels of the window. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A box smaller than this was a click. */
const SMALLEST = 8;

/** Half of the side of the box that a click, or Enter, stands for. */
const HALF = 130;

/** Lies over the picture and lets a box be drawn. Emits `box-picked` (detail `Box`) and `box-cancelled`. */
export class BoxPicker extends AppElement {
  static override properties = { from: { state: true }, to: { state: true } };
  declare protected from: { readonly x: number; readonly y: number } | null;
  declare protected to: { readonly x: number; readonly y: number } | null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        position: absolute;
        z-index: 2;
        inset: 0;
        cursor: crosshair;
        touch-action: none;
        background: rgb(0 0 0 / 18%);
      }

      :host(:focus-visible) {
        outline: var(--wa-focus-ring);
        outline-offset: -3px;
      }

      .box {
        position: fixed;
        border: 2px solid white;
        box-shadow: 0 0 0 1px rgb(0 0 0 / 60%);
        background: rgb(255 255 255 / 12%);
      }

      p {
        position: absolute;
        inset-inline: 0;
        inset-block-end: var(--wa-space-m);
        width: fit-content;
        margin-inline: auto;
        padding: 0.25rem 0.75rem;
        border-radius: var(--wa-border-radius-pill);
        background: rgb(0 0 0 / 70%);
        color: white;
        font-size: var(--wa-font-size-s);
        pointer-events: none;
      }
    `,
  ];

  constructor() {
    super();
    this.from = null;
    this.to = null;
    this.addEventListener('pointerdown', (event) => this.#onDown(event));
    this.addEventListener('pointermove', (event) => {
      if (this.from !== null) this.to = { x: event.clientX, y: event.clientY };
    });
    this.addEventListener('pointerup', (event) => this.#onUp(event));
    this.addEventListener('keydown', (event) => this.#onKey(event));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.tabIndex = 0;
    this.setAttribute('role', 'button');
    this.setAttribute('aria-label', msg('Draw a box around what to compare, or press Enter for the middle'));
    this.focus();
  }

  #onDown(event: PointerEvent): void {
    if (event.button !== 0) return;
    this.setPointerCapture(event.pointerId);
    this.from = this.to = { x: event.clientX, y: event.clientY };
  }

  #onUp(event: PointerEvent): void {
    const { from } = this;
    this.from = null;
    if (from === null) return;
    const [left, right] = [from.x, event.clientX].sort((a, b) => a - b) as [number, number];
    const [top, bottom] = [from.y, event.clientY].sort((a, b) => a - b) as [number, number];
    if (right - left < SMALLEST || bottom - top < SMALLEST) this.#pickAround(event.clientX, event.clientY);
    else this.#pick({ left, top, right, bottom });
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.dispatchEvent(new Event('box-cancelled'));
    else if (event.key === 'Enter' || event.key === ' ') {
      const { left, top, width, height } = this.getBoundingClientRect();
      this.#pickAround(left + width / 2, top + height / 2);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #pickAround(x: number, y: number): void {
    this.#pick({ left: x - HALF, top: y - HALF, right: x + HALF, bottom: y + HALF });
  }

  #pick(box: Box): void {
    this.dispatchEvent(new CustomEvent<Box>('box-picked', { detail: box }));
  }

  protected override render(): unknown {
    const { from, to } = this;
    const box =
      from === null || to === null
        ? nothing
        : html`<div
            class="box"
            style=${styleMap({
              left: `${Math.min(from.x, to.x)}px`,
              top: `${Math.min(from.y, to.y)}px`,
              width: `${Math.abs(from.x - to.x)}px`,
              height: `${Math.abs(from.y - to.y)}px`,
            })}
          ></div>`;
    return html`${box}
      <p>${msg('Draw a box around what to compare')}</p>`;
  }
}

customElements.define('box-picker', BoxPicker);
