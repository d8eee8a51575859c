import type { Receipt } from '../core/job.ts';
import type { Words } from '../core/text.ts';
import { wordsFor } from './error-text.ts';

/** The receipt in a text; null when it is none. What its options make no sense of becomes a default later on. */
export function parseReceipt(text: string): Receipt | null {
  try {
    const value = JSON.parse(text) as Partial<Receipt> | null;
    const whole =
      typeof value?.input?.name === 'string' &&
      typeof value.input.bytes === 'number' &&
      typeof value.output?.width === 'number' &&
      typeof value.output.height === 'number' &&
      typeof value.options?.target?.kind === 'string';
    return whole ? (value as Receipt) : null;
  } catch {
    return null;
  }
}

/** The sentences of a receipt, for reading. */
export interface ReceiptSentences {
  readonly engineReason: string;
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  readonly warnings: readonly string[];
}

/** In the language of the page; of receipts that earlier versions have left, in English. */
export function receiptSentences(receipt: Receipt): ReceiptSentences {
  const { engineReason, metadataKept, metadataDropped, warnings } = receipt.texts ?? {
    ...receipt,
    engineReason: [receipt.engineReason],
  };
  const translated = (sentences: readonly Words[]): readonly string[] => sentences.map(wordsFor);
  return {
    engineReason: translated(engineReason).join(' '),
    kept: translated(metadataKept),
    dropped: translated(metadataDropped),
    warnings: translated(warnings),
  };
}

/** The receipt as a file: a record in English, whatever the language of the page. */
export function receiptFile(receipt: Receipt): Blob {
  return new Blob([JSON.stringify({ ...receipt, texts: undefined }, null, 2)], { type: 'application/json' });
}
