/**
 * Runs `start` on every item with at most `inFlight` items between its beginning and the end of its `land`, and lands the results
 * in the items' order, one at a time. The first failure ends it: nothing more is started, and what runs is waited for.
 */
export async function inOrder<T, R>(
  items: readonly T[],
  inFlight: () => number,
  start: (item: T) => Promise<R>,
  land: (item: T, result: R) => Promise<void>,
): Promise<void> {
  const running: Promise<R>[] = [];
  let next = 0;
  try {
    for (const item of items) {
      while (next < items.length && running.length < Math.max(1, inFlight())) {
        const task = start(items[next++]!);
        // Its rejection is heard when its turn comes.
        task.catch(() => undefined);
        running.push(task);
      }
      const result = await running[0]!;
      running.shift();
      await land(item, result);
    }
  } finally {
    await Promise.allSettled(running);
  }
}
