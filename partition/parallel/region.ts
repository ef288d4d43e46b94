/** The nodes that are divided: those of a range of layers, and what others read of them. */
import { MeshError } from '../../mesh/error.ts';
import type { GraphNode } from '../graph.ts';
import type { LayeredGraph } from '../layers.ts';

/** Layers first to last, both included. Error `usage` when the model has no such layers. */
export function nodesOfLayers({ graph, layers, layerOf }: LayeredGraph, first: number, last: number): readonly GraphNode[] {
  if (!(first >= 1 && first <= last && last <= layers.length)) {
    const which = first === last ? `is no layer ${first}` : `are no layers ${first} to ${last}`;
    throw new MeshError('usage', `there ${which}: ${graph.model.name} has layers 1 to ${layers.length}`);
  }
  return graph.nodes.filter(({ index }) => layerOf[index]! >= first && layerOf[index]! <= last);
}

/** Tensors made by these nodes that others read or the model returns. */
export function endsOf({ graph }: LayeredGraph, nodes: ReadonlySet<GraphNode>): readonly string[] {
  return [...nodes]
    .flatMap(({ outputs }) => outputs)
    .filter((name) => graph.outputs.includes(name) || (graph.consumers.get(name) ?? []).some((reader) => !nodes.has(reader)));
}

/** Of the ancestors of `end` among these nodes, those that nobody else needs, and `end` itself. */
export function exclusiveAncestors({ graph }: LayeredGraph, nodes: readonly GraphNode[], end: GraphNode): ReadonlySet<GraphNode> {
  const chosen = new Set([end]);
  // Backwards, so that all readers of a node are settled before it is.
  for (const node of nodes.toReversed()) {
    const returned = node.outputs.some((name) => graph.outputs.includes(name));
    const readers = node.outputs.flatMap((name) => graph.consumers.get(name) ?? []);
    if (!returned && readers.length > 0 && readers.every((reader) => chosen.has(reader))) chosen.add(node);
  }
  return chosen;
}
