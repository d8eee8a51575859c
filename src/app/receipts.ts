import { msg, str } from '@lit/localize';
import { AppError } from '../core/errors.ts';
import type { Receipt } from '../core/job.ts';
import type { GivenFile } from '../platform/given-files.ts';
import { isBusy, type Picture } from './picture.ts';
import type { PictureList } from './picture-list.ts';
import { parseReceipt } from './receipt-text.ts';
import { settingsOfReceipt } from './settings.ts';
import { Store } from './store.ts';

/** A receipt is some kilobytes of JSON; nothing larger is looked into. */
const LARGEST_RECEIPT_BYTES = 1e6;

const looksLikeReceipt = ({ file }: GivenFile): boolean =>
  file.name.toLowerCase().endsWith('.json') && file.size <= LARGEST_RECEIPT_BYTES;

/** Whether a picture is the one that a receipt speaks of: by its content's size and pixels, and by its name. */
export function isInputOf({ input }: Receipt, picture: Pick<Picture, 'name' | 'bytes' | 'size'>): boolean {
  const { name, bytes, size } = picture;
  if (bytes !== input.bytes || name !== input.name) return false;
  return size === null || (size.width === input.width && size.height === input.height);
}

/** Repeats jobs from their receipts: gives the settings to the picture, or waits until the picture is there. */
export class Receipts extends Store<readonly Receipt[]> {
  readonly #list: PictureList;

  constructor(list: PictureList) {
    super([]);
    this.#list = list;
  }

  /** Takes the receipts out of given files; returns the others. Rejects with an AppError for JSON that is none. */
  async take(given: readonly GivenFile[]): Promise<readonly GivenFile[]> {
    const others: GivenFile[] = [];
    const found: Receipt[] = [];
    for (const one of given) {
      if (!looksLikeReceipt(one)) {
        others.push(one);
        continue;
      }
      const receipt = parseReceipt(await one.file.text());
      if (receipt === null) {
        throw new AppError('bad-input', msg(str`“${one.file.name}” is no receipt.`), {
          remedy: msg('Receipts are saved from the result of a picture.'),
          values: { name: one.file.name },
        });
      }
      found.push(receipt);
    }
    this.set([...this.value, ...found]);
    if (others.length === 0) this.match();
    return others;
  }

  /** Gives waiting receipts to the pictures that they speak of. */
  match(): void {
    const waiting: Receipt[] = [];
    for (const receipt of this.value) {
      const picture = this.#list.pictures.find((one) => isInputOf(receipt, one) && !isBusy(one));
      if (picture === undefined) {
        waiting.push(receipt);
        continue;
      }
      this.#list.update(picture.id, {
        settings: settingsOfReceipt(receipt),
        state: picture.info === null ? picture.state : { kind: 'ready' },
      });
      this.#list.select(picture.id);
    }
    if (waiting.length !== this.value.length) this.set(waiting);
  }

  /** Forgets the receipts that wait for their pictures. */
  dismiss(): void {
    this.set([]);
  }
}
