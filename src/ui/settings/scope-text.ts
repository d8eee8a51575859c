import { msg, str } from '@lit/localize';
import { formatNumber, pictureCount } from '../../app/format-text.ts';
import type { PictureList } from '../../app/picture-list.ts';

/** Which pictures a change of the settings belongs to, in words; null while there is only one picture. */
export function scopeText({ pictures, chosen, selected }: PictureList): string | null {
  if (pictures.length < 2) return null;
  if (chosen.length === pictures.length) return msg('For all pictures');
  if (chosen.length === 1) return msg(str`For ${selected?.name ?? ''}`);
  return msg(str`For ${pictureCount(chosen.length)} of ${formatNumber(pictures.length)}`);
}
