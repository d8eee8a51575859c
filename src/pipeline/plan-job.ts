import { chooseDecoder, type DecoderChoice } from '../codecs/choose.ts';
import { profileCurves } from '../codecs/metadata/icc.ts';
import { planEdit, type EditPlan } from '../core/edit/plan-edit.ts';
import type { BandPlace, PictureShape } from '../core/encoding.ts';
import { refusalOf, type Refusal } from '../core/errors.ts';
import { estimateBytes } from '../core/estimate/bytes.ts';
import { activeFinish, FINISH_RANGES, finishHalo, type Finish } from '../core/finish.ts';
import { exportRefusal, largestFile, PANEL_DPI, planPanels, type PanelPlan } from '../core/exports.ts';
import { formatRefusal, limitsFor, type FormatMeta, type SourceInfo } from '../core/formats.ts';
import { pixelCount, type Size } from '../core/geometry.ts';
import { MAX_SCALE, MIN_SCALE, resolveTarget, type JobOptions } from '../core/options.ts';
import { uprightSize } from '../core/orientation.ts';
import { bytesPerPixel, bytesPerRow, type Channels, type Depth } from '../core/pixels.ts';
import type { AiPass } from '../core/plan/ai-passes.ts';
import { BAND_LIMITS, planBands, windowRows, type BandLimits } from '../core/plan/bands.ts';
import type { ResampleSpec, TransferCurves } from '../core/resampling.ts';
import { planStages } from '../core/stages.ts';
import { sourceRowsFor } from '../core/taps.ts';
import { srgbCurves } from '../core/transfer.ts';
import { aiMemory } from './ai/ai-reader.ts';
import { chooseModels } from './ai/choose-models.ts';
import { limitRefusal } from './byte-limit.ts';
import { bandAlign } from './encodings.ts';
import { exportMemory } from './export/memory.ts';
import type { Environment } from './environment.ts';
import { FORMAT_METAS } from './format-metas.ts';
import type { DecoderName } from './open-decoder.ts';
import { say, str, type Text } from '../core/text.ts';

/** Everything that is decided before a pixel is decoded. */
export interface JobPlan {
  readonly kind: 'plan';
  readonly decoder: DecoderName;
  /** The source as it is meant to be seen, what is made of it before it is resampled, and the finished picture. */
  readonly upright: Size;
  readonly edit: EditPlan;
  /** Runs of models between the decoder and the resampling; none without AI. */
  readonly passes: readonly AiPass[];
  readonly picture: PictureShape;
  readonly meta: FormatMeta;
  readonly spec: ResampleSpec;
  readonly bands: readonly BandPlace[];
  /** How the picture is cut into panels; null when it is not. */
  readonly panels: PanelPlan | null;
  /** The source is held whole, so that bands can be had in any order. */
  readonly held: boolean;
  /** Rows of the source held at a time. */
  readonly windowRows: number;
  /** Bands asked for at a time, computed or waiting to be written. */
  readonly inFlight: number;
  /** Bytes that the job's own buffers will take at most, about. */
  readonly memoryBytes: number;
  readonly warnings: readonly Text[];
}

/** A source is held whole up to this size, even where it could be read in strips: bands can then be had in any order. */
const HELD_SOURCE_BYTES = 96 * 2 ** 20;

/** Plans a job, or says in a sentence why it cannot be done and what can. Pure. */
export function planJob(
  info: SourceInfo,
  options: JobOptions,
  environment: Environment,
): JobPlan | (Refusal & { readonly kind: 'refusal' }) {
  const refuse = (refusal: Refusal): Refusal & { kind: 'refusal' } => ({ kind: 'refusal', ...refusal });
  const upright = uprightSize(info, info.metadata.orientation);
  const edit = planEdit(info, info.metadata.orientation, options.edit);
  if (edit.kind === 'refusal') return edit;
  const edited = edit.size;
  const output = resolveTarget(edited, options.target);
  const metas = Object.values(FORMAT_METAS).map((format) => limitsFor(format, info));
  const meta = limitsFor(FORMAT_METAS[options.format], info);
  const dpi = panelDpi(options);
  const limit =
    scaleRefusal(edited, output) ??
    exportRefusal(options.export, options.format, output, dpi, metas) ??
    formatRefusal(meta, largestFile(output, options.export, dpi), metas) ??
    finishRefusal(options.finish) ??
    depthRefusal(meta, options) ??
    libraryRefusal(meta, environment) ??
    holdRefusal(info, edit, environment);
  if (limit !== null) return refuse(limit);
  const decoder = chooseDecoder(info, environment);
  if ('code' in decoder) return refuse(decoder);
  const chosen = options.ai === null ? [] : chooseModels(options.ai, edited, output);
  if ('code' in chosen) return refuse(chosen);
  const passes: readonly AiPass[] = chosen;
  const enlarged = passes.at(-1)?.output ?? edited;

  const warnings = [...info.warnings];
  const channels: Channels = info.channels === 4 && !meta.alpha ? 3 : info.channels;
  if (channels !== info.channels) {
    warnings.push(say(str`${meta.label} has no transparency: the picture is laid on the background colour.`));
  }
  const wanted: Depth = options.depth === 'source' ? info.depth : options.depth;
  // Tiles are for looking at.
  const depth = options.export.kind !== 'deepzoom' && meta.depths.includes(wanted) ? wanted : 8;
  if (depth < info.depth && options.depth === 'source')
    warnings.push(say(str`${meta.label} holds 8 bits a channel; the source has ${info.bits}.`));
  if (meta.format === 'avif' && depth === 16) warnings.push(say('AVIF is written with 10 bits a channel.'));
  if (options.maxBytes !== null && options.export.kind !== 'file')
    warnings.push(say('The limit of bytes is for single files, and was not kept to.'));

  const picture: PictureShape = { ...output, channels, depth };
  const input = { channels: info.channels, depth: info.depth };
  const [r, g, b] = options.background;
  const spec: ResampleSpec = {
    stages: planStages(options.method, options.kernel, enlarged, output),
    input,
    output: { channels, depth },
    curves: options.linear ? curvesOf(info) : null,
    clampOvershoot: options.clampOvershoot,
    background: channels === info.channels ? null : [r / 255, g / 255, b / 255],
    finish: activeFinish(options.finish),
  };
  const sourceRowBytes = bytesPerRow(enlarged.width, input);
  const span = (y: number, rows: number): { first: number; count: number } => sourceRowsFor(spec, y, rows);
  const bands = planBands(
    picture,
    sourceRowBytes,
    span,
    bandAlign(options.format, picture, options.chroma),
    bandLimits(picture, spec.finish),
  );
  const cores = options.engine === 'scalar' ? 1 : environment.cores;
  const inFlight = cores + Math.max(2, cores >> 1);

  const streamed = (decoder.kind === 'png' || decoder.kind === 'vips') && !info.progressive && streams(edit);
  const wholeBytes = sourceRowBytes * enlarged.height;
  // What models give comes from top to bottom, whatever the decoder does.
  const held = (!streamed && passes.length === 0) || wholeBytes <= HELD_SOURCE_BYTES;
  const rows = held ? enlarged.height : windowRows(enlarged.height, bands, span, inFlight);
  const modelBytes = passes.length === 0 ? 0 : aiMemory(passes, options.ai?.tta ?? false, bytesPerPixel(input));
  const memoryBytes =
    modelBytes +
    decoderBytes(decoder, info) +
    turningCopies(edit) * pixelCount(edit.stored) * bytesPerPixel(input) +
    memoryNeeded(rows * sourceRowBytes, bands[0]!.rows * bytesPerRow(output.width, picture), inFlight, meta, picture) +
    heldBytes(options, picture) +
    exportMemory(options.export, picture);
  const tooLarge = sizeRefusal(options, edited, picture, meta);
  if (tooLarge !== null) return refuse(tooLarge);
  if (memoryBytes > environment.memoryBudget) return refuse(memoryRefusal(memoryBytes, environment.memoryBudget, meta));
  return {
    kind: 'plan',
    ...{ decoder: decoder.kind, upright, edit, passes, picture, meta, spec, bands },
    panels: options.export.kind === 'panels' ? planPanels(picture, options.export, dpi) : null,
    ...{ held, windowRows: rows, inFlight, memoryBytes, warnings },
  };
}

/** The density that panels are measured at: the one asked for, else what printers like. The source's says nothing of an enlargement. */
export const panelDpi = ({ dpi }: Pick<JobOptions, 'dpi'>): number => dpi ?? PANEL_DPI;

/** The curves of a source's own profile where it has a usable one, else sRGB's. */
export function curvesOf(info: SourceInfo): TransferCurves {
  const own = info.model === 'cmyk' || info.metadata.icc === null ? null : profileCurves(info.metadata.icc);
  const usual = srgbCurves(info.channels);
  return own !== null && own.toLinear.length === usual.toLinear.length ? own : usual;
}

/** Rows come from top to bottom as they are decoded. */
const streams = (edit: EditPlan): boolean => edit.orientation === 1 && edit.straightening === null;

/** Bands high enough that the rows around them, which sharpening needs too, are not most of the work; up to four times the usual bytes. */
function bandLimits(picture: PictureShape, finish: Finish | null | undefined): BandLimits {
  const wanted = 2 * finishHalo(finish) * bytesPerRow(picture.width, picture);
  return { ...BAND_LIMITS, bandBytes: Math.max(BAND_LIMITS.bandBytes, Math.min(wanted, 4 * BAND_LIMITS.bandBytes)) };
}

/** Copies of a picture that are held beside the window, while it is turned and straightened. */
const turningCopies = ({ orientation, straightening }: EditPlan): number =>
  (orientation === 1 ? 0 : 1) + (straightening === null ? 0 : 1);

/** What a browser's decoder holds: its bitmap of the whole picture. The others' memory is not the job's own (`codecs/choose.ts`). */
const decoderBytes = ({ kind }: DecoderChoice, info: SourceInfo): number =>
  kind === 'browser' ? 4 * pixelCount(info) : 0;

/** A picture that is turned or straightened is held whole, and so is the window. */
function holdRefusal(info: SourceInfo, edit: EditPlan, { memoryBudget }: Environment): Refusal | null {
  if (streams(edit)) return null;
  const needed = (1 + turningCopies(edit)) * pixelCount(edit.stored) * bytesPerPixel(info);
  if (needed <= memoryBudget) return null;
  const { width, height } = info;
  const [megabytes, most] = [mebibytes(needed), mebibytes(memoryBudget)];
  return refusalOf(
    'too-large-input',
    info.metadata.orientation === 1
      ? say(
          str`The picture has ${width} x ${height} pixels. Turning or straightening it takes ${megabytes} MB of memory; ${most} MB may be used.`,
        )
      : say(
          str`The picture has ${width} x ${height} pixels. It is stored turned, and turning it takes ${megabytes} MB of memory; ${most} MB may be used.`,
        ),
    say('Crop it, or save it upright (orientation 1) first.'),
    { width, height, needed, budget: memoryBudget },
  );
}

function finishRefusal({ sharpen, grain }: Finish): Refusal | null {
  const fields = [
    { name: 'radius', value: sharpen?.radius },
    { name: 'amount', value: sharpen?.amount },
    { name: 'threshold', value: sharpen?.threshold },
    { name: 'strength', value: grain?.strength },
    { name: 'size', value: grain?.size },
  ] as const;
  const wrong = fields.find(({ name, value }) => {
    const { min, max } = FINISH_RANGES[name];
    return value !== undefined && !(value >= min && value <= max);
  });
  if (wrong === undefined) return null;
  const { min, max } = FINISH_RANGES[wrong.name];
  const what = wrong.name === 'strength' || wrong.name === 'size' ? 'grain' : 'sharpening';
  return refusalOf(
    'bad-options',
    `The ${wrong.name} of the ${what} goes from ${min} to ${max}; ${wrong.value} was asked for.`,
    'Choose a value within this range.',
    { [wrong.name]: wrong.value!, min, max },
  );
}

function scaleRefusal(source: Size, output: Size): Refusal | null {
  const scales = [output.width / source.width, output.height / source.height];
  const tooLarge = scales.some((scale) => scale > MAX_SCALE * 1.001);
  // Rounding alone can take a tiny picture below the least factor; one pixel is always allowed.
  const tooSmall = scales.some((scale, i) => scale < MIN_SCALE * 0.999 && (i === 0 ? output.width : output.height) > 1);
  if (!tooLarge && !tooSmall) return null;
  const { width, height } = output;
  return refusalOf(
    'bad-options',
    `${source.width} x ${source.height} to ${width} x ${height} pixels is a factor outside ${MIN_SCALE} to ${MAX_SCALE}.`,
    'Choose a size within these factors.',
    { width, height, min: MIN_SCALE, max: MAX_SCALE },
  );
}

function depthRefusal(meta: FormatMeta, options: JobOptions): Refusal | null {
  if (options.depth === 'source' || meta.depths.includes(options.depth)) return null;
  return refusalOf(
    'bad-options',
    say(str`${meta.label} cannot hold ${options.depth} bits a channel.`),
    say('Choose PNG or TIFF for 16 bits, or 8 bits.'),
    { format: meta.format, depth: options.depth },
  );
}

function libraryRefusal(meta: FormatMeta, environment: Environment): Refusal | null {
  if (meta.banded || environment.isolated) return null;
  return refusalOf(
    'bad-options',
    say(str`${meta.label} files cannot be written here: the page is not cross-origin isolated.`),
    say('Choose PNG, JPEG or TIFF.'),
    { format: meta.format },
  );
}

/** A file with a limit is held until it is complete. */
const heldBytes = ({ maxBytes, export: made }: JobOptions, picture: PictureShape): number =>
  maxBytes === null || made.kind !== 'file'
    ? 0
    : Math.min(maxBytes, picture.height * bytesPerRow(picture.width, picture));

/** Lossless files have the size that they have. Said only where the estimate is far above: the file itself decides the rest. */
function sizeRefusal(options: JobOptions, source: Size, output: PictureShape, meta: FormatMeta): Refusal | null {
  const { maxBytes, format, quality, chroma, level, finish } = options;
  if (maxBytes === null || meta.lossy || options.export.kind !== 'file') return null;
  const grain = finish.grain?.strength ?? 0;
  const bytes = estimateBytes({ format, quality, chroma, level, source, output, grain });
  return bytes > 2 * maxBytes ? limitRefusal(format, bytes, maxBytes) : null;
}

/** The window, the bands in flight as pixels and coded, and for formats coded whole the picture itself and its coding. */
function memoryNeeded(
  windowBytes: number,
  bandBytes: number,
  inFlight: number,
  meta: FormatMeta,
  picture: PictureShape,
): number {
  const whole = meta.banded ? 0 : 2 * picture.height * bytesPerRow(picture.width, picture);
  return windowBytes + inFlight * 2 * bandBytes + whole;
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

function memoryRefusal(needed: number, budget: number, meta: FormatMeta): Refusal {
  return refusalOf(
    'no-memory',
    say(str`This would need ${mebibytes(needed)} MB of memory; ${mebibytes(budget)} MB may be used on this device.`),
    meta.banded
      ? say('Use a device with more memory, or turn the picture upright and save it as PNG or TIFF first.')
      : say('Choose PNG, JPEG or TIFF, or a smaller size.'),
    { needed, budget },
  );
}
