/** Changes of order in a list. Pure. */

/** The ids from one to another, whichever stands first, in the list's order; both included. */
export function rangeBetween(ids: readonly number[], from: number, to: number): readonly number[] {
  const [a, b] = [ids.indexOf(from), ids.indexOf(to)];
  if (a < 0 || b < 0) return b < 0 ? [] : [to];
  return ids.slice(Math.min(a, b), Math.max(a, b) + 1);
}

/**
 * The list with some of its items moved to before another one, in their own order; to the end when `beforeId` is null. An item
 * that is itself moved is no place: then the next one that stays is. Null when nothing changes.
 */
export function movedBefore<T extends { readonly id: number }>(
  items: readonly T[],
  ids: ReadonlySet<number>,
  beforeId: number | null,
): readonly T[] | null {
  const moved = items.filter(({ id }) => ids.has(id));
  const from = beforeId === null ? items.length : items.findIndex(({ id }) => id === beforeId);
  if (moved.length === 0 || from < 0) return null;
  const anchor = items.slice(from).find(({ id }) => !ids.has(id));
  const staying = items.filter(({ id }) => !ids.has(id));
  const at = anchor === undefined ? staying.length : staying.indexOf(anchor);
  const result = [...staying.slice(0, at), ...moved, ...staying.slice(at)];
  return result.every((item, index) => item === items[index]) ? null : result;
}
