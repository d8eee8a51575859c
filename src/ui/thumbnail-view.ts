import '@awesome.me/webawesome/dist/components/icon/icon.js';
import { css, html, nothing, type PropertyValues } from 'lit';
import type { Picture } from '../app/picture.ts';
import type { Thumbnails } from '../app/thumbnails.ts';
import { putBitmap } from '../platform/thumbnails.ts';
import { AppElement } from './app-element.ts';
import { sharedStyles } from './shared-styles.ts';

/** A small copy of a picture, or an icon where there can be none. */
export class ThumbnailView extends AppElement {
  static override properties = {
    picture: { attribute: false },
    thumbnails: { attribute: false },
    empty: { state: true },
  };

  declare picture: Picture;
  declare thumbnails: Thumbnails;
  /** There is no copy to show, or none yet. */
  declare protected empty: boolean;
  /** Aborted when the copy is not needed any more; null when it is there, or there is none. */
  #asking: AbortController | null = null;

  static override styles = [
    sharedStyles,
    css`
      :host {
        display: grid;
        grid-template: minmax(0, 1fr) / minmax(0, 1fr);
        place-items: center;
        overflow: hidden;
        color: var(--wa-color-text-quiet);
      }

      canvas {
        display: block;
        max-width: 100%;
        max-height: var(--thumbnail-max-height, 100%);
        object-fit: var(--thumbnail-fit, contain);
        width: var(--thumbnail-width, auto);
        height: var(--thumbnail-height, auto);
        border-radius: var(--thumbnail-radius, 0);
        background: repeating-conic-gradient(
            color-mix(in oklab, var(--wa-color-text-quiet) 18%, transparent) 0 25%,
            transparent 0 50%
          )
          0 0 / 16px 16px;
      }

      .none {
        display: grid;
        justify-items: center;
        gap: var(--wa-space-xs);
        font-size: var(--wa-font-size-s);
      }

      .none wa-icon {
        font-size: 1.5em;
      }
    `,
  ];

  constructor() {
    super();
    this.empty = true;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // It was moved within the list before its copy was there.
    if (this.#asking?.signal.aborted === true) void this.#draw();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#asking?.abort();
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (!changed.has('picture')) return;
    const before = changed.get('picture');
    const same = before?.id === this.picture.id && before.size === this.picture.size;
    if (!same) void this.#draw();
  }

  async #draw(): Promise<void> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    const bitmap = await this.thumbnails.make(this.picture, asking.signal);
    if (asking.signal.aborted) {
      bitmap?.close();
      return;
    }
    this.#asking = null;
    this.empty = bitmap === null;
    if (bitmap === null) return;
    await this.updateComplete;
    putBitmap(this.renderRoot.querySelector('canvas')!, bitmap);
  }

  protected override render(): unknown {
    return html`
      <canvas ?hidden=${this.empty} aria-hidden="true"></canvas>
      ${this.empty ? html`<div class="none"><wa-icon name="image"></wa-icon><slot></slot></div>` : nothing}
    `;
  }
}

customElements.define('thumbnail-view', ThumbnailView);
