import { crc32 } from '../../core/checksum.ts';
import type { BandEncoding, Segment } from '../../core/encoding.ts';
import {
  readStageHead,
  readStageRecord,
  RECORD_BYTES,
  STAGE_PREFIX_BYTES,
  STAGE_SUM_BYTES,
  stageHeadBytes,
  stageHeadLength,
  stageRecordBytes,
  type StageRecord,
} from '../../core/stage-log.ts';

/** The file of a stage: read anywhere, written at the end. Synchronous, as files of OPFS are in workers; any call may throw. */
export interface StageFile {
  size(): number;
  /** Fewer bytes where the file ends before. */
  read(at: number, length: number): Uint8Array<ArrayBuffer>;
  write(at: number, bytes: Uint8Array): void;
  truncate(size: number): void;
  /** Sees to it that what was written outlives a power cut. */
  flush(): void;
  /** Closes the file and deletes it. */
  remove(): Promise<void>;
}

/** After so many milliseconds what was written is flushed: that much work a power cut may cost. */
const FLUSH_MS = 2000;

interface Placed extends StageRecord {
  readonly at: number;
}

/** Bands of a job that are finished, and those of them that an earlier attempt has left. */
export class BandStage {
  readonly #file: StageFile;
  readonly #records: Placed[];
  #end: number;
  #flushed = performance.now();
  #encoding: BandEncoding | null;

  private constructor(file: StageFile, records: Placed[], end: number, encoding: BandEncoding | null) {
    this.#file = file;
    this.#records = records;
    this.#end = end;
    this.#encoding = encoding;
  }

  /**
   * Opens what an earlier attempt has left under the same key: its whole bands from the first one on. Anything else in the file is
   * cut off.
   */
  static open(file: StageFile, key: string, bands: number): BandStage {
    const prefix = file.read(0, STAGE_PREFIX_BYTES);
    const length = stageHeadLength(prefix);
    if (length === null) return BandStage.#empty(file);
    const head = readStageHead(
      file.read(STAGE_PREFIX_BYTES, length),
      file.read(STAGE_PREFIX_BYTES + length, STAGE_SUM_BYTES),
    );
    if (head === null || head.key !== key || head.bands !== bands) return BandStage.#empty(file);
    let at = STAGE_PREFIX_BYTES + length + STAGE_SUM_BYTES;
    const records: Placed[] = [];
    while (records.length < bands) {
      const record = readStageRecord(file.read(at, RECORD_BYTES));
      if (record === null || record.index !== records.length) break;
      const bytes = file.read(at + RECORD_BYTES, record.length);
      if (bytes.length !== record.length || crc32(bytes) !== record.crc) break;
      records.push({ ...record, at: at + RECORD_BYTES });
      at += RECORD_BYTES + record.length;
    }
    file.truncate(at);
    return new BandStage(file, records, at, head.encoding);
  }

  static #empty(file: StageFile): BandStage {
    file.truncate(0);
    return new BandStage(file, [], 0, null);
  }

  /** How the bands that are there are coded; null when the stage is new. */
  get encoding(): BandEncoding | null {
    return this.#encoding;
  }

  /** Bands that are there, from the first one on. */
  get count(): number {
    return this.#records.length;
  }

  /** Begins a new stage. */
  begin(key: string, encoding: BandEncoding, bands: number): void {
    const head = stageHeadBytes({ key, encoding, bands });
    this.#file.truncate(0);
    this.#records.length = 0;
    this.#file.write(0, head);
    this.#end = head.length;
    this.#encoding = encoding;
  }

  /** The segment of a band that is there. */
  read(index: number): Segment {
    const { at, length, adler, rawBytes } = this.#records[index]!;
    const bytes = this.#file.read(at, length);
    return { bytes, ...(adler === null || rawBytes === null ? {} : { adler, rawBytes }) };
  }

  /** Keeps the next band. */
  append(segment: Segment): void {
    const index = this.#records.length;
    const record = stageRecordBytes(index, segment);
    this.#file.write(this.#end, record);
    this.#file.write(this.#end + RECORD_BYTES, segment.bytes);
    this.#records.push({ ...readStageRecord(record)!, at: this.#end + RECORD_BYTES });
    this.#end += RECORD_BYTES + segment.bytes.length;
    if (performance.now() - this.#flushed < FLUSH_MS) return;
    this.#file.flush();
    this.#flushed = performance.now();
  }

  /** Deletes it: the job has ended, one way or another. */
  remove(): Promise<void> {
    return this.#file.remove();
  }
}
