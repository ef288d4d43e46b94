/**
 * Which layer every node belongs to. The rule (reasons in docs/decisions/0002-layers-and-folding.md):
 *
 *     Conv ─ BatchNorm ─ Relu ─┬─ Conv ─ BatchNorm ─ Add ─ Relu ─┬─ BatchNorm ─ Relu ─ Conv
 *     └────── layer 1 ───────┘ └──── layer 2 ────┘ └─ layer 3 ─┘ └────── layer 4 ────────┘
 *                              └──────────────────┘ (two branches meet: a layer of its own)
 *
 *  - An operator that computes starts a layer, and so does a light one that joins what different layers made (residual Add, Concat).
 *  - A light operator (activation, normalization, bias, reshaping …) joins the layer that made its input when it is the only reader, or
 *    when all readers are light and meet again (x · sigmoid(x)): then nothing more crosses a cut after the layer.
 *  - Otherwise it joins the first layer that reads it, and so does what is done to a graph input before any layer.
 *
 * Layers are numbered from 1 as they start. Whatever a node reads is made in its own layer or in one with a smaller number, so that
 * the layers 1 to N are a valid cut for every N.
 */
import type { GraphNode, ModelGraph } from './graph.ts';
import { isFlowing } from './graph.ts';
import { isLight, isShapeReader } from './light-operators.ts';

/** The layer number of each node by its index, 0 for fixed nodes, and the node that starts each layer. */
export interface Folding {
  readonly layerOf: readonly number[];
  readonly starts: readonly GraphNode[];
}

/** Not yet in a layer: waits for the first one that reads it. */
const WAITING = -1;
/** Not yet in a layer and no layer comes after it: joins the last one it reads from. */
const TRAILING = -2;

export function foldLayers(graph: ModelGraph): Folding {
  return new Folder(graph).fold();
}

class Folder {
  readonly #graph: ModelGraph;
  readonly #layerOf: number[];
  /** For each node the layer whose output it is computed from, waiting or not; 0: only from graph inputs. */
  readonly #origin: number[];
  readonly #starts: GraphNode[] = [];
  readonly #isOutput: ReadonlySet<string>;
  /** For each node whether one that starts a layer comes after it. */
  #followed: readonly boolean[];
  /** Nodes found to lie between a tensor and the place where its readers meet again. */
  readonly #enclosed = new Set<GraphNode>();
  /** Shape arithmetic: integers about a tensor, not made from its elements. */
  readonly #aboutShape = new Set<string>();

  constructor(graph: ModelGraph) {
    this.#graph = graph;
    this.#layerOf = new Array<number>(graph.nodes.length).fill(0);
    this.#origin = new Array<number>(graph.nodes.length).fill(0);
    this.#isOutput = new Set(graph.outputs);
    this.#followed = new Array<boolean>(graph.nodes.length).fill(false);
  }

  fold(): Folding {
    const { nodes } = this.#graph;
    const heavy = reaching(this.#graph, (node) => !isLight(this.#graph, node) && !isShapeReader(node));
    for (const node of nodes) if (!node.fixed) this.#findStart(node, heavy[node.index]!);
    this.#followed = reaching(this.#graph, (node) => this.#layerOf[node.index] !== 0);
    for (const node of nodes) if (!node.fixed && this.#layerOf[node.index] === 0) this.#place(node);
    for (const node of nodes.toReversed()) if (this.#layerOf[node.index] === WAITING) this.#layerOf[node.index] = this.#firstReader(node);
    for (const node of nodes) if (this.#layerOf[node.index] === TRAILING) this.#layerOf[node.index] = this.#lastSource(node);
    return { layerOf: this.#layerOf, starts: this.#starts };
  }

  /** Notes where the node's data come from, and whether it starts a layer. `reachesHeavy`: an operator that does so comes after it. */
  #findStart(node: GraphNode, reachesHeavy: boolean): void {
    const inputs = this.#flowing(node);
    const data = inputs.filter((name) => !this.#aboutShape.has(name));
    const aboutShape = isShapeReader(node) || (data.length === 0 && inputs.length > 0);
    if (aboutShape) for (const name of node.outputs) this.#aboutShape.add(name);
    const origins = new Set(data.map((name) => this.#originOf(name)).filter((origin) => origin !== 0));
    const origin = Math.max(0, ...inputs.map((name) => this.#originOf(name)));
    const starts = !aboutShape && (!isLight(this.#graph, node) || origins.size > 1);
    if (starts || (origin === 0 && !reachesHeavy)) {
      this.#starts.push(node);
      this.#layerOf[node.index] = this.#starts.length;
    }
    this.#origin[node.index] = this.#layerOf[node.index] || origin;
  }

  #place(node: GraphNode): void {
    const inputs = this.#flowing(node);
    const origin = this.#origin[node.index]!;
    const followed = this.#followed[node.index]!;
    const made = origin !== 0 && inputs.every((name) => this.#layerOfTensor(name) > 0 || this.#originOf(name) === 0);
    const data = inputs.filter((name) => !this.#aboutShape.has(name));
    const aboutShape = node.outputs.some((name) => this.#aboutShape.has(name));
    // Before DequantizeLinear a tensor is a quarter of the size it has after it: better to send it so.
    const joins = aboutShape || !followed || (node.operator !== 'DequantizeLinear' && this.#addsNothing(node, data));
    this.#layerOf[node.index] = made && joins ? origin : followed ? WAITING : TRAILING;
  }

  #flowing(node: GraphNode): readonly string[] {
    return node.inputs.filter((name) => isFlowing(this.#graph, name));
  }

  #originOf(tensor: string): number {
    const producer = this.#graph.producers.get(tensor);
    return producer === undefined ? 0 : this.#origin[producer.index]!;
  }

  #layerOfTensor(tensor: string): number {
    const producer = this.#graph.producers.get(tensor);
    return producer === undefined ? 0 : this.#layerOf[producer.index]!;
  }

  /** Nobody but this node, or nodes that meet again, reads the tensors it reads: it can replace them at the layer's end. */
  #addsNothing(node: GraphNode, inputs: readonly string[]): boolean {
    if (this.#enclosed.has(node)) return true;
    return inputs.every((name) => {
      if (this.#graph.producers.get(name) === undefined) return true;
      const readers = this.#readers(name);
      if (readers.length === 1 && !this.#isOutput.has(name)) return true;
      const enclosed = this.#isOutput.has(name) ? undefined : this.#enclosedBy(name, readers);
      for (const each of enclosed ?? []) this.#enclosed.add(each);
      return enclosed?.has(node) ?? false;
    });
  }

  /** Readers that use the elements; reading the shape costs nothing. */
  #readers(tensor: string): readonly GraphNode[] {
    return (this.#graph.consumers.get(tensor) ?? []).filter((reader) => !isShapeReader(reader));
  }

  /**
   * The light nodes between a tensor and the node where everything made of it meets again, that node included; undefined when there
   * is no such place near by, or something heavy or from elsewhere is on the way.
   */
  #enclosedBy(tensor: string, readers: readonly GraphNode[]): ReadonlySet<GraphNode> | undefined {
    const inside = new Set<GraphNode>();
    const inner = new Set([tensor]);
    const layer = this.#layerOfTensor(tensor);
    const open = new Set(readers);
    for (let steps = 0; steps < 32 && open.size > 0; steps++) {
      // Topological order: the earliest open node has no open ancestor.
      const next = [...open].reduce((a, b) => (a.index < b.index ? a : b));
      const near = (name: string) => inner.has(name) || !isFlowing(this.#graph, name) || this.#layerOfTensor(name) === layer;
      const fits = isLight(this.#graph, next) && next.inputs.every(near);
      if (!fits) return undefined;
      open.delete(next);
      inside.add(next);
      for (const name of next.outputs) inner.add(name);
      if (open.size === 0) return inside;
      if (next.outputs.some((name) => this.#isOutput.has(name))) return undefined;
      for (const name of next.outputs) for (const reader of this.#readers(name)) open.add(reader);
    }
    return undefined;
  }

  #lastSource(node: GraphNode): number {
    return Math.max(...node.inputs.map((name) => this.#layerOfTensor(name)));
  }

  #firstReader(node: GraphNode): number {
    const readers = node.outputs.flatMap((name) => this.#graph.consumers.get(name) ?? []);
    return Math.min(...readers.map((reader) => this.#layerOf[reader.index]!).filter((layer) => layer > 0));
  }
}

/** For each node whether one that `is` comes after it. */
function reaching(graph: ModelGraph, is: (node: GraphNode) => boolean): boolean[] {
  const reaches = new Array<boolean>(graph.nodes.length).fill(false);
  for (const node of graph.nodes.toReversed()) {
    const readers = node.outputs.flatMap((name) => graph.consumers.get(name) ?? []);
    reaches[node.index] = readers.some((reader) => reaches[reader.index] || is(reader));
  }
  return reaches;
}
