import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../core/errors.ts';
import { copyWindowRows, takeRows, windowOfRows, type RowReader } from '../core/source.ts';
import { SourceFeeder } from './source-feeder.ts';

const WIDTH = 5;
/** Every byte of row `y` is `y mod 251`, so that a row in the wrong place shows. */
const valueOf = (y: number): number => y % 251;

function fakeReader(height: number, failAt = Infinity): RowReader & { closed: number } {
  let next = 0;
  return {
    ...{ width: WIDTH, height, channels: 1, depth: 8, closed: 0 },
    async read(rows, into) {
      await Promise.resolve();
      for (let row = 0; row < rows; row++, next++) {
        if (next >= failAt) throw new AppError('bad-input', 'cut off');
        into.fill(valueOf(next), row * WIDTH, (row + 1) * WIDTH);
      }
    },
    close() {
      this.closed++;
      return Promise.resolve();
    },
  };
}

const feederOf = (reader: RowReader, capacity: number): SourceFeeder =>
  new SourceFeeder(reader, {
    ...{ width: WIDTH, height: reader.height, channels: 1, depth: 8 },
    ...{ capacity, data: new Uint8Array(capacity * WIDTH) },
  });

describe('SourceFeeder', () => {
  it('shows each claim its own rows while the ring turns, however late claims are released', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 6 }),
        fc.infiniteStream(fc.nat(3)),
        async (height, rows, halo, delays) => {
          const span = (y: number): [number, number] => {
            const first = Math.max(0, y - halo);
            return [first, Math.min(height, y + rows + halo) - first];
          };
          const capacity = Math.min(height, 2 * (rows + 2 * halo));
          const feeder = feederOf(fakeReader(height), capacity);
          const tasks: Promise<void>[] = [];
          for (let y = 0; y < height; y += rows) {
            const [first, count] = span(y);
            const release = await feeder.hold(first, count);
            const turns = delays.next().value;
            tasks.push(
              (async () => {
                for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
                const got = new Uint8Array(count * WIDTH);
                copyWindowRows(feeder.window, first, count, got);
                for (let row = 0; row < count; row++) {
                  expect(got[row * WIDTH]).toBe(valueOf(first + row));
                  expect(got[row * WIDTH + WIDTH - 1]).toBe(valueOf(first + row));
                }
                release();
              })(),
            );
          }
          await Promise.all(tasks);
          await feeder.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('passes the decoder’s error to those who wait and to those who come later', async () => {
    const feeder = feederOf(fakeReader(100, 40), 100);
    await expect(feeder.hold(0, 100)).rejects.toThrow('cut off');
    await expect(feeder.hold(0, 100)).rejects.toThrow('cut off');
    await expect(feeder.hold(0, 10)).rejects.toThrow('cut off');
    await feeder.close();
  });

  it('rejects waiting claims when it is closed, and closes the reader', async () => {
    const reader = fakeReader(1000);
    const feeder = feederOf(reader, 10);
    const release = await feeder.hold(0, 10);
    const waiting = feeder.hold(10, 10);
    const heard = expect(waiting).rejects.toThrow('closed');
    await feeder.close();
    await heard;
    release();
    expect(reader.closed).toBe(1);
  });
});

describe('rows sent apart from their window', () => {
  it('lie at the slots where a ring has them', async () => {
    const feeder = feederOf(fakeReader(50), 50);
    (await feeder.hold(0, 50))();
    for (const [first, count] of [
      [0, 50],
      [7, 3],
      [13, 20],
      [49, 1],
    ] as const) {
      const sent = windowOfRows(feeder.window, takeRows(feeder.window, first, count));
      const got = new Uint8Array(count * WIDTH);
      copyWindowRows(sent, first, count, got);
      for (let row = 0; row < count; row++) expect(got[row * WIDTH]).toBe(valueOf(first + row));
      expect(sent.data[((first + count - 1) % sent.capacity) * WIDTH]).toBe(valueOf(first + count - 1));
    }
    await feeder.close();
  });
});
