import { stageHeadBytes, stageRecordBytes } from '../../../src/core/stage-log.ts';
import type { Corpus } from './corpus.ts';

/** A stage of three bands. */
export function stageCorpus(): Corpus {
  const head = stageHeadBytes({ key: 'k'.repeat(64), encoding: { kind: 'png', level: 'fast' }, bands: 3 });
  const parts = [head];
  for (let i = 0; i < 3; i++) {
    const bytes = new Uint8Array(200).fill(i);
    parts.push(stageRecordBytes(i, { bytes, adler: i, rawBytes: 400 }), bytes);
  }
  return { files: [new Uint8Array(Buffer.concat(parts))], makers: ['ours'] };
}
