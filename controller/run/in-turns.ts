/** Does work side by side, but not all of it at once. */

/**
 * At most `atOnce` at a time in each lane. Results in the order of the items. The first error is that of all, and what has not begun by
 * then never does.
 */
export async function inTurns<T, R>(
  items: readonly T[],
  laneOf: (item: T) => string,
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<T, R>();
  let failed = false;
  const lanes = Map.groupBy(items, laneOf);
  const workers = [...lanes.values()].flatMap((lane) => {
    const waiting = lane.values();
    return Array.from({ length: Math.min(atOnce, lane.length) }, async () => {
      for (const item of waiting) {
        if (failed) return;
        try {
          results.set(item, await work(item));
        } catch (error) {
          failed = true;
          throw error;
        }
      }
    });
  });
  await Promise.all(workers);
  return items.map((item) => results.get(item)!);
}
