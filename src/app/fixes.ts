import { msg, str } from '@lit/localize';
import type { FormatMeta } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import { MIN_SCALE, resolveTarget } from '../core/options.ts';
import type { DestinationKind } from './destination.ts';
import { formatMegapixels, formatNumber, formatSize } from './format-text.ts';
import { applyChange, toJobOptions, type Settings, type SettingsChange } from './settings.ts';

/** One way out of a refusal: what the button says, and the change of settings or of the place that it makes. */
export type Fix = { readonly label: string } & (
  { readonly change: SettingsChange } | { readonly destination: DestinationKind }
);

/** Whether a job would be taken under other settings. */
export type Fits = (settings: Settings) => boolean;

/** Sizes that can be asked for in the present way, in steps from 1; larger steps give larger pictures. */
interface Ladder {
  /** The step that is asked for now. */
  readonly now: number;
  readonly change: (step: number) => SettingsChange;
  readonly label: (step: number, output: Size) => string;
}

/** Steps of hundredths of a factor. */
const HUNDREDTHS = 100;

function factorLadder(source: Size, output: Size): Ladder {
  return {
    now: Math.floor((output.width / source.width) * HUNDREDTHS + 1e-6),
    change: (step) => ({ size: { mode: 'factor', factor: step / HUNDREDTHS } }),
    label: (step, size) => msg(str`Use ${formatNumber(step / HUNDREDTHS, 2)}× (${formatSize(size)})`),
  };
}

/** The sizes below the present one, in the words in which the person has asked for it. */
function ladderFor({ size }: Settings, source: Size, output: Size): Ladder {
  switch (size.mode) {
    case 'width':
      return {
        now: size.width,
        change: (width) => ({ size: { width } }),
        label: (step) => msg(str`Make it ${formatNumber(step)} px wide`),
      };
    case 'height':
      return {
        now: size.height,
        change: (height) => ({ size: { height } }),
        label: (step) => msg(str`Make it ${formatNumber(step)} px high`),
      };
    case 'long':
      return {
        now: size.long,
        change: (long) => ({ size: { long } }),
        label: (step) => msg(str`Make the long side ${formatNumber(step)} px`),
      };
    case 'short':
      return {
        now: size.short,
        change: (short) => ({ size: { short } }),
        label: (step) => msg(str`Make the short side ${formatNumber(step)} px`),
      };
    case 'exact': {
      // In steps of the width, the height in proportion.
      const { width, height } = size;
      const at = (step: number): Size => ({ width: step, height: Math.max(1, Math.floor((height * step) / width)) });
      return {
        now: width,
        change: (step) => ({ size: at(step) }),
        label: (_step, found) => msg(str`Use ${formatSize(found)} px`),
      };
    }
    case 'megapixels':
      return {
        now: Math.floor(size.megapixels * 10),
        change: (step) => ({ size: { megapixels: step / 10 } }),
        label: (step) => msg(str`Use ${formatMegapixels(step * 1e5)}`),
      };
    case 'print':
      return {
        now: Math.floor(size.printDpi),
        change: (printDpi) => ({ size: { printDpi } }),
        label: (step, found) => msg(str`Print at ${formatNumber(step)} DPI (${formatSize(found)})`),
      };
    case 'factor':
      return factorLadder(source, output);
    default:
      return size.mode satisfies never;
  }
}

/**
 * The largest step from 1 to `most` that fits, or 0. Of two steps the smaller one fits where the larger one does, but for a few
 * near the limit, where rounding to whole pixels may go either way.
 */
export function largestStep(most: number, fits: (step: number) => boolean): number {
  let [fitting, failing] = [0, most + 1];
  while (failing - fitting > 1) {
    const middle = (fitting + failing) >> 1;
    if (fits(middle)) fitting = middle;
    else failing = middle;
  }
  return fitting;
}

/** The largest size below the present one that fits, asked for in the same way; null when none does. `source` is the edited picture. */
export function smallerSize(settings: Settings, source: Size, output: Size, fits: Fits): Fix | null {
  const climb = (ladder: Ladder): Fix | null => {
    const step = largestStep(ladder.now - 1, (candidate) => fits(applyChange(settings, ladder.change(candidate))));
    if (step === 0) return null;
    const change = ladder.change(step);
    const size = resolveTarget(source, toJobOptions(applyChange(settings, change)).target);
    // Below this nobody would take it for an enlargement of the picture.
    if (size.width < source.width * MIN_SCALE) return null;
    return { label: ladder.label(step, size), change };
  };
  return climb(ladderFor(settings, source, output));
}

const MOST_FORMATS = 2;

/** Other formats that take the job, `formats` in the order in which they are offered. */
export function otherFormats(settings: Settings, formats: readonly FormatMeta[], fits: Fits): readonly Fix[] {
  return formats
    .filter(({ format }) => format !== settings.format && fits(applyChange(settings, { format })))
    .slice(0, MOST_FORMATS)
    .map(({ format, label }) => ({ label: msg(str`Use ${label}`), change: { format } }));
}

/** Without a model, where that is what is too much. */
export const withoutModel = (settings: Settings, fits: Fits): readonly Fix[] =>
  settings.ai !== null && fits(applyChange(settings, { ai: null }))
    ? [{ label: msg('Do without the model'), change: { ai: null } }]
    : [];
