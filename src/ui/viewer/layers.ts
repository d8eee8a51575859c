import { msg } from '@lit/localize';
import { sourceOptions, type OpenPreview } from '../../app/preview.ts';
import { applyChange, toJobOptions, type Settings } from '../../app/settings.ts';
import { variants } from '../../app/variants.ts';
import type { Size } from '../../core/geometry.ts';
import { outputSizeOf, type JobOptions } from '../../core/options.ts';
import { editedSize } from '../../core/edit/plan-edit.ts';
import type { ViewMode } from './modes.ts';
import type { Layer } from './preview-tiles.ts';
import type { PreviewSession } from '../../workers/preview-client.ts';

/** What the result is compared with: the source, or what another variant makes of it. */
export type Reference = 'source' | 'source-smooth' | `variant:${string}`;

/** Differences are small: they are shown so many times as large. */
export const DIFFERENCE_GAIN = 8;

export interface Layers {
  /** What is shown, or the right side. */
  readonly result: Layer;
  /** What it is compared with. */
  readonly reference: Layer;
  /** The size that zoom is told in. */
  readonly size: Size;
}

export interface LayerChoice {
  readonly mode: ViewMode;
  readonly reference: Reference;
  /** JPEGs are shown as they are coded. */
  readonly coded: boolean;
}

const sessions = new WeakMap<PreviewSession, number>();
let nextSession = 1;

function numberOf(session: PreviewSession): number {
  const known = sessions.get(session) ?? nextSession++;
  sessions.set(session, known);
  return known;
}

/** The layers that show the picture under the present options. Where these are refused, the source takes the place of the result. */
export function layersOf(open: OpenPreview, settings: Settings, choice: LayerChoice): Layers {
  const { picture, session, options, plan } = open;
  const { straighten, corners } = options.edit;
  const transparent = picture.info?.alpha !== false || (straighten !== 0 && corners === 'fill');
  const { upright } = session.source;
  const edited = editedSize(upright, options.edit);
  const size: Size = plan.kind === 'plan' ? { width: plan.picture.width, height: plan.picture.height } : edited;
  const layer = (view: Layer['view'], of: Size): Layer => ({
    key: `${numberOf(session)}:${of.width}x${of.height}:${JSON.stringify(view)}`,
    ...{ session, view, size: of, transparent },
  });
  const plain = sourceOptions(options, size, edited, choice.reference === 'source-smooth');
  const source = layer({ kind: 'picture', options: plain.options }, plain.size);
  if (plan.kind === 'refusal') return { result: source, reference: source, size };
  const other = variantOptions(choice.reference, settings);
  const referenceOptions = other === null ? null : { ...other, edit: options.edit };
  const comparable = referenceOptions !== null && sameOutput(upright, referenceOptions, size);
  const reference = comparable ? layer({ kind: 'picture', options: shown(referenceOptions) }, size) : source;
  if (choice.mode === 'difference') {
    // At one size, whatever the source's is; hard pixels would differ everywhere.
    const before = comparable ? shown(referenceOptions) : sourceOptions(options, size, size, true).options;
    const view = { kind: 'difference', before, after: shown(options), gain: DIFFERENCE_GAIN } as const;
    return { result: layer(view, size), reference, size };
  }
  const codes = choice.coded && options.format === 'jpeg';
  const view = codes ? ({ kind: 'coded', options } as const) : ({ kind: 'picture', options: shown(options) } as const);
  return { result: layer(view, size), reference, size };
}

/** Without what only coding depends on, so that changing it computes nothing anew. */
const shown = (options: JobOptions): JobOptions => ({ ...options, quality: 90, chroma: '420', maxBytes: null });

function variantOptions(reference: Reference, settings: Settings): JobOptions | null {
  if (!reference.startsWith('variant:')) return null;
  const id = reference.slice('variant:'.length);
  const variant = variants.list(settings).find((one) => one.id === id);
  return variant === undefined ? null : toJobOptions(applyChange(settings, variant.change));
}

function sameOutput(upright: Size, options: JobOptions, size: Size): boolean {
  const output = outputSizeOf(upright, options);
  return output.width === size.width && output.height === size.height;
}

/** What a reference is called, in the present language. */
export function referenceLabel(reference: Reference, settings: Settings): string {
  if (reference === 'source') return msg('Source');
  if (reference === 'source-smooth') return msg('Source, smoothed');
  const id = reference.slice('variant:'.length);
  return variants.list(settings).find((one) => one.id === id)?.label ?? msg('Source');
}
