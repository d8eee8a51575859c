import type { ColourModel, SourceInfo } from '../../core/formats.ts';
import { type PngColour, deliveredFormat, hasAlpha, readHeader } from './header.ts';
import { readMetadata, trailingChunks } from './metadata.ts';
import { say, str } from '../../core/text.ts';

const MODELS: Readonly<Record<PngColour, ColourModel>> = {
  grey: 'grey',
  'grey-alpha': 'grey',
  rgb: 'rgb',
  rgba: 'rgb',
  palette: 'palette',
};

/**
 * Reads what a PNG says up to its pixels, and EXIF and XMP from behind them. Rejects with `bad-input` when it is damaged or claims more
 * pixels than its bytes can hold, and `too-large-input` for rows beyond 64 MiB.
 */
export async function probePng(file: Blob, name: string): Promise<SourceInfo> {
  const { header, chunks, damaged } = await readHeader(file, name);
  const known = new Set(chunks.map(({ type }) => type));
  const trailing = await trailingChunks(file, name, header.dataStart);
  const all = [...chunks, ...trailing.filter(({ type }) => type !== 'eXIf' || !known.has(type))];
  const { metadata, frames, warnings } = await readMetadata(all);
  if (frames > 1) warnings.push(say(str`It is animated (${frames} frames); only its still picture is read.`));
  if (damaged.length > 0) {
    warnings.push(say(str`It has damaged or oversized blocks that were dropped: ${damaged.join(', ')}.`));
  }
  return {
    format: 'png',
    mime: 'image/png',
    width: header.width,
    height: header.height,
    model: MODELS[header.colour],
    alpha: hasAlpha(header),
    bits: header.bits,
    ...deliveredFormat(header),
    progressive: header.interlaced,
    frames,
    bytes: file.size,
    metadata,
    warnings,
  };
}
