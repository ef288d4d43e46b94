/**
 * Layers: the units a person cuts a model at, numbered from 1 in the order of computation. `fold.ts` has the rule that forms them;
 * here they get a name, a size and a price.
 */
import { elementCount } from '../mesh/tensor.ts';
import { prefixCuts } from './cuts/crossing.ts';
import { layerFlow } from './cuts/layer-flow.ts';
import { foldLayers } from './fold.ts';
import type { GraphNode, ModelGraph } from './graph.ts';
import { type Facts, type InferOptions, inferFacts } from './infer/infer.ts';
import { macsOf } from './macs.ts';
import { tensorBytes } from './model.ts';

/** What is not known without running the model is undefined. */
export interface Layer {
  /** From 1. */
  readonly number: number;
  /** Of the node that starts it. */
  readonly name: string;
  readonly operator: string;
  /** Operators of the nodes that were folded in, in order. */
  readonly folded: readonly string[];
  readonly nodes: readonly GraphNode[];
  /** Tensors made here that another layer reads or the model returns. */
  readonly outputs: readonly string[];
  /** Of its largest output; -1: a dimension is unknown. */
  readonly outputDims: readonly number[] | undefined;
  readonly macs: number | undefined;
  /** Trainable numbers: floating-point and quantized initializers without the running statistics of normalizations. Shared ones count where they are first used. */
  readonly parameters: number;
  /** Bytes of every constant the layer needs; shared ones count in each layer. */
  readonly weightBytes: number;
  /** Bytes of all tensors that cross a cut after this layer; undefined after the last one or when a shape is unknown. */
  readonly cutBytes: number | undefined;
}

/** A graph with its layers and everything known about its tensors. */
export interface LayeredGraph {
  readonly graph: ModelGraph;
  readonly facts: Facts;
  readonly layers: readonly Layer[];
  /** Layer number of each node by its index; 0: fixed, a copy goes wherever it is needed. */
  readonly layerOf: readonly number[];
}

/** The layers of a model, in order. `options.batch` settles an open batch dimension. */
export function listLayers(graph: ModelGraph, options: InferOptions = {}): LayeredGraph {
  const facts = inferFacts(graph, options);
  const { layerOf, starts } = foldLayers(graph);
  const members: GraphNode[][] = starts.map(() => []);
  for (const node of graph.nodes) members[layerOf[node.index]! - 1]?.push(node);
  const counted = new Set<string>();
  const cuts = prefixCuts(layerFlow({ graph, facts, layerOf }));
  const layers = starts.map((start, index): Layer => {
    const nodes = members[index]!;
    const outputs = leaving(graph, nodes, layerOf);
    const constants = constantsOf(graph, nodes);
    return {
      number: index + 1,
      name: start.name,
      operator: start.operator,
      folded: nodes.filter((node) => node !== start).map((node) => node.operator),
      nodes,
      outputs,
      outputDims: largest(outputs, facts),
      macs: sum(nodes.map((node) => macsOf(node, facts))),
      parameters: parametersOf(graph, constants, counted),
      weightBytes: sum(constants.map((name) => constantBytes(graph, name))) ?? 0,
      cutBytes: cuts[index]?.bytes,
    };
  });
  return { graph, facts, layers, layerOf };
}

function leaving(graph: ModelGraph, nodes: readonly GraphNode[], layerOf: readonly number[]): readonly string[] {
  return nodes.flatMap((node) =>
    node.outputs.filter((name) => {
      const readers = graph.consumers.get(name) ?? [];
      return graph.outputs.includes(name) || readers.some((reader) => layerOf[reader.index] !== layerOf[node.index]);
    }),
  );
}

/** Constants these nodes read, also through nodes that compute with constants only; once each. */
function constantsOf(graph: ModelGraph, nodes: readonly GraphNode[]): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = nodes.flatMap((node) => node.inputs);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const producer = graph.producers.get(name);
    if (graph.constants.has(name)) found.add(name);
    else if (producer?.fixed) open.push(...producer.inputs);
  }
  return [...found];
}

function constantBytes(graph: ModelGraph, name: string): number {
  return tensorBytes(graph.constants.get(name)!) ?? 0;
}

/** Shapes, axes and indices are integers of these types, and no parameters. */
const indexTypes = new Set([0, 6, 7, 8, 9]);

function parametersOf(graph: ModelGraph, constants: readonly string[], counted: Set<string>): number {
  let total = 0;
  for (const name of constants) {
    const tensor = graph.constants.get(name)!;
    if (counted.has(name) || indexTypes.has(tensor.dataType) || !isTrainable(graph, name)) continue;
    counted.add(name);
    total += elementCount(tensor.dims.map(Number));
  }
  return total;
}

/** Not a number that the architecture fixes (a limit, a factor), nor the running mean or variance of a BatchNormalization. */
function isTrainable(graph: ModelGraph, name: string): boolean {
  if (!graph.initializers.has(name) || graph.constants.get(name)!.dims.length === 0) return false;
  const readers = graph.consumers.get(name) ?? [];
  return !readers.every((reader) => reader.operator === 'BatchNormalization' && reader.proto.input.indexOf(name) >= 3);
}

function largest(names: readonly string[], facts: Facts): readonly number[] | undefined {
  const shapes = names.map((name) => facts.get(name)?.dims).filter((dims) => dims !== undefined);
  const count = (dims: readonly number[]) => dims.reduce((product, dim) => product * Math.abs(dim), 1);
  return shapes.length === 0 ? undefined : shapes.reduce((a, b) => (count(b) > count(a) ? b : a));
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  let total = 0;
  for (const value of values) {
    if (value === undefined) return undefined;
    total += value;
  }
  return total;
}
