// The one WebAssembly module of the CPU engine. Every function takes addresses in the instance's memory, which the
// host lays out (src/wasm/kernels.ts); nothing here allocates.
export { heapBase } from './memory';
export { jpegCodeRow, jpegEndInterval, jpegStateBytes } from './jpeg';
export { planesScratchBytes, planesToRgb } from './jpeg-planes';
export { resampleStrips } from './resample';
export { adler32Bytes, crc32Bytes } from './checksum';
export { deflateEmit, deflateScan, deflateStateBytes } from './deflate';
export { differenceBytes, differenceWords, pngFilterRow, swapSamples } from './png';
export {
  finishAdd,
  finishAlpha,
  finishApply,
  finishColumns,
  finishDifference,
  finishLuma,
  finishNoise,
  finishRow,
} from './finish';
export { networkAssembleRow, networkLoadRow, networkRow } from './network';
export { graphAssembleRow, graphLoadRow, graphStrip, graphSumRow } from './graph';
