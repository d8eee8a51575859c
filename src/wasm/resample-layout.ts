/** The fields of `ResampleJob` in assembly/resample-job.ts, in order; each takes four bytes. */
const FIELDS = [
  'source',
  'sourceStride',
  'sourceX',
  'sourceY',
  'sourceWidth',
  'sourceHeight',
  'sourceKind',
  'sourceChannels',
  'out',
  'outStride',
  'outKind',
  'x',
  'y',
  'width',
  'height',
  'channels',
  'columnTaps',
  'columnStarts',
  'columnWeights',
  'columnStep',
  'columnFixed',
  'columnFixedTaps',
  'groupWeights',
  'groupsFrom',
  'groupsEnd',
  'rowTaps',
  'rowStarts',
  'rowWeights',
  'rowFixed',
  'rowFixedTaps',
  'strip',
  'fixed',
  'limit',
  'flatten',
  'backgroundRed',
  'backgroundGreen',
  'backgroundBlue',
  'decodeRed',
  'decodeGreen',
  'decodeBlue',
  'thresholdsRed',
  'thresholdsGreen',
  'thresholdsBlue',
  'guessesRed',
  'guessesGreen',
  'guessesBlue',
  'firstBucket',
  'bucketShift',
  'vectorCurves',
  'prepared',
  'plainA',
  'plainB',
  'floatRow',
  'pairRing',
  'pairStride',
  'floatRing',
  'floatStride',
  'pointers',
  'opaque',
] as const;

const FLOATS: ReadonlySet<string> = new Set(['backgroundRed', 'backgroundGreen', 'backgroundBlue']);

/** A job's fields; what is left out is 0. */
export type JobFields = Readonly<Partial<Record<(typeof FIELDS)[number], number>>>;

/** Bytes of a job. */
export const JOB_BYTES = FIELDS.length * 4;

/** Writes a job into memory. */
export function writeJob(memory: WebAssembly.Memory, address: number, fields: JobFields): void {
  const view = new DataView(memory.buffer, address, JOB_BYTES);
  FIELDS.forEach((name, i) => {
    const value = fields[name] ?? 0;
    if (FLOATS.has(name)) view.setFloat32(i * 4, value, true);
    else view.setInt32(i * 4, value, true);
  });
}
