/**
 * Bridge cuts with a minimum distance: the strategy of PEPPER-style partitioners. A bridge is an edge of the layer graph whose removal divides
 * it: every frame's data passes through this one tensor. Bridges closer than the distance to the one before are left out.
 *
 *     1 ─ 2 ─┬─ 3 ─┬─ 5 ═ 6 ═ 7          bridges: after 1, 5 and 6; with a distance of 2: after 5, and not after 6
 *            └─ 4 ─┘
 *
 * A cut is made at its bridge, before whatever reads it, and the last bridge counts like every other.
 */
import type { Cut } from './crossing.ts';
import { hasLayer, type LayerFlow, layersIn } from './layer-flow.ts';
import { singleTensorCuts } from './single-tensor-cuts.ts';

/**
 * Cuts in order, each holding the one before it; every stage but the last has at least `layersMin` layers (at least 1). A tensor that several
 * layers read is no bridge: removing one of its edges divides nothing.
 */
export function bridgeCuts(flow: LayerFlow, layersMin: number): readonly Cut[] {
  const chosen: Cut[] = [];
  let before = 0n;
  for (const cut of singleTensorCuts(flow)) {
    const near = layersIn(cut.near);
    const isBridge = cut.tensors[0]!.readers.length === 1;
    const holdsLast = (before & ~cut.near) === 0n;
    const added = near.filter((layer) => !hasLayer(before, layer)).length;
    if (!isBridge || !holdsLast || added < Math.max(1, layersMin)) continue;
    chosen.push(cut);
    before = cut.near;
  }
  return chosen;
}
