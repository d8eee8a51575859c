import { msg, str } from '@lit/localize';
import { css, html, type PropertyValues } from 'lit';
import { moved, resized, type Grip, type Part } from '../../app/crop-frame.ts';
import { formatNumber } from '../../app/format-text.ts';
import type { Edit } from '../../core/edit/edit.ts';
import type { Size } from '../../core/geometry.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

/** Name of the event that a crop frame emits; its detail is the Part. */
export const PART_CHANGE = 'part-change';

/** Part of the picture that an arrow key moves the frame by; with Shift ten times as much. */
const KEY_STEP = 0.005;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

const grips = (): readonly (Grip & { readonly name: string; readonly label: string })[] => [
  { x: -1, y: -1, name: 'nw', label: msg('Top left corner') },
  { x: 0, y: -1, name: 'n', label: msg('Top edge') },
  { x: 1, y: -1, name: 'ne', label: msg('Top right corner') },
  { x: 1, y: 0, name: 'e', label: msg('Right edge') },
  { x: 1, y: 1, name: 'se', label: msg('Bottom right corner') },
  { x: 0, y: 1, name: 's', label: msg('Bottom edge') },
  { x: -1, y: 1, name: 'sw', label: msg('Bottom left corner') },
  { x: -1, y: 0, name: 'w', label: msg('Left edge') },
];

/** A picture as it is turned and straightened, with the frame of its crop: moved and sized by pointer and by keys. */
export class CropFrame extends AppElement {
  static override properties = {
    bitmap: { attribute: false },
    upright: { attribute: false },
    edit: { attribute: false },
    frame: { attribute: false },
    crop: { attribute: false },
    ratio: { attribute: false },
  };

  /** A small upright copy; null where there is none, and the frame stands on an empty ground. */
  declare bitmap: ImageBitmap | null;
  declare upright: Size;
  declare edit: Edit;
  /** The size of the turned and straightened picture. */
  declare frame: Size;
  declare crop: Part;
  /** Width by height of the cropped pixels; null for any. */
  declare ratio: number | null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        place-items: center;
        min-width: 0;
      }

      .stage {
        position: relative;
        touch-action: none;
        user-select: none;
        direction: ltr;
      }

      canvas {
        display: block;
        width: 100%;
        height: 100%;
        background: var(--wa-color-surface-lowered);
      }

      .window {
        position: absolute;
        box-shadow: 0 0 0 200vmax color-mix(in srgb, black 55%, transparent);
        outline: 1px solid white;
        cursor: move;
      }

      .clip {
        position: absolute;
        inset: 0;
        overflow: hidden;
      }

      .window:focus-visible {
        outline: 3px solid var(--wa-color-brand-fill-loud);
      }

      .third {
        position: absolute;
        background: color-mix(in srgb, white 45%, transparent);
        pointer-events: none;
      }

      .third.column {
        inset-block: 0;
        width: 1px;
      }

      .third.row {
        inset-inline: 0;
        height: 1px;
      }

      button {
        position: absolute;
        width: 24px;
        height: 24px;
        padding: 0;
        border: 0;
        background: none;
        translate: -50% -50%;
      }

      button::after {
        content: '';
        position: absolute;
        inset: 6px;
        border: 1px solid color-mix(in srgb, black 60%, transparent);
        background: white;
      }

      button:focus-visible {
        outline: 3px solid var(--wa-color-brand-fill-loud);
        outline-offset: -3px;
      }

      .nw,
      .se {
        cursor: nwse-resize;
      }

      .ne,
      .sw {
        cursor: nesw-resize;
      }

      .n,
      .s {
        cursor: ns-resize;
      }

      .e,
      .w {
        cursor: ew-resize;
      }
    `,
  ];

  /** The same in fractions of the frame's own sides. */
  get #ratioOfFractions(): number | null {
    return this.ratio === null ? null : (this.ratio * this.frame.height) / this.frame.width;
  }

  #emit(part: Part): void {
    this.crop = part;
    this.dispatchEvent(new CustomEvent<Part>(PART_CHANGE, { detail: part }));
  }

  #onPointerDown(event: PointerEvent, grip: Grip): void {
    if (event.button !== 0) return;
    event.stopPropagation();
    event.preventDefault();
    const target = event.currentTarget as HTMLElement;
    target.focus();
    target.setPointerCapture(event.pointerId);
    const stage = this.renderRoot.querySelector('.stage')!.getBoundingClientRect();
    const start = this.crop;
    const onMove = (move: PointerEvent): void => {
      const dx = (move.clientX - event.clientX) / stage.width;
      const dy = (move.clientY - event.clientY) / stage.height;
      this.#emit(resized(start, grip, dx, dy, this.#ratioOfFractions));
    };
    const onEnd = (): void => {
      target.removeEventListener('pointermove', onMove);
      target.removeEventListener('pointerup', onEnd);
      target.removeEventListener('pointercancel', onEnd);
    };
    target.addEventListener('pointermove', onMove);
    target.addEventListener('pointerup', onEnd);
    target.addEventListener('pointercancel', onEnd);
  }

  #onKey(event: KeyboardEvent, grip: Grip): void {
    const arrow = ARROWS[event.key];
    if (arrow === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const step = event.shiftKey ? 10 * KEY_STEP : KEY_STEP;
    const [dx, dy] = [arrow[0] * step, arrow[1] * step];
    const still = grip.x === 0 && grip.y === 0;
    this.#emit(still ? moved(this.crop, dx, dy) : resized(this.crop, grip, dx, dy, this.#ratioOfFractions));
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#place();
    if (changed.has('bitmap') || changed.has('edit') || changed.has('frame')) this.#draw();
  }

  /** By script and not by a style attribute, which the content security policy forbids. */
  #place(): void {
    const { width, height } = this.frame;
    const stage = this.renderRoot.querySelector<HTMLElement>('.stage')!;
    stage.style.aspectRatio = `${width} / ${height}`;
    stage.style.width = `min(100%, calc(55dvh * ${width / height}))`;
    const percent = (value: number): string => `${value * 100}%`;
    const { x, y } = this.crop;
    const place = (element: HTMLElement | null, left: number, top: number): void => {
      if (element === null) return;
      element.style.left = percent(left);
      element.style.top = percent(top);
    };
    const view = this.renderRoot.querySelector<HTMLElement>('.window')!;
    place(view, x, y);
    view.style.width = percent(this.crop.width);
    view.style.height = percent(this.crop.height);
    for (const { x: gx, y: gy, name } of grips()) {
      const handle = this.renderRoot.querySelector<HTMLElement>(`button.${name}`);
      place(handle, x + ((gx + 1) / 2) * this.crop.width, y + ((gy + 1) / 2) * this.crop.height);
    }
    this.renderRoot.querySelectorAll<HTMLElement>('.third').forEach((line, i) => {
      const at = percent(((i % 2) + 1) / 3);
      if (i < 2) line.style.left = at;
      else line.style.top = at;
    });
  }

  #draw(): void {
    const canvas = this.renderRoot.querySelector('canvas')!;
    const { bitmap, edit, frame, upright } = this;
    const scale = Math.min(1, 1280 / Math.max(frame.width, frame.height));
    canvas.width = Math.max(1, Math.round(frame.width * scale));
    canvas.height = Math.max(1, Math.round(frame.height * scale));
    const context = canvas.getContext('2d');
    if (context === null || bitmap === null) return;
    context.translate(canvas.width / 2, canvas.height / 2);
    context.rotate((edit.straighten * Math.PI) / 180);
    context.scale(edit.mirror ? -1 : 1, edit.flip ? -1 : 1);
    context.rotate((edit.quarterTurns * Math.PI) / 2);
    const [width, height] = [upright.width * scale, upright.height * scale];
    context.drawImage(bitmap, -width / 2, -height / 2, width, height);
  }

  protected override render(): unknown {
    const { crop, frame } = this;
    const percent = (value: number): string => formatNumber(value * 100, 1);
    const width = formatNumber(Math.round(crop.width * frame.width));
    const height = formatNumber(Math.round(crop.height * frame.height));
    const label = msg(
      str`Crop: ${width} by ${height} pixels, ${percent(crop.x)} % from the left, ${percent(crop.y)} % from the top. Arrow keys move it.`,
    );
    return html`
      <div class="stage">
        <canvas aria-hidden="true"></canvas>
        <div class="clip">
          <div
            class="window"
            tabindex="0"
            role="group"
            aria-label=${label}
            @pointerdown=${(event: PointerEvent) => this.#onPointerDown(event, { x: 0, y: 0 })}
            @keydown=${(event: KeyboardEvent) => this.#onKey(event, { x: 0, y: 0 })}
          >
            <div class="third column"></div>
            <div class="third column"></div>
            <div class="third row"></div>
            <div class="third row"></div>
          </div>
        </div>
        ${grips().map(
          (grip) => html`
            <button
              type="button"
              class=${grip.name}
              aria-label=${grip.label}
              @pointerdown=${(event: PointerEvent) => this.#onPointerDown(event, grip)}
              @keydown=${(event: KeyboardEvent) => this.#onKey(event, grip)}
            ></button>
          `,
        )}
      </div>
    `;
  }
}

customElements.define('crop-frame', CropFrame);
