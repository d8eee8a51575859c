import '@awesome.me/webawesome/dist/components/dialog/dialog.js';
import '@awesome.me/webawesome/dist/components/icon/icon.js';
import '@awesome.me/webawesome/dist/components/spinner/spinner.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { styleMap } from 'lit/directives/style-map.js';
import { problemOf } from '../../app/error-text.ts';
import { toJobOptions, applyChange, type Settings } from '../../app/settings.ts';
import { isChosen, variants, type Variant } from '../../app/variants.ts';
import { isAbort, refusalError } from '../../core/errors.ts';
import type { Rect } from '../../core/geometry.ts';
import type { PreviewSession } from '../../workers/preview-client.ts';
import { AppElement } from '../app-element.ts';
import { sharedStyles } from '../shared-styles.ts';

/** A region of the result by every variant, side by side; emits `variant-picked` (detail `Variant`) and `sheet-closed`. */
export class ContactSheet extends AppElement {
  static override properties = {
    session: { attribute: false },
    settings: { attribute: false },
    rect: { attribute: false },
    failures: { state: true },
    done: { state: true },
  };

  declare session: PreviewSession;
  declare settings: Settings;
  /** In pixels of the result. */
  declare rect: Rect;
  /** Why a variant cannot be shown, by its id. */
  declare protected failures: ReadonlyMap<string, string>;
  declare protected done: ReadonlySet<string>;
  readonly #closing = new AbortController();

  static override styles = [
    sharedStyles,
    css`
      wa-dialog {
        --width: min(84rem, 97vw);
      }

      .sheet {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, var(--least)), 1fr));
        gap: var(--wa-space-xs);
        margin: 0;
        padding: 0;
        list-style: none;
      }

      button {
        display: grid;
        gap: var(--wa-space-xs);
        width: 100%;
        padding: var(--wa-space-xs);
        border: 2px solid transparent;
        border-radius: var(--wa-border-radius-m);
        background: none;
        color: inherit;
        font: inherit;
        cursor: pointer;
      }

      button:hover {
        background: var(--wa-color-neutral-fill-quiet);
      }

      button:focus-visible {
        outline: var(--wa-focus-ring);
        outline-offset: var(--wa-focus-ring-offset);
      }

      button[aria-pressed='true'] {
        border-color: var(--wa-color-brand-border-loud);
      }

      .frame {
        display: grid;
        place-items: center;
        justify-self: center;
        width: min(var(--width), 100%);
        height: var(--height);
        overflow: hidden;
        border-radius: var(--wa-border-radius-s);
        background: var(--viewer-background);
      }

      canvas {
        max-width: none;
      }

      .name {
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 0.4em;
        font-size: var(--wa-font-size-s);
        font-weight: var(--wa-font-weight-semibold);
      }

      .problem {
        padding: var(--wa-space-s);
        font-size: var(--wa-font-size-s);
      }

      p {
        margin-block-end: var(--wa-space-m);
      }
    `,
  ];

  constructor() {
    super();
    this.failures = new Map();
    this.done = new Set();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#closing.abort();
  }

  protected override firstUpdated(changed: PropertyValues<this>): void {
    super.firstUpdated(changed);
    // The latest request goes first, so the first is made last.
    for (const variant of variants.list(this.settings).toReversed()) void this.#draw(variant);
  }

  async #draw(variant: Variant): Promise<void> {
    const options = toJobOptions(applyChange(this.settings, variant.change));
    try {
      const plan = await this.session.describe(options);
      if (plan.kind === 'refusal') throw refusalError(plan);
      const { width, height } = plan.picture;
      const region = { size: { width, height }, rect: this.rect };
      const bitmap = await this.session.tile({ kind: 'picture', options }, region, this.#closing.signal);
      const canvas = this.renderRoot.querySelector<HTMLCanvasElement>(`[data-variant="${variant.id}"]`);
      if (canvas === null) {
        bitmap.close();
        return;
      }
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      // A pixel of the result is a pixel of the screen.
      canvas.style.width = `${bitmap.width / devicePixelRatio}px`;
      canvas.getContext('bitmaprenderer')!.transferFromImageBitmap(bitmap);
      this.done = new Set([...this.done, variant.id]);
    } catch (error) {
      if (isAbort(error)) return;
      const { message } = problemOf(error);
      this.failures = new Map([...this.failures, [variant.id, message]]);
    }
  }

  #close(): void {
    this.dispatchEvent(new Event('sheet-closed'));
  }

  #pick(variant: Variant): void {
    this.dispatchEvent(new CustomEvent<Variant>('variant-picked', { detail: variant }));
  }

  #item(variant: Variant): TemplateResult {
    const failure = this.failures.get(variant.id);
    const chosen = isChosen(variant, this.settings);
    const done = this.done.has(variant.id);
    return html`
      <li>
        <button
          type="button"
          aria-pressed=${chosen}
          ?autofocus=${chosen}
          aria-busy=${!done && failure === undefined}
          ?disabled=${failure !== undefined}
          @click=${() => this.#pick(variant)}
        >
          <span class="frame">
            <canvas data-variant=${variant.id} ?hidden=${!done} aria-hidden="true"></canvas>
            ${
              failure === undefined
                ? done
                  ? nothing
                  : html`<wa-spinner></wa-spinner>`
                : html`<span class="problem">${failure}</span>`
            }
          </span>
          <span class="name"
            >${chosen ? html`<wa-icon name="check" label=${msg('Chosen')}></wa-icon>` : nothing}${variant.label}</span
          >
        </button>
      </li>
    `;
  }

  /** A pixel of the result is a pixel of the screen; what little is shown leaves its name room. */
  #measures(): Readonly<Record<string, string>> {
    const { width, height } = this.rect;
    const [across, down] = [width / devicePixelRatio, height / devicePixelRatio];
    return { '--width': `${across}px`, '--height': `${down}px`, '--least': `max(${across}px + 1.25rem, 7rem)` };
  }

  protected override render(): unknown {
    const { width, height } = this.rect;
    return html`
      <wa-dialog
        open
        light-dismiss
        label=${msg('Compare methods')}
        @wa-after-hide=${(event: Event) => {
          if (event.target === event.currentTarget) this.#close();
        }}
      >
        <p class="quiet small">
          ${msg(str`${width} × ${height} pixels of the result, each pixel as it will be. Choose the one to use.`)}
        </p>
        <ul class="sheet" style=${styleMap(this.#measures())}>
          ${repeat(
            variants.list(this.settings),
            ({ id }) => id,
            (variant) => this.#item(variant),
          )}
        </ul>
      </wa-dialog>
    `;
  }
}

customElements.define('contact-sheet', ContactSheet);
