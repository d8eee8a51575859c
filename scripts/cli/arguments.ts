/** The command line of `npm run upscale`, from words to a typed request. Nothing is read or started here. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { ENGINE_NAMES, type EngineName } from '../../src/core/engine.ts';
import type { Chroma, DeflateLevel } from '../../src/core/encoding.ts';
import { OUTPUT_FORMATS, type OutputFormat } from '../../src/core/formats.ts';
import type { MetadataPolicy } from '../../src/core/metadata.ts';
import { DEFAULT_OPTIONS, MAX_SCALE, MIN_SCALE, type JobOptions, type Target } from '../../src/core/options.ts';
import { KERNEL_NAMES, METHOD_NAMES, type KernelName, type MethodName } from '../../src/core/resampling.ts';
import { addEditOptions, editOf, finishOf, parseMaxBytes, type EditFlags } from './edit-arguments.ts';
import { addExportOptions, exportFormat, exportOf, PANEL_CHOICES, type ExportFlags } from './export-arguments.ts';
import { addModelOptions, MODEL_CHOICES, modelRequest, type ModelFlags, type ModelRequest } from './model-flags.ts';

/** What one call asks for. */
export interface CliRequest {
  readonly inputs: readonly string[];
  /** A file, a template with `{name}` and the like, or a folder. */
  readonly out: string;
  /** Null: by the ending of `out`. */
  readonly format: OutputFormat | null;
  /** All settings but the format, which may depend on the input, and what is given as files. */
  readonly options: Omit<JobOptions, 'format' | 'hooks' | 'ai'>;
  /** Paths of hook modules on this machine. */
  readonly hooks: { readonly before: string | null; readonly after: string | null };
  /** A model to enlarge with. */
  readonly ai: ModelRequest | null;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly force: boolean;
  /** A folder with the built app; null takes dist/, built where needed. */
  readonly app: string | null;
}

interface Flags extends EditFlags, ModelFlags, ExportFlags {
  scale?: Target;
  width?: number;
  height?: number;
  exact?: Target;
  long?: number;
  short?: number;
  megapixels?: number;
  print?: { readonly widthInches: number; readonly heightInches: number };
  dpi?: number;
  kernel: KernelName;
  method: MethodName;
  linear: boolean;
  clamp: boolean;
  engine: EngineName | 'auto';
  format?: OutputFormat;
  quality: number;
  chroma: Chroma;
  level: DeflateLevel;
  depth: '8' | '16' | 'source';
  metadata: MetadataPolicy;
  background: readonly [number, number, number];
  hookBefore?: string;
  hookAfter?: string;
  out: string;
  force: boolean;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  app?: string;
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError('It must be a number above 0.');
  }
  return value;
}

function pixels(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError('It must be a whole number of pixels.');
  return value;
}

function quality(text: string): number {
  const value = positive(text);
  if (!Number.isInteger(value) || value > 100) throw new InvalidArgumentError('It must be a whole number, 1 to 100.');
  return value;
}

/** `4`, or `4x2` for different factors across and down. */
export function parseScale(text: string): Target {
  const [x, y = x] = text.split('x').map(positive);
  if (text.split('x').length > 2) throw new InvalidArgumentError('Write one factor, or two such as 4x2.');
  if (Math.min(x, y) < MIN_SCALE || Math.max(x, y) > MAX_SCALE) {
    throw new InvalidArgumentError(`Factors go from ${MIN_SCALE} to ${MAX_SCALE}.`);
  }
  return { kind: 'scale', x, y };
}

/** `8000x12000`: a size in pixels that need not keep the proportions. */
export function parseExact(text: string): Target {
  const sides = text.split('x');
  if (sides.length !== 2) throw new InvalidArgumentError('Write a width and a height, such as 8000x12000.');
  const [width, height] = sides.map(pixels);
  return { kind: 'exact', width, height };
}

const INCHES: Readonly<Record<string, number>> = { mm: 1 / 25.4, cm: 1 / 2.54, in: 1 };

/** `60x90cm`, `24x36in` or `600x900mm`: a sheet to fill. */
export function parsePrint(text: string): { widthInches: number; heightInches: number } {
  const found = /^([\d.]+)\s*x\s*([\d.]+)\s*(mm|cm|in)$/i.exec(text.trim());
  if (!found) throw new InvalidArgumentError('Write a sheet with its unit, such as 60x90cm, 600x900mm or 24x36in.');
  const [, width, height, unit] = found;
  const inches = INCHES[unit.toLowerCase()];
  return { widthInches: positive(width) * inches, heightInches: positive(height) * inches };
}

const NAMED_COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  white: [255, 255, 255],
  black: [0, 0, 0],
  grey: [128, 128, 128],
};

/** `white`, `#fff`, `#ffffff` or `255,255,255`. */
export function parseColour(text: string): readonly [number, number, number] {
  const named = NAMED_COLOURS[text.toLowerCase()];
  if (named !== undefined) return named;
  const hex = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (hex !== undefined) {
    const digits = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
    const value = Number.parseInt(digits, 16);
    return [value >> 16, (value >> 8) & 255, value & 255];
  }
  const parts = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  if (parts.length === 3 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255)) {
    return [parts[0], parts[1], parts[2]];
  }
  throw new InvalidArgumentError('Write a colour as #ffffff, as 255,255,255, or white, black or grey.');
}

const SIZES = ['scale', 'exact', 'long', 'short', 'megapixels', 'print'] as const;

function size(flag: string, description: string, parse: (text: string) => unknown): Option {
  const name = /--([a-z]+)/.exec(flag)?.[1] ?? '';
  const others = SIZES.filter((other) => other !== name);
  return new Option(flag, description).argParser(parse).conflicts([...others, 'width', 'height']);
}

function buildProgram(): Command {
  const d = DEFAULT_OPTIONS;
  const choice = (flag: string, description: string, choices: readonly string[], initial: string): Option =>
    new Option(flag, description).choices(choices).default(initial);
  const program = new Command('upscale')
    .description('Enlarges (or reduces) pictures with the engine of the app, in a headless browser on this machine.')
    .argument('<in...>', 'pictures, or folders of pictures (with all folders inside)')
    .requiredOption(
      '--out <path>',
      'file, folder, or template of {name} {scale} {width} {height} {kernel} {format} {ext} {dir}',
    )
    .optionsGroup('Size (2x unless one is given):')
    .addOption(size('--scale <factor>', 'times the size: 4, 1.5, or 4x2 across and down', parseScale))
    .option('--width <pixels>', 'to this width; with --height exactly to both', pixels)
    .option('--height <pixels>', 'to this height', pixels)
    .addOption(size('--exact <WxH>', 'to exactly this size, such as 8000x12000', parseExact))
    .addOption(size('--long <pixels>', 'longer side', pixels))
    .addOption(size('--short <pixels>', 'shorter side', pixels))
    .addOption(size('--megapixels <number>', 'million pixels', positive))
    .addOption(
      size(
        '--print <sheet>',
        'fill a sheet: 60x90cm, 600x900mm, 24x36in; at 300 dpi unless --dpi is given',
        parsePrint,
      ),
    )
    .option('--dpi <number>', 'density to write, pixels per inch', positive)
    .optionsGroup('Resampling:')
    .addOption(choice('--kernel <name>', 'filter', KERNEL_NAMES, d.kernel))
    .addOption(choice('--method <name>', 'how the size is reached', METHOD_NAMES, d.method))
    .option('--linear', 'in linear light', d.linear)
    .option('--clamp', 'no ringing: keep within the values of the neighbours', d.clampOvershoot)
    .addOption(choice('--engine <name>', 'what computes', ['auto', ...ENGINE_NAMES], d.engine))
    .option('--hook-before <module>', 'JavaScript module called with source rows')
    .option('--hook-after <module>', 'JavaScript module called with finished rows');
  return addExportOptions(addModelOptions(addEditOptions(program)).optionsGroup('Output:'), parsePrint)
    .addOption(
      new Option('--format <name>', "format; else by the ending of --out, else the input's").choices(OUTPUT_FORMATS),
    )
    .option('--quality <1-100>', 'of lossy formats', quality, d.quality)
    .option('--max-bytes <size>', 'at most 20MB: the best quality up to --quality that keeps to it', parseMaxBytes)
    .addOption(choice('--chroma <sampling>', 'chroma of a JPEG', ['420', '444'], d.chroma))
    .addOption(choice('--level <name>', 'compression of PNG and TIFF', ['fast', 'small', 'store'], d.level))
    .addOption(choice('--depth <bits>', 'bits in a sample', ['8', '16', 'source'], 'source'))
    .addOption(choice('--metadata <policy>', 'what is kept of it', ['keep', 'no-location', 'none'], d.metadata))
    .option(
      '--background <colour>',
      'behind transparent pixels where the format has none: #ffffff, 255,255,255, white',
      parseColour,
      d.background,
    )
    .option('--force', 'replace an existing output (never an input)', false)
    .optionsGroup('Report:')
    .option('--json', 'one JSON object on stdout', false)
    .option('--quiet', 'no progress', false)
    .option('--verbose', "also print the browser's console", false)
    .option('--app <folder>', 'the built app (default: dist/, built when missing or older than its sources)')
    .allowExcessArguments(false)
    .exitOverride();
}

/** Ends where options are given that mean nothing without another. */
function refuseAlone(program: Command, flags: Flags): void {
  const refuse = (names: readonly string[], needed: string): void => {
    const isGiven = (name: string): boolean => program.getOptionValueSource(name) === 'cli';
    const alone = program.options.find(
      (option) => names.includes(option.attributeName()) && isGiven(option.attributeName()),
    );
    if (alone !== undefined) program.error(`error: option '${alone.flags}' needs ${needed}`);
  };
  if (flags.model === undefined) refuse(MODEL_CHOICES, '--model <name>');
  if (flags.export !== 'panels') refuse(PANEL_CHOICES, '--export panels');
  if (flags.crop === 'print' && !flags.print) program.error("error: option '--crop print' needs --print <sheet>");
}

function targetOf(flags: Flags): Target {
  const { width, height } = flags;
  if (flags.scale) return flags.scale;
  if (flags.exact) return flags.exact;
  if (flags.long !== undefined) return { kind: 'long', pixels: flags.long };
  if (flags.short !== undefined) return { kind: 'short', pixels: flags.short };
  if (flags.megapixels !== undefined) return { kind: 'megapixels', megapixels: flags.megapixels };
  if (flags.print) return { kind: 'print', ...flags.print, dpi: flags.dpi ?? 300 };
  if (width !== undefined && height !== undefined) return { kind: 'exact', width, height };
  if (width !== undefined) return { kind: 'width', pixels: width };
  if (height !== undefined) return { kind: 'height', pixels: height };
  return DEFAULT_OPTIONS.target;
}

/**
 * Parses the words after the program's name. Throws commander's CommanderError, after printing what is wrong (or the help):
 * its `exitCode` is 0 for help.
 */
export function parseArguments(words: readonly string[], write?: (text: string) => void): CliRequest {
  const program = buildProgram();
  if (write) program.configureOutput({ writeOut: write, writeErr: write });
  program.parse([...words], { from: 'user' });
  const flags = program.opts<Flags>();
  refuseAlone(program, flags);
  const depth = flags.depth === 'source' ? 'source' : flags.depth === '8' ? 8 : 16;
  const target = targetOf(flags);
  return {
    inputs: program.args,
    out: flags.out,
    format: flags.format ?? exportFormat[flags.export],
    options: {
      edit: editOf(flags, flags.print),
      target,
      kernel: flags.kernel,
      method: flags.method,
      linear: flags.linear,
      clampOvershoot: flags.clamp,
      finish: finishOf(flags),
      engine: flags.engine,
      quality: flags.quality,
      maxBytes: flags.maxBytes ?? null,
      chroma: flags.chroma,
      level: flags.level,
      depth,
      metadata: flags.metadata,
      export: exportOf(flags),
      dpi: flags.dpi ?? (target.kind === 'print' ? target.dpi : null),
      background: flags.background,
    },
    hooks: { before: flags.hookBefore ?? null, after: flags.hookAfter ?? null },
    ai: modelRequest(flags),
    json: flags.json,
    quiet: flags.quiet,
    verbose: flags.verbose,
    force: flags.force,
    app: flags.app ?? null,
  };
}
