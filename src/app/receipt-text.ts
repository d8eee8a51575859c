import type { Receipt } from '../core/job.ts';

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
