/**
 * Reverse-mode differentiation of a graph, written as a graph.
 *
 *     x ──▶ Conv ──▶ Relu ──▶ … ──▶ loss              what is there stays
 *            ▲                        │
 *            w      grad/w ◀── … ◀────┘ 1             what is added: from the loss back, each node by the rule of its operator
 *
 * A tensor that is read more than once gets the sum of what its readers say. Only nodes between a parameter and the loss are walked
 * (Griewank, Walther, "Evaluating Derivatives", 2nd ed. 2008, chapter 3.2: the incremental reverse mode).
 */
import { MeshError } from '../../mesh/error.ts';
import { closest } from '../../mesh/suggest.ts';
import { elementCount } from '../../mesh/tensor.ts';
import type { GraphNode, ModelGraph } from '../graph.ts';
import type { Model } from '../model.ts';
import { expand, sum } from './arithmetic.ts';
import { GraphWriter, type Value } from './graph-writer.ts';
import { rules } from './ops/rules.ts';
import { GradientSite } from './rule.ts';

/** Every operator that has a gradient. Some are rewritten before they are trained, see `training-mode.ts`. */
export const supportedOperators: readonly string[] = Object.keys(rules).sort();

/** The name of a parameter's gradient in the graph that {@link gradient} returns. */
export function gradientName(parameter: string): string {
  return `grad/${parameter}`;
}

/**
 * The graph with an output `grad/<parameter>` for each parameter: ∂loss/∂parameter, in the parameter's type and size. `loss` is a tensor
 * with one element, which becomes an output, too; parameters are initializers or inputs, float32 or float64, and stay what they are.
 *
 * Sizes must be known before anything runs (a fixed batch). Errors, all of them before anything runs: `unsupported` with the node whose operator,
 * attributes or unknown sizes have no gradient here; `invalid` for a loss that is no tensor of the graph or has more than one element, and for
 * a parameter that does not exist or that the loss does not depend on.
 */
export function gradient(graph: ModelGraph, loss: string, parameters: readonly string[]): Model {
  const [between, wanted] = wayBetween(graph, loss, parameters);
  requireSupported(graph, between);
  const w = new GraphWriter(graph, 'grad');
  const end = w.value(loss);
  if (elementCount(end.dims) !== 1)
    throw invalid(graph, `the loss "${loss}" has ${elementCount(end.dims)} elements [${end.dims}], expected one`);
  requireFloats(w, [loss, ...parameters]);

  const found = new Map<string, Value[]>([[loss, [expand(w, w.numbers(1, end), end.dims)]]]);
  const summed = new Map<string, Value>();
  const gradientOf = (name: string): Value | undefined => {
    const known = summed.get(name);
    const parts = found.get(name);
    if (known !== undefined || parts === undefined) return known;
    const made = sum(w, parts);
    summed.set(name, made);
    return made;
  };
  for (const node of between.toReversed()) {
    const site = new GradientSite(w, node, node.proto.output.map(gradientOf), wanted);
    if (!node.outputs.some((name) => found.has(name))) continue;
    for (const [position, part] of rules[node.operator]!(site).entries()) {
      const name = node.proto.input[position]!;
      if (part === undefined || !wanted.has(name)) continue;
      const parts = found.get(name);
      if (parts === undefined) found.set(name, [part]);
      else parts.push(part);
    }
  }
  w.output(end);
  for (const parameter of parameters) {
    const made = gradientOf(parameter);
    if (made === undefined) throw withoutInfluence(graph, loss, parameter);
    w.output(w.named(gradientName(parameter), made));
  }
  return w.finish();
}

/** Every tensor that the loss depends on, and itself. */
export function behind(graph: ModelGraph, loss: string): ReadonlySet<string> {
  const before = new Set([loss]);
  for (const node of graph.nodes.toReversed()) {
    if (node.outputs.some((name) => before.has(name))) for (const name of node.inputs) before.add(name);
  }
  return before;
}

/** The nodes between the parameters and the loss, in topological order, and every tensor there. */
function wayBetween(graph: ModelGraph, loss: string, parameters: readonly string[]): readonly [readonly GraphNode[], ReadonlySet<string>] {
  const known = [...graph.producers.keys()];
  if (!graph.producers.has(loss)) throw missing(graph, `the loss "${loss}" is not computed by the graph`, loss, known);
  for (const parameter of parameters) {
    const stands = graph.initializers.has(parameter) || graph.inputs.includes(parameter);
    if (!stands) throw missing(graph, `there is no parameter "${parameter}"`, parameter, [...graph.initializers, ...graph.inputs]);
  }
  const after = new Set(parameters);
  for (const node of graph.nodes) {
    if (node.inputs.some((name) => after.has(name))) for (const name of node.outputs) after.add(name);
  }
  const before = behind(graph, loss);
  for (const parameter of parameters) if (!before.has(parameter)) throw withoutInfluence(graph, loss, parameter);
  const wanted = new Set([...after].filter((name) => before.has(name)));
  const leads = (node: GraphNode) => node.inputs.some((name) => wanted.has(name)) && node.outputs.some((name) => wanted.has(name));
  return [graph.nodes.filter(leads), wanted];
}

function requireSupported(graph: ModelGraph, nodes: readonly GraphNode[]): void {
  const without = nodes.filter(({ operator }) => !Object.hasOwn(rules, operator));
  if (without.length === 0) return;
  const named = without.slice(0, 5).map(({ name, operator }) => `"${name}" (${operator})`);
  const more = without.length > named.length ? ` and ${without.length - named.length} more` : '';
  throw new MeshError('unsupported', `${graph.model.name}: there is no gradient of node ${named.join(', ')}${more}`, {
    hint: `operators with a gradient: ${supportedOperators.join(', ')}`,
  });
}

function requireFloats(w: GraphWriter, names: readonly string[]): void {
  for (const name of names) {
    const { dtype } = w.value(name);
    if (dtype !== 1 && dtype !== 11)
      throw invalid(w.graph, `"${name}" has element type ${dtype} (ONNX numbering), expected float32 or float64`);
  }
}

function withoutInfluence(graph: ModelGraph, loss: string, parameter: string): MeshError {
  return invalid(graph, `the loss "${loss}" does not depend on parameter "${parameter}"`);
}

function missing(graph: ModelGraph, message: string, name: string, names: readonly string[]): MeshError {
  const near = closest(name, names);
  return invalid(graph, message, near.length === 0 ? undefined : `similar names: ${near.join(', ')}`);
}

function invalid(graph: ModelGraph, message: string, hint?: string): MeshError {
  return new MeshError('invalid', `${graph.model.name}: ${message}`, hint === undefined ? {} : { hint });
}
