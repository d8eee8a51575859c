/** The words of the command line about tiles, pyramids and panels. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { EXPORT_KINDS, USUAL_PANELS, type ExportKind, type ExportOptions } from '../../src/core/exports.ts';
import type { OutputFormat } from '../../src/core/formats.ts';

export interface ExportFlags {
  export: ExportKind;
  panel?: { readonly widthInches: number; readonly heightInches: number };
  overlap?: number;
  bleed?: number;
}

/** The flags that say how panels are cut. */
export const PANEL_CHOICES: readonly (keyof ExportFlags)[] = ['panel', 'overlap', 'bleed'];

const INCHES: Readonly<Record<string, number>> = { mm: 1 / 25.4, cm: 1 / 2.54, in: 1 };

/** `10mm`, `1cm` or `0.4in`, in inches. */
export function parseLength(text: string): number {
  const found = /^([\d.]+)\s*(mm|cm|in)$/i.exec(text.trim());
  const inches = Number(found?.[1]) * (INCHES[found?.[2]?.toLowerCase() ?? ''] ?? Number.NaN);
  if (!(inches >= 0)) throw new InvalidArgumentError('Write a length with its unit, such as 10mm, 1cm or 0.4in.');
  return inches;
}

/** Adds the options to the present group; `parseSheet` reads `21x29.7cm`. */
export function addExportOptions(
  program: Command,
  parseSheet: (text: string) => { widthInches: number; heightInches: number },
): Command {
  return program
    .addOption(
      new Option(
        '--export <kind>',
        'one file, deep-zoom tiles (ZIP), a tiled pyramid (BigTIFF), or panels to print (ZIP)',
      )
        .choices(EXPORT_KINDS)
        .default('file'),
    )
    .option('--panel <sheet>', 'size of a panel, cut: 21x29.7cm (A4 unless given)', parseSheet)
    .option('--overlap <length>', 'what neighbouring panels share: 10mm unless given', parseLength)
    .option('--bleed <length>', 'printed beyond the edges of a panel: 3mm unless given', parseLength);
}

/** What the flags ask for. */
export function exportOf(flags: ExportFlags): ExportOptions {
  if (flags.export !== 'panels') return { kind: flags.export };
  return {
    ...USUAL_PANELS,
    ...(flags.panel ?? {}),
    overlapInches: flags.overlap ?? USUAL_PANELS.overlapInches,
    bleedInches: flags.bleed ?? USUAL_PANELS.bleedInches,
  };
}

/** The format of an export where none was asked for; null: as for any file. */
export const exportFormat: Readonly<Record<ExportKind, OutputFormat | null>> = {
  file: null,
  deepzoom: 'jpeg',
  pyramid: 'tiff',
  panels: 'png',
};
