import { expect, it } from 'vitest';
import { heldSink } from './held.ts';
import { MemorySink } from './memory.ts';

/** Writes, and uses the chunk's memory again, as the pipeline does with that of its segments. */
async function fill(sink: MemorySink | ReturnType<typeof heldSink>['sink']): Promise<void> {
  const chunk = Uint8Array.of(1, 2, 3);
  await sink.write([chunk, chunk.subarray(1)]);
  chunk.fill(9);
  await sink.write([chunk]);
  await sink.patch([{ position: 4, bytes: Uint8Array.of(7, 8) }]);
  await sink.commit();
}

it('MemorySink keeps what was written, whatever becomes of the chunks', async () => {
  const sink = new MemorySink();
  await fill(sink);
  expect([...new Uint8Array(await sink.blob('image/png').arrayBuffer())]).toEqual([1, 2, 3, 2, 7, 8, 9, 9]);
});

it('heldSink keeps it too, until it opens the place where it goes', async () => {
  const memory = new MemorySink();
  const opened = { sink: memory, name: 'a.png', file: () => Promise.resolve(null) };
  await fill(heldSink(100, 'a.png', () => Promise.resolve(opened)).sink);
  expect([...new Uint8Array(await memory.blob('image/png').arrayBuffer())]).toEqual([1, 2, 3, 2, 7, 8, 9, 9]);
});
