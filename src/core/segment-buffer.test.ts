import { describe, expect, it } from 'vitest';
import { SegmentBuffer, SegmentMemory } from './segment-buffer.ts';

const numbers = (from: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => from + i);

describe('SegmentBuffer', () => {
  it('joins what is appended, whatever the memory', () => {
    for (const memory of [null, new ArrayBuffer(2), new ArrayBuffer(7), new ArrayBuffer(100)]) {
      const buffer = new SegmentBuffer(memory);
      buffer.append(numbers(1, 3));
      buffer.append(numbers(4, 0));
      buffer.append(numbers(4, 5));
      expect([...buffer.take()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    }
  });

  it('uses the memory it is given when that is large enough', () => {
    const memory = new ArrayBuffer(10);
    const buffer = new SegmentBuffer(memory);
    buffer.append(numbers(1, 10));
    expect(buffer.take().buffer).toBe(memory);
  });
});

describe('SegmentMemory', () => {
  it('hands out what was given back, and keeps no more than its number', () => {
    const memory = new SegmentMemory(2);
    expect(memory.take()).toBeNull();
    const buffers = [1, 2, 3].map((bytes) => new Uint8Array(bytes));
    for (const bytes of buffers) memory.giveBack(bytes);
    expect(memory.take()).toBe(buffers[1].buffer);
    expect(memory.take()).toBe(buffers[0].buffer);
    expect(memory.take()).toBeNull();
  });
});
