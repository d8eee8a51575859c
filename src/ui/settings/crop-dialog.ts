import '@awesome.me/webawesome/dist/components/button/button.js';
import '@awesome.me/webawesome/dist/components/slider/slider.js';
import '@awesome.me/webawesome/dist/components/switch/switch.js';
import type WaSlider from '@awesome.me/webawesome/dist/components/slider/slider.js';
import type WaSwitch from '@awesome.me/webawesome/dist/components/switch/switch.js';
import { msg, str } from '@lit/localize';
import { css, html, nothing, type TemplateResult } from 'lit';
import {
  ASPECTS,
  cropOf,
  framed,
  partOf,
  ratioOf,
  targetSides,
  WHOLE,
  type Aspect,
  type Part,
} from '../../app/crop-frame.ts';
import { formatNumber } from '../../app/format-text.ts';
import type { Picture } from '../../app/picture.ts';
import type { SizeSettings } from '../../app/size-settings.ts';
import { frameSize, MAX_STRAIGHTEN, NO_EDIT, turnedSize, type Edit } from '../../core/edit/edit.ts';
import type { Size } from '../../core/geometry.ts';
import { act } from '../actions.ts';
import { AppDialog } from '../app-dialog.ts';
import { choiceField } from '../choice-field.ts';
import '../number-field.ts';
import { sharedStyles } from '../shared-styles.ts';
import './crop-frame.ts';
import { scopeText } from './scope-text.ts';
import { turnButtons } from './turn-buttons.ts';

/** Pixels of the long side of the picture, as many as the frame draws. */
const LONG_SIDE = 1280;

const aspectLabel = (aspect: Aspect): string => {
  switch (aspect) {
    case 'free':
      return msg('Free');
    case 'original':
      return msg('As the picture');
    case 'target':
      return msg('As the print or size');
    default:
      return aspect;
  }
};

/** Turning, straightening and cropping of the picture that is looked at, on the picture itself. Nothing changes until it is taken over. */
export class CropDialog extends AppDialog {
  static override properties = {
    ...AppDialog.properties,
    picture: { state: true },
    draft: { state: true },
    crop: { state: true },
    aspect: { state: true },
    bitmap: { state: true },
  };

  /** The picture that was looked at when the dialog opened; null when there was none. */
  declare protected picture: Picture | null;
  declare protected draft: Edit;
  declare protected crop: Part;
  declare protected aspect: Aspect;
  declare protected bitmap: ImageBitmap | null;
  #loading: AbortController | null = null;

  static override styles = [
    sharedStyles,
    css`
      wa-dialog {
        --width: min(64rem, calc(100vw - 1rem));
      }

      .body {
        display: grid;
        gap: var(--wa-space-m);
      }

      .scope {
        font-size: var(--wa-font-size-s);
        overflow-wrap: anywhere;
      }

      .tools {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
        gap: var(--wa-space-m);
        align-items: end;
      }

      .turns,
      .footer {
        display: flex;
        flex-wrap: wrap;
        gap: var(--wa-space-2xs);
      }

      .footer {
        flex: 1;
        justify-content: flex-end;
        gap: var(--wa-space-s);
      }

      .footer .size {
        flex: 1;
        align-self: center;
        color: var(--wa-color-text-quiet);
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }

      @media (max-width: 30rem) {
        wa-dialog {
          --spacing: var(--wa-space-m);
        }

        /* All of the tools in sight, without scrolling. */
        wa-dialog::part(dialog) {
          max-width: calc(100% - 1rem);
          max-height: calc(100dvh - 1rem);
        }

        .footer {
          display: grid;
          grid-template-columns: repeat(2, minmax(0, 1fr));
        }

        .footer .size {
          font-size: var(--wa-font-size-s);
        }
      }
    `,
  ];

  constructor() {
    super();
    this.picture = null;
    this.draft = NO_EDIT;
    this.crop = WHOLE;
    this.aspect = 'free';
    this.bitmap = null;
  }

  get #upright(): Size {
    return this.picture!.size!;
  }

  /** Where the proportions of the print come from. */
  get #size(): SizeSettings {
    return this.app.settings.value.size;
  }

  /** The frame of the draft; its crop is the part. */
  get #frame(): Size {
    return frameSize(this.#upright, { ...this.draft, crop: null });
  }

  get #ratio(): number | null {
    return ratioOf(this.aspect, turnedSize(this.#upright, this.draft), this.#size);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const { selected } = this.app.pictures;
    if (selected?.size == null) {
      this.remove();
      return;
    }
    this.picture = selected;
    this.draft = this.app.settings.value.edit;
    this.crop = partOf(selected.size, this.draft, this.#frame);
    this.#loading = new AbortController();
    void this.#load(selected, this.#loading.signal);
  }

  async #load(picture: Picture, signal: AbortSignal): Promise<void> {
    const bitmap = await this.app.thumbnails.large(picture, LONG_SIDE, signal);
    if (signal.aborted) bitmap?.close();
    else this.bitmap = bitmap;
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#loading?.abort();
    this.bitmap?.close();
    this.bitmap = null;
  }

  #turn(change: Partial<Edit>): void {
    this.draft = { ...this.draft, ...change };
    const ratio = this.#ratio;
    this.crop = ratio === null ? WHOLE : framed(WHOLE, this.#frame, ratio);
  }

  #straighten(straighten: number): void {
    this.draft = { ...this.draft, straighten };
    // The frame's proportions stay, whatever the corners do.
    if (this.#ratio !== null) this.crop = framed(this.crop, this.#frame, this.#ratio);
  }

  #choose(aspect: Aspect): void {
    this.aspect = aspect;
    this.crop = framed(this.crop, this.#frame, this.#ratio);
  }

  #reset(): void {
    this.draft = NO_EDIT;
    this.aspect = 'free';
    this.crop = WHOLE;
  }

  #apply(): void {
    act(this, { kind: 'change', change: { edit: { ...this.draft, crop: cropOf(this.crop) } } });
    this.close();
  }

  #angle(): TemplateResult {
    const { straighten } = this.draft;
    return html`
      <wa-slider
        size="s"
        label=${msg('Straighten')}
        hint=${msg(str`${formatNumber(straighten, 1)}°`)}
        .min=${-MAX_STRAIGHTEN}
        .max=${MAX_STRAIGHTEN}
        .step=${0.1}
        .value=${straighten}
        with-tooltip
        indicator-offset="0"
        .valueFormatter=${(value: number) => `${formatNumber(value, 1)}°`}
        @input=${(event: Event) => this.#straighten(Math.round((event.target as WaSlider).value * 10) / 10)}
      ></wa-slider>
    `;
  }

  protected override render(): unknown {
    const { draft, crop } = this;
    if (this.picture === null) return nothing;
    const frame = this.#frame;
    const scope = scopeText(this.app.pictures);
    const aspects = ASPECTS.filter((aspect) => aspect !== 'target' || targetSides(this.#size) !== null);
    const width = formatNumber(Math.max(1, Math.round(crop.width * frame.width)));
    const height = formatNumber(Math.max(1, Math.round(crop.height * frame.height)));
    return html`
      <wa-dialog open label=${msg('Crop and straighten')} @wa-after-hide=${this.onHidden}>
        <div class="body">
          ${scope === null ? nothing : html`<p class="scope">${scope}</p>`}
          <crop-frame
            .bitmap=${this.bitmap}
            .upright=${this.#upright}
            .edit=${draft}
            .frame=${frame}
            .crop=${crop}
            .ratio=${this.#ratio}
            @part-change=${(event: CustomEvent<Part>) => (this.crop = event.detail)}
          ></crop-frame>
          <div class="tools">
            ${choiceField({
              label: msg('Proportions'),
              value: this.aspect,
              choices: aspects.map((aspect) => ({ value: aspect, label: aspectLabel(aspect) })),
              onChoose: (aspect) => this.#choose(aspect),
            })}
            <div class="turns" role="group" aria-label=${msg('Turn and mirror')}>
              ${turnButtons(draft, (change) => this.#turn(change))}
            </div>
            ${this.#angle()}
            <wa-switch
              size="s"
              .checked=${draft.corners === 'fill'}
              ?disabled=${draft.straighten === 0}
              @change=${(event: Event) => {
                this.draft = { ...draft, corners: (event.target as WaSwitch).checked ? 'fill' : 'cut' };
              }}
              >${msg('Keep the corners, on the background')}</wa-switch
            >
          </div>
        </div>
        <div slot="footer" class="footer">
          <span class="size" aria-live="polite">${msg(str`${width} × ${height} px`)}</span>
          <wa-button size="s" appearance="plain" @click=${() => this.#reset()}>${msg('Reset')}</wa-button>
          <wa-button size="s" appearance="outlined" @click=${() => this.close()}>${msg('Cancel')}</wa-button>
          <wa-button size="s" variant="brand" @click=${() => this.#apply()}>${msg('Apply')}</wa-button>
        </div>
      </wa-dialog>
    `;
  }
}

customElements.define('crop-dialog', CropDialog);
