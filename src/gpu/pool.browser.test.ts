import { describe, expect, it, vi } from 'vitest';
import type { GpuLimits } from './device.ts';
import { BufferPool, SpareBuffers } from './pool.ts';

const MEBIBYTE = 1 << 20;
const LIMITS = { maxBufferSize: 2 ** 30, maxStorageBufferBindingSize: 2 ** 30 } as GpuLimits;

/** A device that only counts. */
class CountedDevice {
  created = 0;
  destroyed = 0;

  createBuffer(): GPUBuffer {
    this.created++;
    return { destroy: () => this.destroyed++ } as unknown as GPUBuffer;
  }
}

/** Uses buffers of these sizes as an engine does, and leaves them. */
function use(device: CountedDevice, spare: SpareBuffers, mebibytes: readonly number[]): void {
  const pool = new BufferPool(device as unknown as GPUDevice, LIMITS, spare);
  const buffers = mebibytes.map((size) => pool.acquire(size * MEBIBYTE, 'storage', 'test'));
  for (const buffer of buffers) pool.release(buffer);
  pool.close(true);
}

describe('buffers that an engine leaves', () => {
  it('are there for the next one of its kind, one of another kind in between', () => {
    const device = new CountedDevice();
    const spare = new SpareBuffers();
    use(device, spare, [128, 64]);
    use(device, spare, [16, 8]);
    expect(device.created).toBe(4);
    use(device, spare, [128, 64]);
    use(device, spare, [16, 8]);
    expect([device.created, device.destroyed]).toEqual([4, 0]);
    spare.clear();
    expect(device.destroyed).toBe(4);
  });

  it('make room for another kind of job, the largest first', () => {
    const device = new CountedDevice();
    const spare = new SpareBuffers();
    use(device, spare, [256, 128, 64]);
    use(device, spare, [192]);
    expect([device.created, device.destroyed]).toEqual([4, 1]);
    use(device, spare, [128, 64, 192]);
    expect(device.created).toBe(4);
    spare.clear();
    expect(device.destroyed).toBe(4);
  });

  it('are destroyed when none has needed them for a while, though others are in use; small ones wait longer', () => {
    vi.useFakeTimers();
    try {
      const device = new CountedDevice();
      const spare = new SpareBuffers();
      use(device, spare, [256]);
      use(device, spare, [16]);
      for (let i = 0; i < 3; i++) {
        vi.advanceTimersByTime(3000);
        use(device, spare, [16]);
      }
      expect([device.created, device.destroyed]).toEqual([2, 1]);
      use(device, spare, [256]);
      vi.advanceTimersByTime(6000);
      expect([device.created, device.destroyed]).toEqual([3, 2]);
      use(device, spare, [16]);
      expect(device.created).toBe(3);
      vi.advanceTimersByTime(70_000);
      expect(device.destroyed).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });
});
