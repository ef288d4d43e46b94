/**
 * Which layer reads what from which: all that cuts are about, without the nodes inside the layers.
 *
 * A set of layers is a number with a bit for each, bit N for layer N: a model of 400 layers has more prefixes than a `Set` for each would be
 * cheap for, and "is it closed", "is it inside" and "is it the same" are one operation.
 */
import { isFlowing, type ModelGraph } from '../graph.ts';
import type { Facts } from '../infer/infer.ts';
import { bytesOf } from '../tensor-bytes.ts';

/** Bit N is set when layer N is in the set. */
export type LayerSet = bigint;

/** A tensor that one layer makes and others read. */
export interface LayerTensor {
  readonly name: string;
  readonly maker: number;
  /** Other layers, ascending. */
  readonly readers: readonly number[];
  /** Undefined when its type or a dimension is not known. */
  readonly bytes: number | undefined;
}

export interface LayerFlow {
  /** Layers are numbered 1 to `count`, makers before readers. */
  readonly count: number;
  /** By maker, in the order of computation. */
  readonly tensors: readonly LayerTensor[];
  /** Of each layer by number (index 0 is empty): the layers it reads from, ascending. */
  readonly readsFrom: readonly (readonly number[])[];
}

/** What a LayeredGraph says of it. */
export interface FoldedGraph {
  readonly graph: ModelGraph;
  readonly facts: Facts;
  /** Layer number of each node by its index; 0: fixed. */
  readonly layerOf: readonly number[];
}

export function layerFlow({ graph, facts, layerOf }: FoldedGraph): LayerFlow {
  const count = layerOf.reduce((most, layer) => Math.max(most, layer), 0);
  const tensors: LayerTensor[] = [];
  const readsFrom = Array.from({ length: count + 1 }, () => new Set<number>());
  for (const node of graph.nodes) {
    for (const name of node.outputs) {
      if (!isFlowing(graph, name)) continue;
      const maker = layerOf[node.index]!;
      const readers = new Set((graph.consumers.get(name) ?? []).map((reader) => layerOf[reader.index]!));
      readers.delete(maker);
      if (readers.size === 0) continue;
      tensors.push({ name, maker, readers: ascending(readers), bytes: bytesOf(name, facts) });
      for (const reader of readers) readsFrom[reader]!.add(maker);
    }
  }
  return { count, tensors, readsFrom: readsFrom.map(ascending) };
}

export function layerSet(layers: Iterable<number>): LayerSet {
  let set = 0n;
  for (const layer of layers) set |= 1n << BigInt(layer);
  return set;
}

export function hasLayer(set: LayerSet, layer: number): boolean {
  return ((set >> BigInt(layer)) & 1n) === 1n;
}

/** Ascending. */
export function layersIn(set: LayerSet): number[] {
  const layers: number[] = [];
  for (let rest = set, layer = 0; rest !== 0n; rest >>= 1n, layer++) if ((rest & 1n) === 1n) layers.push(layer);
  return layers;
}

/** Of each layer by number: itself and every layer that it needs, directly or not. */
export function closures({ count, readsFrom }: LayerFlow): readonly LayerSet[] {
  const closed: LayerSet[] = [0n];
  for (let layer = 1; layer <= count; layer++) {
    closed.push(readsFrom[layer]!.reduce((set, source) => set | closed[source]!, 1n << BigInt(layer)));
  }
  return closed;
}

function ascending(numbers: Iterable<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}
