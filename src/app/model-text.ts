import { msg, str } from '@lit/localize';
import type { OwnModel } from '../models/own-models.ts';
import type { BundledModel } from '../models/catalogue.ts';
import { formatBytes, formatDuration, formatNumber } from './format-text.ts';

/** What a bundled model is good for, in the present language; the catalogue's own English for one that has no text here. */
export function aboutModel({ id, about }: BundledModel): string {
  switch (id) {
    case 'cunet':
      return msg('The best for photos and drawings, and for JPEGs with noise removal. Slow without a GPU.');
    case 'upconv7':
      return msg('Nearly as good as cunet in half the time.');
    case 'anime4k-ul':
      return msg('Small and fast, also without a GPU. Best on drawings, good on photos.');
    case 'anime4k-s':
      return msg('The smallest, for weak devices.');
    case 'animevideo':
      return msg('Redraws drawings with clean lines; invents detail and smooths texture away.');
    case 'anime4k-restore':
      return msg('Sharpens and cleans drawings at their own size.');
    default:
      return about;
  }
}

/** Scale and licence of a bundled model. */
export function modelFacts({ shape, licence, plain }: BundledModel): string {
  const scale = formatNumber(shape.scale);
  return msg(
    str`Enlarges ${scale} times a run. ${formatBytes(plain.bytes)}, licence ${licence.spdx}, ${licence.holder}.`,
  );
}

/** What was found out about a model that was added, in plain words. */
export function ownModelText({ shape, layout, bytes, msPerMegapixel }: OwnModel): string {
  const { scale, halo, multiple, overlap, fixed } = shape;
  const sentences = [
    scale === 1
      ? msg('Restores pictures at their own size; it does not enlarge them: the resampling kernel does, after it.')
      : msg(str`Enlarges ${formatNumber(scale)} times a run.`),
    layout.channels === 1 ? msg('It takes one colour at a time.') : msg('It takes colour pictures.'),
  ];
  if (fixed !== null) {
    sentences.push(msg(str`Its tiles have ${formatNumber(fixed.width)} × ${formatNumber(fixed.height)} pixels.`));
  } else if (multiple > 1) {
    sentences.push(msg(str`Sides of its tiles are multiples of ${formatNumber(multiple)}.`));
  }
  sentences.push(
    overlap > 0
      ? msg('It looks at a whole tile at a time, so tiles are faded into each other.')
      : msg(str`It looks ${formatNumber(halo)} pixels around each.`),
    msg(str`${formatBytes(bytes)}; about ${formatDuration(msPerMegapixel)} a megapixel here.`),
  );
  return sentences.join(' ');
}
