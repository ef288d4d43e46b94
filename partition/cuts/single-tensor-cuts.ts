/**
 * The narrow places of a model: cuts that a single tensor crosses. Around them a pipeline is a chain, and moving them costs least.
 *
 * They need not be prefixes: in a model of two branches, each branch has narrow places of its own, whatever the numbers of its layers. The
 * near side of a tensor begins with what is needed to make it; as long as another tensor crosses too, its readers have to come near, with all
 * that they need. Either it becomes the only one, or it is drawn to the near side itself.
 *
 *     1 ─┬─ 2 ═ 4 ─ 5            after 2: what 1 makes crosses to 3, so 3 comes near, and the cut is {1, 2, 3}
 *        └─ 3 ─ output
 */
import { type Cut, cutAt } from './crossing.ts';
import { closures, type LayerFlow, type LayerSet, type LayerTensor } from './layer-flow.ts';

/** One cut per tensor, with the smallest near side it can have, in the order of computation. */
export function singleTensorCuts(flow: LayerFlow): readonly Cut[] {
  const closed = closures(flow);
  return flow.tensors.map((tensor) => onlyCrossing(flow, tensor, closed)).filter((cut) => cut !== undefined);
}

function onlyCrossing(flow: LayerFlow, tensor: LayerTensor, closed: readonly LayerSet[]): Cut | undefined {
  let near = closed[tensor.maker]!;
  for (;;) {
    const cut = cutAt(flow, near);
    if (!cut.tensors.includes(tensor)) return undefined;
    if (cut.tensors.length === 1) return cut;
    for (const other of cut.tensors) {
      if (other !== tensor) for (const reader of other.readers) near |= closed[reader]!;
    }
  }
}
