/**
 * Gives the memory of bytes back at once, where the browser can (ES2024 `ArrayBuffer.prototype.transfer`): a gigapixel job makes
 * garbage faster than it is collected. Only for buffers that hold nothing else, after their last use.
 */
export function releaseBytes(chunks: readonly Uint8Array<ArrayBuffer>[]): void {
  for (const { buffer } of chunks) {
    const movable = buffer as ArrayBuffer & { transfer?: (length: number) => ArrayBuffer };
    movable.transfer?.(0);
  }
}
