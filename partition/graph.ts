/**
 * The graph of a model: which node reads what and which node makes it.
 *
 *     input ──▶ node ──▶ tensor ──▶ node ──▶ output        constants (weights) hang on nodes and are no part of the flow
 *
 * A node with subgraphs (If, Loop, Scan) stays one node; the outer tensors its subgraphs read count as its inputs. Nodes that only
 * compute with constants are `fixed`: they belong to whoever needs them, like constants. Nodes that no output needs are left out.
 */
import { MeshError } from '../mesh/error.ts';
import { closest } from '../mesh/suggest.ts';
import type { GraphProto, NodeProto, TensorProto } from '../proto/gen/onnx/onnx.ts';
import { subgraphsOf } from './attribute.ts';
import { constantOf } from './constants.ts';
import { domainOf, type Model } from './model.ts';
import { type NodeDraft, topologicalOrder } from './topological-order.ts';

export interface GraphNode extends NodeDraft {
  /** Position in {@link ModelGraph.nodes}. */
  readonly index: number;
  /** Depends on constants alone and gives the same result each time. */
  readonly fixed: boolean;
}

export interface ModelGraph {
  readonly model: Model;
  readonly proto: GraphProto;
  /** In topological order; the file's order wherever that is one. */
  readonly nodes: readonly GraphNode[];
  /** Names of the tensors each frame brings: graph inputs without a default value. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Initializers and the tensors of `Constant` nodes, by name. */
  readonly constants: ReadonlyMap<string, TensorProto>;
  /** Names of dense initializers: those constants a training could have changed. */
  readonly initializers: ReadonlySet<string>;
  /** Names of initializers stored in sparse form. */
  readonly sparse: ReadonlySet<string>;
  readonly producers: ReadonlyMap<string, GraphNode>;
  readonly consumers: ReadonlyMap<string, readonly GraphNode[]>;
}

/** Checks that the graph hangs together. Error `invalid` with the node or tensor that is wrong. */
export function buildGraph(model: Model): ModelGraph {
  const proto = model.proto.graph!;
  const constants = new Map<string, TensorProto>();
  for (const tensor of proto.initializer) define(constants, tensor.name, tensor, model, 'initializer');
  const initializers = new Set(constants.keys());
  const sparse = new Set(proto.sparseInitializer.flatMap((entry) => (entry.values === undefined ? [] : [entry.values.name])));
  const computing = proto.node.filter((node) => {
    const constant = constantOf(node);
    if (constant !== undefined) define(constants, constant.name, constant, model, `constant of node "${node.name ?? ''}"`);
    return constant === undefined;
  });
  const inputs = proto.input.map((input) => input.name).filter((name) => !constants.has(name) && !sparse.has(name));
  const outputs = proto.output.map((output) => output.name);
  requireUnique(model, inputs, 'input');
  requireUnique(model, outputs, 'output');
  if (outputs.length === 0) throw invalid(model, 'it has no outputs');

  const drafts = computing.map((node, index) => draftOf(node, proto.node.indexOf(node, index)));
  const known = new Set([...inputs, ...constants.keys(), ...sparse]);
  const ordered = needed(topologicalOrder(model.name, drafts, known), outputs);
  const nodes = withFixed(ordered, new Set([...constants.keys(), ...sparse]));
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  for (const output of outputs) {
    if (!producers.has(output) && !known.has(output)) throw missingOutput(model, output, [...producers.keys(), ...known]);
  }
  return { model, proto, nodes, inputs, outputs, constants, initializers, sparse, producers, consumers: consumersOf(nodes) };
}

/** A frame's way through the node starts or ends here: not a constant, and not computed from constants alone. */
export function isFlowing(graph: ModelGraph, tensor: string): boolean {
  const producer = graph.producers.get(tensor);
  return producer === undefined ? !graph.constants.has(tensor) && !graph.sparse.has(tensor) : !producer.fixed;
}

function draftOf(proto: NodeProto, position: number): NodeDraft {
  const own = proto.input.filter((name) => name !== '');
  const captured = subgraphsOf(proto).flatMap((subgraph) => [...capturedBy(subgraph)]);
  return {
    name: proto.name === undefined || proto.name === '' ? `${proto.opType}_${position}` : proto.name,
    operator: domainOf(proto.domain) === '' ? proto.opType : `${proto.domain}.${proto.opType}`,
    proto,
    inputs: [...new Set([...own, ...captured])],
    outputs: proto.output.filter((name) => name !== ''),
  };
}

/** Outer tensors that a subgraph, or one inside it, reads. */
function capturedBy(graph: GraphProto): ReadonlySet<string> {
  const local = new Set([...graph.input, ...graph.initializer].map((entry) => entry.name));
  for (const entry of graph.sparseInitializer) if (entry.values !== undefined) local.add(entry.values.name);
  for (const node of graph.node) for (const name of node.output) local.add(name);
  const read = graph.node.flatMap((node) => [...node.input, ...subgraphsOf(node).flatMap((inner) => [...capturedBy(inner)])]);
  const names = [...read, ...graph.output.map((output) => output.name)];
  return new Set(names.filter((name) => name !== '' && !local.has(name)));
}

/** Nodes that some output depends on, in the order given. */
function needed(ordered: readonly NodeDraft[], outputs: readonly string[]): readonly NodeDraft[] {
  const wanted = new Set(outputs);
  const kept = ordered.toReversed().filter((node) => {
    if (!node.outputs.some((name) => wanted.has(name))) return false;
    for (const name of node.inputs) wanted.add(name);
    return true;
  });
  return kept.reverse();
}

/** Operators that give another result each time, although they read nothing. */
const random = new Set(['RandomNormal', 'RandomUniform', 'RandomNormalLike', 'RandomUniformLike', 'Multinomial', 'Bernoulli']);

function withFixed(ordered: readonly NodeDraft[], constants: ReadonlySet<string>): readonly GraphNode[] {
  const settled = new Set(constants);
  return ordered.map((node, index) => {
    const fixed = !random.has(node.operator) && node.inputs.every((name) => settled.has(name));
    if (fixed) for (const name of node.outputs) settled.add(name);
    return { ...node, index, fixed };
  });
}

function consumersOf(nodes: readonly GraphNode[]): ReadonlyMap<string, readonly GraphNode[]> {
  const consumers = new Map<string, GraphNode[]>();
  for (const node of nodes) {
    for (const name of node.inputs) {
      const readers = consumers.get(name);
      if (readers === undefined) consumers.set(name, [node]);
      else readers.push(node);
    }
  }
  return consumers;
}

function define(constants: Map<string, TensorProto>, name: string, tensor: TensorProto, model: Model, what: string): void {
  if (name === '') throw invalid(model, `it has an ${what} without a name`);
  if (constants.has(name)) throw invalid(model, `two constants have the name "${name}" (the second is an ${what})`);
  constants.set(name, tensor);
}

function requireUnique(model: Model, names: readonly string[], what: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name) || name === '')
      throw invalid(model, name === '' ? `an ${what} has no name` : `two ${what}s have the name "${name}"`);
    seen.add(name);
  }
}

function missingOutput(model: Model, output: string, names: readonly string[]): MeshError {
  const near = closest(output, names);
  const hint = near.length === 0 ? undefined : `similar tensors: ${near.join(', ')}`;
  return invalid(model, `no node computes its output "${output}"`, hint);
}

function invalid(model: Model, message: string, hint?: string): MeshError {
  return new MeshError('invalid', `${model.name}: ${message}`, hint === undefined ? {} : { hint });
}
