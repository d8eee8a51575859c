import { transferHandlers, type TransferHandler } from 'comlink';
import { fromErrorRecord, toErrorRecord, type ErrorRecord } from '../core/errors.ts';

interface Thrown {
  readonly value: unknown;
}

/**
 * Comlink carries only the message, name and stack of a thrown error. This replaces its handler, on both sides of every
 * worker, by one that also carries the code, the values and the remedy. Call it before anything is exposed or wrapped.
 */
export function installErrorTransfer(): void {
  const original = transferHandlers.get('throw') as TransferHandler<Thrown, unknown> | undefined;
  if (!original) throw new Error('comlink has no handler for thrown values');
  const handler: TransferHandler<Thrown, ErrorRecord> = {
    canHandle: (value): value is Thrown => original.canHandle(value),
    serialize: ({ value }) => [toErrorRecord(value), []],
    deserialize: (record) => {
      throw fromErrorRecord(record);
    },
  };
  transferHandlers.set('throw', handler);
}
