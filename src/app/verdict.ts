import { msg, str } from '@lit/localize';
import type { AiOptions } from '../core/ai.ts';
import type { Refusal } from '../core/errors.ts';
import { estimateBytes, leastBytes } from '../core/estimate/bytes.ts';
import { estimateTime, type TimeEstimate } from '../core/estimate/speed.ts';
import { exportRefusal, largestFile } from '../core/exports.ts';
import { formatRefusal, limitsFor, type FormatMeta, type SourceInfo } from '../core/formats.ts';
import type { Size } from '../core/geometry.ts';
import { cropRatio } from '../core/edit/edit.ts';
import { editedSize } from '../core/edit/plan-edit.ts';
import type { LibraryPart } from '../core/offline.ts';
import { MAX_SCALE, MIN_SCALE, resolveTarget, type JobOptions } from '../core/options.ts';
import type { PixelFormat } from '../core/pixels.ts';
import { limitRefusal } from '../pipeline/byte-limit.ts';
import type { Environment } from '../pipeline/environment.ts';
import { panelDpi, planJob, type JobPlan } from '../pipeline/plan-job.ts';
import { bytesQuestion, NO_EXPERIENCE, speedFacts, type Experience } from './calibration.ts';
import type { DestinationState } from './destination.ts';
import { refusalText, textFor } from './error-text.ts';
import { otherFormats, smallerSize, withoutModel, type Fix, type Fits } from './fixes.ts';
import { formatBytes, formatNumber, lengthUnit } from './format-text.ts';
import { fromInches, toInches } from './size-settings.ts';
import { toJobOptions, type Settings, type SettingsChange } from './settings.ts';

/** About what a job will take. */
export interface Estimate {
  /** Of the file. */
  readonly bytes: number;
  readonly time: TimeEstimate;
  /** Bytes of memory at most, by the plan of the job; null while nothing is known of this device. */
  readonly memoryBytes: number | null;
}

export interface Overhang {
  readonly note: string;
  readonly fix: Fix;
}

/** Whether a picture can be enlarged as asked, and what it will take; known before Start. */
export interface Verdict {
  readonly output: Size;
  /** Null when it fits. */
  readonly refusal: Refusal | null;
  /** What may go wrong, though nobody can be sure ahead: Start is free. */
  readonly caution: Pick<Refusal, 'message' | 'remedy'> | null;
  /** The ways out of the refusal, or of what the caution is about. */
  readonly fixes: readonly Fix[];
  /** Whole sentences about what will change or get lost. */
  readonly notes: readonly string[];
  /** That a print is larger than its sheet, and the crop that makes it exact; null where it is not. */
  readonly overhang: Overhang | null;
  /** Null when it is refused. */
  readonly estimate: Estimate | null;
}

/** What the verdict needs to know about a picture: the upright size, and what its header says. */
export interface VerdictSource {
  readonly size: Size;
  readonly info: SourceInfo;
}

/** What is known of the device that will run the job, and of the place where its file will go. */
export interface Conditions {
  /** Null until the engine has told. */
  readonly environment: Environment | null;
  readonly destination: Pick<DestinationState, 'kind' | 'offered'>;
  /** Bytes that the browser's own storage has left; null where it does not tell. */
  readonly freeBytes: number | null;
  /** Parts of the library of formats that are not kept, while there is no connection to load them. */
  readonly outOfReach: readonly LibraryPart[];
  readonly experience: Experience;
  /** Milliseconds that a model will take, about; null while nothing is known of it. */
  readonly modelTime: (ai: AiOptions, source: Size, output: Size) => number | null;
}

export const UNKNOWN_CONDITIONS: Conditions = {
  environment: null,
  destination: { kind: 'folder', offered: ['folder', 'download'] },
  freeBytes: null,
  outOfReach: [],
  experience: NO_EXPERIENCE,
  modelTime: () => null,
};

type Judged = Omit<Verdict, 'fixes'>;

const useFactor = (factor: number): SettingsChange => ({ size: { mode: 'factor', factor } });

function scaleRefusal(source: Size, output: Size): Refusal | null {
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
  };
}

function notesFor(source: VerdictSource, settings: Settings, meta: FormatMeta, output: Size): readonly string[] {
  const { info, size } = source;
  const notes = info.warnings.map(textFor);
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

/** Lengths below this, in the unit of the sheet, are not told: they come of rounding. */
const LEAST_OVERHANG = 0.05;

/** A print covers its sheet: how much of a picture of other proportions lies beside it. */
function overhangOf({ size, edit }: Settings, edited: Size, output: Size): Overhang | null {
  if (size.mode !== 'print') return null;
  const sides = { width: toInches(size.printWidth, size.unit), height: toInches(size.printHeight, size.unit) };
  const crop = { kind: 'aspect', ...sides, follow: true } as const;
  const lies = cropRatio(edited, crop) === sides.width / sides.height;
  const [width, height] = lies ? [sides.width, sides.height] : [sides.height, sides.width];
  const beyond = (pixels: number, inches: number): number => fromInches(pixels / size.printDpi - inches, size.unit);
  const [wider, higher] = [beyond(output.width, width), beyond(output.height, height)];
  const most = Math.max(wider, higher);
  if (most < LEAST_OVERHANG || (most * size.printDpi) / fromInches(1, size.unit) < 2) return null;
  const length = `${formatNumber(most, 1)} ${lengthUnit(size.unit)}`;
  return {
    note:
      wider > higher
        ? msg(str`The picture covers the sheet and is ${length} wider than it. Cropped to the print, it fits exactly.`)
        : msg(
            str`The picture covers the sheet and is ${length} higher than it. Cropped to the print, it fits exactly.`,
          ),
    fix: { label: msg('Crop to the print'), change: { edit: { ...edit, crop } } },
  };
}

/** The samples of the output, as the plan of the job has them. */
function samplesFor(info: SourceInfo, options: JobOptions, meta: FormatMeta): PixelFormat {
  const wanted = options.depth === 'source' ? info.depth : options.depth;
  const channels = info.channels === 4 && !meta.alpha ? 3 : info.channels;
  return { channels, depth: meta.depths.includes(wanted) ? wanted : 8 };
}

/** Bytes that the file may have at most, if the quality is to be chosen by them. */
const limitOf = ({ maxBytes, export: made }: JobOptions): number | null => (made.kind === 'file' ? maxBytes : null);

interface Estimated {
  readonly estimate: Estimate;
  /** Of the file of the quality that was picked, and of the lowest one. */
  readonly bytes: number;
  readonly least: number;
}

function estimate(
  { info, size }: VerdictSource,
  options: JobOptions,
  meta: FormatMeta,
  output: Size,
  plan: JobPlan | null,
  { experience, modelTime }: Conditions,
): Estimated {
  const picture = plan?.picture ?? { ...output, ...samplesFor(info, options, meta) };
  const edited = editedSize(size, options.edit);
  // Halvings are a third of the picture more.
  const halved = options.export.kind === 'deepzoom' || options.export.kind === 'pyramid';
  const question = bytesQuestion(options, edited, picture);
  const correction = experience.sizes[options.format];
  const picked = estimateBytes(question, correction);
  const bytes = halved ? (picked * 4) / 3 : picked;
  const least = Math.min(bytes, leastBytes(question, correction));
  const { ai } = options;
  const limit = limitOf(options);
  const searched = limit !== null && meta.lossy && bytes > limit;
  const time = (of: JobOptions): TimeEstimate =>
    estimateTime(experience.speeds, speedFacts(info, of, size, picture, searched));
  const known = time(options);
  // A model that this device has not run as part of such a job may have been measured by itself.
  const modelMs = ai === null || known.jobs > 0 ? null : modelTime(ai, edited, output);
  const plain = modelMs === null ? known : time({ ...options, ai: null });
  return {
    ...{ bytes, least },
    estimate: {
      bytes: limit === null ? bytes : Math.min(bytes, Math.max(limit, least)),
      time: { ...plain, ms: plain.ms + (modelMs ?? 0) },
      memoryBytes: plan?.memoryBytes ?? null,
    },
  };
}

/** Files of unknown pictures may come out this many times smaller or larger than estimated. */
const LEAST_SHARE = 0.4;
const MOST_SHARE = 1.6;

/** The same of a lossless format whose earlier files have corrected the estimate; they say nothing of a lowest quality. */
const MOST_KNOWN_SHARE = 1.35;

/** The least that a lossy file can have is warned of from this share of a limit on: it may well come out above. */
const NEAR_LIMIT = 0.85;

const NO_PROBLEM: Pick<Judged, 'refusal' | 'caution'> = { refusal: null, caution: null };

/** A file that is kept in the browser's own storage until it is downloaded may not find room there. */
function roomProblem(bytes: number, { destination, freeBytes }: Conditions): Pick<Judged, 'refusal' | 'caution'> {
  if (destination.kind !== 'download' || freeBytes === null || bytes * MOST_SHARE <= freeBytes) {
    return NO_PROBLEM;
  }
  const [needed, free] = [formatBytes(bytes), formatBytes(freeBytes)];
  const remedy = msg('Save to a place of your own, choose a smaller format or size, or free storage of the browser.');
  if (bytes * LEAST_SHARE <= freeBytes) {
    const message = msg(str`The file may not fit: about ${needed}, and the browser's storage has ${free} left.`);
    return { refusal: null, caution: { message, remedy } };
  }
  const message = msg(str`The file would have about ${needed}; the browser's storage has ${free} left.`);
  return { refusal: { code: 'no-quota', message, remedy, values: { bytes, free: freeBytes } }, caution: null };
}

const LIBRARY_FORMATS: Readonly<Partial<Record<string, readonly LibraryPart[]>>> = {
  webp: ['vips'],
  avif: ['vips', 'avif'],
  jxl: ['vips', 'jxl'],
};

/** What reads or writes a format may not be on this device yet, and out of reach. */
function reachRefusal(
  info: SourceInfo,
  meta: FormatMeta,
  plan: JobPlan | null,
  outOfReach: readonly LibraryPart[],
): Refusal | null {
  const lacks = (parts: readonly LibraryPart[] = []): boolean => parts.some((part) => outOfReach.includes(part));
  const reading = plan?.decoder === 'vips' && lacks(LIBRARY_FORMATS[info.format] ?? ['vips']);
  if (!reading && !lacks(LIBRARY_FORMATS[meta.format])) return null;
  return {
    code: 'read-failed',
    message: reading
      ? msg('The part of the app that reads this picture is not on this device yet, and there is no connection.')
      : msg(str`The part of the app that writes ${meta.label} is not on this device yet, and there is no connection.`),
    remedy: msg('Connect once, so that the app can keep it.'),
    values: { format: reading ? info.format : meta.format },
  };
}

/**
 * A lower quality makes a lossy file smaller, but not as small as anyone may ask; a lossless one has the size that it has. What is advised instead has to
 * be `sure` to keep to the limit, as far as anything is known of the picture.
 */
function limitProblem(
  found: Estimated,
  options: JobOptions,
  lossy: boolean,
  { sizes }: Experience,
  sure: boolean,
): Judged['caution'] {
  const limit = limitOf(options);
  if (limit === null) return null;
  const bytes = lossy ? found.least : found.bytes;
  const share = lossy || sizes[options.format] === undefined ? MOST_SHARE : MOST_KNOWN_SHARE;
  if (bytes <= limit * (sure ? 1 / share : lossy ? NEAR_LIMIT : 1)) return null;
  if (!lossy) return refusalText(limitRefusal(options.format, bytes, limit));
  const [least, most] = [formatBytes(bytes), formatBytes(limit)];
  return {
    message: msg(
      str`The limit may be too low: even at the lowest quality the file will have about ${least}; ${most} are allowed at most.`,
    ),
    remedy: msg('Choose a smaller size.'),
  };
}

/** Judges without looking for ways out; `sure` where these are what is judged. */
function judge(
  source: VerdictSource,
  settings: Settings,
  formats: readonly FormatMeta[],
  conditions: Conditions,
  sure = false,
): Judged {
  const { info } = source;
  const options = toJobOptions(settings);
  const metas = formats.map((format) => limitsFor(format, info));
  const meta = metas.find((candidate) => candidate.format === settings.format);
  if (meta === undefined) throw new RangeError(`no format named ${settings.format}`);
  const edited = editedSize(source.size, settings.edit);
  const output = resolveTarget(edited, options.target);
  const notes = notesFor({ ...source, size: edited }, settings, meta, output);
  const overhang = overhangOf(settings, edited, output);
  const refused = (refusal: Refusal): Judged => ({
    ...{
      output,
      refusal: { ...refusal, ...refusalText(refusal) },
      caution: null,
      notes,
      overhang: null,
      estimate: null,
    },
  });
  const dpi = panelDpi(options);
  const limit =
    scaleRefusal(edited, output) ??
    exportRefusal(options.export, options.format, output, dpi, metas) ??
    formatRefusal(meta, largestFile(output, options.export, dpi), metas);
  if (limit !== null) return refused(limit);
  // The curves of linear light cost time to make, and decide nothing.
  const { environment } = conditions;
  const plan = environment === null ? null : planJob(info, { ...options, linear: false }, environment);
  if (plan?.kind === 'refusal') return refused(plan);
  const beyond = reachRefusal(info, meta, plan, conditions.outOfReach);
  if (beyond !== null) return refused(beyond);
  const found = estimate(source, options, meta, output, plan, conditions);
  const room = roomProblem(found.estimate.bytes, conditions);
  const limited = (): Judged['caution'] => limitProblem(found, options, meta.lossy, conditions.experience, sure);
  const caution = room.caution ?? (room.refusal === null ? limited() : null);
  return { output, notes, overhang, estimate: found.estimate, refusal: room.refusal, caution };
}

/** Places that do not go through the browser's own storage. */
const otherPlaces = ({ destination: { kind, offered } }: Conditions): readonly Fix[] => {
  if (kind !== 'download') return [];
  if (offered.includes('folder')) return [{ label: msg('Save to a folder instead'), destination: 'folder' }];
  return offered.includes('file') ? [{ label: msg('Choose where to save'), destination: 'file' }] : [];
};

/** Judges one picture under the settings. Pure. `formats` are all formats on offer. */
export function verdictFor(
  source: VerdictSource,
  settings: Settings,
  formats: readonly FormatMeta[],
  conditions: Conditions = UNKNOWN_CONDITIONS,
): Verdict {
  const judged = judge(source, settings, formats, conditions);
  const { refusal, caution, output } = judged;
  if (refusal === null && caution === null) return { ...judged, fixes: [] };
  const edited = editedSize(source.size, settings.edit);
  if (refusal?.code === 'bad-options' && refusal.values['scale'] !== undefined) {
    const limit = Number(refusal.values['limit']);
    return { ...judged, fixes: [{ label: msg(str`Use ${formatNumber(limit, 2)}×`), change: useFactor(limit) }] };
  }
  const fits: Fits = (candidate) => {
    const other = judge(source, candidate, formats, conditions, true);
    return other.refusal === null && other.caution === null;
  };
  // Formats coded band by band take any size in bounded memory, so they are the better advice; where room is short, small files are.
  const short = refusal === null || refusal.code === 'no-quota';
  const order = [...formats].sort((a, b) =>
    short ? Number(b.lossy) - Number(a.lossy) : Number(b.banded) - Number(a.banded),
  );
  const smaller = smallerSize(settings, edited, output, fits);
  return {
    ...judged,
    fixes: [
      ...(short && roomProblem(judged.estimate?.bytes ?? Infinity, conditions) !== NO_PROBLEM
        ? otherPlaces(conditions)
        : []),
      ...withoutModel(settings, fits),
      ...otherFormats(settings, order, fits),
      ...(smaller === null ? [] : [smaller]),
    ],
  };
}
