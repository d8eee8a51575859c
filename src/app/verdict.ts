import { msg, str } from '@lit/localize';
import type { Refusal } from '../core/errors.ts';
import { formatRefusal, limitsFor, type FormatMeta, type SourceInfo } from '../core/formats.ts';
import { pixelCount, type Size } from '../core/geometry.ts';
import { editedSize } from '../core/edit/plan-edit.ts';
import { MAX_SCALE, MIN_SCALE, resolveTarget } from '../core/options.ts';
import { formatNumber, formatSize } from './format-text.ts';
import { toJobOptions, type Settings, type SettingsChange } from './settings.ts';

/** A change of settings that makes a refused job possible. */
export interface Fix {
  /** What the button says. */
  readonly label: string;
  readonly change: SettingsChange;
}

/** Whether a picture can be enlarged as asked, known before Start. */
export interface Verdict {
  readonly output: Size;
  /** Null when it fits. */
  readonly refusal: Refusal | null;
  readonly fixes: readonly Fix[];
  /** Whole sentences about what will change or get lost. */
  readonly notes: readonly string[];
}

/** What the verdict needs to know about a picture: the upright size, and what its samples are. */
export interface VerdictSource {
  readonly size: Size;
  readonly info: Pick<SourceInfo, 'alpha' | 'depth' | 'warnings'>;
}

const useFactor = (factor: number): SettingsChange => ({ size: { mode: 'factor', factor } });

function scaleRefusal(source: Size, output: Size): { refusal: Refusal; fixes: readonly Fix[] } | null {
  const x = output.width / source.width;
  const y = output.height / source.height;
  // Rounding to whole pixels may carry an allowed factor a little over the limit.
  const slack = 1 / Math.min(source.width, source.height);
  const tooLarge = Math.max(x, y) > MAX_SCALE + slack;
  const tooSmall = Math.min(x, y) < MIN_SCALE - slack;
  if (!tooLarge && !tooSmall) return null;
  const limit = tooLarge ? MAX_SCALE : MIN_SCALE;
  const met = tooLarge ? Math.max(x, y) : Math.min(x, y);
  return {
    refusal: {
      code: 'bad-options',
      message: tooLarge
        ? msg(
            str`This would be ${formatNumber(met, 3)} times the picture; enlarging ends at ${formatNumber(limit)} times.`,
          )
        : msg(
            str`This would be ${formatNumber(met, 3)} times the picture; reducing ends at ${formatNumber(limit, 2)} times.`,
          ),
      remedy: tooLarge ? msg('Choose a smaller size.') : msg('Choose a larger size.'),
      values: { scale: met, limit },
    },
    fixes: [{ label: msg(str`Use ${formatNumber(limit, 2)}×`), change: useFactor(limit) }],
  };
}

/** The largest factor, in hundredths, whose result goes into the format; null when not even the smallest does. */
export function largestFactor(source: Size, meta: FormatMeta): number | null {
  const limit = Math.min(
    MAX_SCALE,
    meta.maxWidth / source.width,
    meta.maxHeight / source.height,
    Math.sqrt(meta.maxPixels / pixelCount(source)),
  );
  const fits = (factor: number): boolean => {
    const output = resolveTarget(source, { kind: 'scale', x: factor, y: factor });
    return output.width <= meta.maxWidth && output.height <= meta.maxHeight && pixelCount(output) <= meta.maxPixels;
  };
  // Rounding up to whole pixels may break an area limit that the exact factor keeps, by some steps for tiny pictures.
  for (let hundredths = Math.floor(limit * 100); hundredths >= MIN_SCALE * 100; hundredths--) {
    if (fits(hundredths / 100)) return hundredths / 100;
  }
  return null;
}

function formatFixes(source: Size, output: Size, meta: FormatMeta, metas: readonly FormatMeta[]): readonly Fix[] {
  const others = metas.filter((other) => other.format !== meta.format && formatRefusal(other, output, []) === null);
  // Formats coded band by band take any size in bounded memory, so they are the better advice.
  const best = others.filter((other) => other.banded);
  const fixes: Fix[] = (best.length > 0 ? best : others)
    .slice(0, 2)
    .map((other) => ({ label: msg(str`Use ${other.label}`), change: { format: other.format } }));
  const factor = largestFactor(source, meta);
  if (factor === null) return fixes;
  const size = resolveTarget(source, { kind: 'scale', x: factor, y: factor });
  return [
    ...fixes,
    { label: msg(str`Use ${formatNumber(factor, 2)}× (${formatSize(size)})`), change: useFactor(factor) },
  ];
}

function notesFor(source: VerdictSource, settings: Settings, meta: FormatMeta, output: Size): readonly string[] {
  const { info, size } = source;
  const notes = [...info.warnings];
  if (info.alpha && !meta.alpha) {
    notes.push(msg(str`${meta.label} has no transparency: the picture is laid on the background colour.`));
  }
  if (settings.depth === 16 && !meta.depths.includes(16)) {
    notes.push(msg(str`${meta.label} is written with 8 bits per channel.`));
  } else if (info.depth === 16 && settings.depth === 'source' && !meta.depths.includes(16)) {
    notes.push(msg(str`${meta.label} holds 8 of this picture's 16 bits per channel; PNG or TIFF would keep them.`));
  }
  const stretch = output.width / size.width / (output.height / size.height);
  if (settings.size.mode === 'exact' && Math.abs(stretch - 1) > 0.01) {
    notes.push(msg('Width and height are scaled differently, so the picture will look stretched.'));
  }
  return notes;
}

/** Judges one picture under the settings. Pure. `formats` are all formats on offer. */
export function verdictFor(source: VerdictSource, settings: Settings, formats: readonly FormatMeta[]): Verdict {
  const metas = formats.map((format) => limitsFor(format, source.info));
  const edited = editedSize(source.size, settings.edit);
  const output = resolveTarget(edited, toJobOptions(settings).target);
  const meta = metas.find((candidate) => candidate.format === settings.format);
  if (meta === undefined) throw new RangeError(`no format named ${settings.format}`);
  const notes = notesFor({ ...source, size: edited }, settings, meta, output);
  const scale = scaleRefusal(edited, output);
  if (scale !== null) return { output, ...scale, notes };
  const refusal = formatRefusal(meta, output, metas);
  const fixes = refusal === null ? [] : formatFixes(edited, output, meta, metas);
  return { output, refusal, fixes, notes };
}
