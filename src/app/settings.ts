import { readExport } from './export-settings.ts';
import { readAi } from './ai-settings.ts';
import { OUTPUT_FORMATS } from '../core/formats.ts';
import type { Receipt } from '../core/job.ts';
import { DEFAULT_OPTIONS, type JobOptions } from '../core/options.ts';
import { KERNEL_NAMES, METHOD_NAMES } from '../core/resampling.ts';
import { ENGINE_NAMES } from '../core/engine.ts';
import { readEdit, readFinish, readMaxBytes } from './edit-settings.ts';
import { fieldsOf, flag, numberIn, oneOf } from './read-fields.ts';
import {
  DEFAULT_SIZE,
  LENGTH_UNITS,
  SIZE_MODES,
  SIZE_RANGES,
  sizeOfTarget,
  targetOf,
  type Range,
  type SizeSettings,
} from './size-settings.ts';

/** Everything the page's fields hold: the options of a job, with the size as it was asked for. */
export type Settings = Omit<JobOptions, 'target' | 'hooks'> & { readonly size: SizeSettings };

/** A change to some of the fields. */
export type SettingsChange = Partial<Omit<Settings, 'size'>> & { readonly size?: Partial<SizeSettings> };

export const QUALITY_RANGE: Range = { min: 1, max: 100 };

/** The settings after a change. */
export const applyChange = (settings: Settings, change: SettingsChange): Settings => ({
  ...settings,
  ...change,
  size: { ...settings.size, ...change.size },
});

/** What belongs to one picture alone, and is not carried over to others. */
const PER_PICTURE: readonly (keyof Settings)[] = ['edit'];

/** Settings made for one picture as another one takes them over, which keeps what is its own. */
export const ownSettings = (settings: Settings, own: Settings): Settings => ({
  ...settings,
  ...Object.fromEntries(PER_PICTURE.map((key) => [key, own[key]])),
});

/** The job that the settings ask for. A print size writes its own density unless another one is asked for. */
export function toJobOptions(settings: Settings): JobOptions {
  const { size, ...rest } = settings;
  const dpi = rest.dpi ?? (size.mode === 'print' ? size.printDpi : null);
  return { ...rest, dpi, target: targetOf(size), hooks: DEFAULT_OPTIONS.hooks };
}

/** The settings that a receipt's job was asked for with; what belongs to one picture alone is the receipt's, too. */
export function settingsOfReceipt({ options, output }: Pick<Receipt, 'options' | 'output'>): Settings {
  const { target, ...rest } = options;
  return readSettings({ ...rest, size: sizeOfTarget(target, output) });
}

function readSize(value: unknown): SizeSettings {
  const fields = fieldsOf(value);
  const standard = DEFAULT_SIZE;
  const { factor, pixels, megapixels, print, dpi } = SIZE_RANGES;
  return {
    mode: oneOf(fields['mode'], SIZE_MODES, standard.mode),
    factor: numberIn(fields['factor'], factor, standard.factor),
    width: numberIn(fields['width'], pixels, standard.width),
    height: numberIn(fields['height'], pixels, standard.height),
    long: numberIn(fields['long'], pixels, standard.long),
    short: numberIn(fields['short'], pixels, standard.short),
    megapixels: numberIn(fields['megapixels'], megapixels, standard.megapixels),
    printWidth: numberIn(fields['printWidth'], print, standard.printWidth),
    printHeight: numberIn(fields['printHeight'], print, standard.printHeight),
    unit: oneOf(fields['unit'], LENGTH_UNITS, standard.unit),
    printDpi: numberIn(fields['printDpi'], dpi, standard.printDpi),
  };
}

function readBackground(value: unknown): readonly [number, number, number] {
  const valid =
    Array.isArray(value) && value.length === 3 && value.every((v) => Number.isInteger(v) && v >= 0 && v <= 255);
  return valid ? (value as [number, number, number]) : DEFAULT_OPTIONS.background;
}

/** Settings from what an earlier visit stored: each field that is missing or makes no sense gets its default. */
export function readSettings(value: unknown): Settings {
  const fields = fieldsOf(value);
  const standard = DEFAULT_OPTIONS;
  return {
    edit: readEdit(fields['edit']),
    size: readSize(fields['size']),
    kernel: oneOf(fields['kernel'], KERNEL_NAMES, standard.kernel),
    method: oneOf(fields['method'], METHOD_NAMES, standard.method),
    linear: flag(fields['linear'], standard.linear),
    clampOvershoot: flag(fields['clampOvershoot'], standard.clampOvershoot),
    finish: readFinish(fields['finish']),
    engine: oneOf(fields['engine'], ['auto', ...ENGINE_NAMES], standard.engine),
    format: oneOf(fields['format'], OUTPUT_FORMATS, standard.format),
    export: readExport(fields['export']),
    quality: Math.round(numberIn(fields['quality'], QUALITY_RANGE, standard.quality)),
    maxBytes: readMaxBytes(fields['maxBytes']),
    chroma: oneOf(fields['chroma'], ['420', '444'], standard.chroma),
    level: oneOf(fields['level'], ['fast', 'small', 'store'], standard.level),
    depth: oneOf(fields['depth'], ['source', 8, 16], standard.depth),
    metadata: oneOf(fields['metadata'], ['keep', 'no-location', 'none'], standard.metadata),
    dpi: fields['dpi'] === null ? null : numberIn(fields['dpi'], SIZE_RANGES.dpi, 0) || null,
    background: readBackground(fields['background']),
    ai: readAi(fields['ai']),
  };
}

export const DEFAULT_SETTINGS: Settings = readSettings(null);
