import { EXPORT_KINDS, ONE_FILE, USUAL_PANELS, type ExportKind, type ExportOptions } from '../core/exports.ts';
import type { OutputFormat } from '../core/formats.ts';
import { fieldsOf, numberIn, oneOf } from './read-fields.ts';
import type { Range } from './size-settings.ts';

/** Inches that the fields accept; whether panels, overlap and picture go together is the verdict's business. */
export const PANEL_RANGES = {
  side: { min: 0.5, max: 400 },
  margin: { min: 0, max: 10 },
} as const satisfies Record<string, Range>;

/** An export from what was stored. */
export function readExport(value: unknown): ExportOptions {
  const fields = fieldsOf(value);
  const kind: ExportKind = oneOf(fields['kind'], EXPORT_KINDS, ONE_FILE.kind);
  if (kind !== 'panels') return { kind };
  const { side, margin } = PANEL_RANGES;
  return {
    kind,
    widthInches: numberIn(fields['widthInches'], side, USUAL_PANELS.widthInches),
    heightInches: numberIn(fields['heightInches'], side, USUAL_PANELS.heightInches),
    overlapInches: numberIn(fields['overlapInches'], margin, USUAL_PANELS.overlapInches),
    bleedInches: numberIn(fields['bleedInches'], margin, USUAL_PANELS.bleedInches),
  };
}

/** An export of a kind, and the format that goes with it best where the present one does not. */
export function exportChange(
  kind: ExportKind,
  format: OutputFormat,
): { readonly export: ExportOptions; readonly format: OutputFormat } {
  switch (kind) {
    case 'file':
      return { export: ONE_FILE, format };
    case 'deepzoom':
      return { export: { kind }, format: format === 'png' ? 'png' : 'jpeg' };
    case 'pyramid':
      return { export: { kind }, format: 'tiff' };
    case 'panels':
      return { export: USUAL_PANELS, format: format === 'jpeg' || format === 'tiff' ? format : 'png' };
    default:
      return kind satisfies never;
  }
}
