/**
 * All places where a model can be cut in two, prefixes or not: the closed sets of layers ("ideals" of the order of computation). The exact
 * planners choose among chains of them.
 *
 * A layer's number is greater than the numbers of all it reads from, so adding the layers of an ideal in ascending order never leaves the
 * closed sets. That makes a tree in which every ideal is met exactly once: below an ideal hang those with one layer more, of a higher number.
 *
 *     {} ─ {1} ─┬─ {1,2} ─── {1,2,3}         1 ─┬─ 2
 *               └─ {1,3}                        └─ 3
 *
 * There can be as many as 2^layers (a model of parallel branches), so whoever asks says how many are enough.
 */
import type { LayerFlow, LayerSet } from './layer-flow.ts';

export interface Ideals {
  /** Without the empty one and with the one of all layers; by depth first, so smaller ones of a branch come before larger ones. */
  readonly ideals: readonly LayerSet[];
  /** False when there are more than were asked for: then these are some of them. */
  readonly complete: boolean;
}

/** At most `max` of them. Time and memory grow with what is returned, not with what there is. */
export function listIdeals(flow: LayerFlow, max: number): Ideals {
  const ideals: LayerSet[] = [];
  for (const ideal of walkIdeals(flow)) {
    if (ideals.length === max) return { ideals, complete: false };
    ideals.push(ideal);
  }
  return { ideals, complete: true };
}

function* walkIdeals({ count, readsFrom }: LayerFlow): Generator<LayerSet, void, undefined> {
  const readBy: number[][] = Array.from({ length: count + 1 }, () => []);
  for (const [reader, sources] of readsFrom.entries()) for (const source of sources) readBy[source]!.push(reader);
  /** Of each layer: how many of the layers it reads from are not in the ideal. */
  const missing = readsFrom.map((sources) => sources.length);
  /** The way down to the ideal: the layers added, ascending, and the sets they made. */
  const added: number[] = [];
  const sets: LayerSet[] = [0n];
  let next = 1;
  for (;;) {
    while (next <= count && missing[next] !== 0) next++;
    if (next <= count) {
      for (const reader of readBy[next]!) missing[reader]! -= 1;
      added.push(next);
      sets.push(sets.at(-1)! | (1n << BigInt(next)));
      yield sets.at(-1)!;
      next += 1;
      continue;
    }
    const last = added.pop();
    if (last === undefined) return;
    sets.pop();
    for (const reader of readBy[last]!) missing[reader]! += 1;
    next = last + 1;
  }
}
