/**
 * A stage: the coded bands of a long job as they are finished, in one file that is only ever appended to. After a crash the job goes on
 * behind the last whole band. The index lies between the bands: every record says where the next one is, and carries sums by which one
 * that was cut short, or never reached the disk, is told.
 *
 * Layout, little-endian: `PUSTAGE1`, length of the head (4 bytes), the head as JSON, its CRC-32; then for each band a record of
 * `RECORD_BYTES` and its bytes.
 */
import { crc32 } from './checksum.ts';
import type { BandEncoding, Segment } from './encoding.ts';

const MAGIC = new TextEncoder().encode('PUSTAGE1');
const BAND_MAGIC = 0x444e4142;

/** Bytes before the head's text, and after it. */
export const STAGE_PREFIX_BYTES = MAGIC.length + 4;
export const STAGE_SUM_BYTES = 4;
/** Bytes of a band's record. */
export const RECORD_BYTES = 40;
/** A head is some kilobytes: a larger one is damage. */
const MOST_HEAD_BYTES = 1 << 20;

/** What a stage was made for. */
export interface StageHead {
  /** Stands for everything that the bytes depend on: another one means another file. */
  readonly key: string;
  /** How the bands are coded; found out once, so that it is the same after a crash. */
  readonly encoding: BandEncoding;
  /** Of the whole picture. */
  readonly bands: number;
}

/** A band in the file. */
export interface StageRecord {
  readonly index: number;
  readonly length: number;
  readonly crc: number;
  readonly adler: number | null;
  readonly rawBytes: number | null;
}

/** The beginning of a stage's file. */
export function stageHeadBytes(head: StageHead): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const bytes = new Uint8Array(STAGE_PREFIX_BYTES + text.length + STAGE_SUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(MAGIC.length, text.length, true);
  bytes.set(text, STAGE_PREFIX_BYTES);
  view.setUint32(STAGE_PREFIX_BYTES + text.length, crc32(text), true);
  return bytes;
}

/** Bytes of the head's text, by the first `STAGE_PREFIX_BYTES` of a file; null when that is no stage. */
export function stageHeadLength(prefix: Uint8Array): number | null {
  if (prefix.length < STAGE_PREFIX_BYTES || MAGIC.some((byte, i) => prefix[i] !== byte)) return null;
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC.length, true);
  return length <= MOST_HEAD_BYTES ? length : null;
}

/** The head by its text and the sum behind it; null when it is damaged. */
export function readStageHead(text: Uint8Array, sum: Uint8Array): StageHead | null {
  if (sum.length < STAGE_SUM_BYTES) return null;
  if (crc32(text) !== new DataView(sum.buffer, sum.byteOffset).getUint32(0, true)) return null;
  try {
    return JSON.parse(new TextDecoder().decode(text)) as StageHead;
  } catch {
    return null;
  }
}

/** The record of a band's segment. */
export function stageRecordBytes(index: number, { bytes, adler, rawBytes }: Segment): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(RECORD_BYTES);
  const view = new DataView(record.buffer);
  view.setUint32(0, BAND_MAGIC, true);
  view.setUint32(4, index, true);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, adler === undefined || rawBytes === undefined ? 0 : 1, true);
  view.setUint32(16, adler ?? 0, true);
  view.setFloat64(24, rawBytes ?? 0, true);
  view.setUint32(32, crc32(bytes), true);
  view.setUint32(36, crc32(record.subarray(0, 36)), true);
  return record;
}

/** Reads a record; null when it is damaged or none. */
export function readStageRecord(bytes: Uint8Array): StageRecord | null {
  if (bytes.length < RECORD_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0, true) !== BAND_MAGIC) return null;
  if (view.getUint32(36, true) !== crc32(bytes.subarray(0, 36))) return null;
  const sums = view.getUint32(12, true) === 1;
  return {
    index: view.getUint32(4, true),
    length: view.getUint32(8, true),
    crc: view.getUint32(32, true),
    adler: sums ? view.getUint32(16, true) : null,
    rawBytes: sums ? view.getFloat64(24, true) : null,
  };
}
