/**
 * The same model for another number of examples at a time. Inputs have their examples along the first axis; the axis is followed through the
 * graph, because the shapes that Reshape nodes name have to say the new number where it ends up.
 *
 *     [1, 16, 25] ─ Transpose ─▶ [25, 1, 16] ─ Reshape to [25, 1, 4, 4] ─▶ …        batch 8: Reshape to [25, 8, 4, 4]
 *      ▲ examples                     ▲                        ▲
 */
import { MeshError } from '../../mesh/error.ts';
import { elementCount } from '../../mesh/tensor.ts';
import { type NodeProto, TensorProto, type ValueInfoProto } from '../../proto/gen/onnx/onnx.ts';
import { intAttribute, intsAttribute } from '../attribute.ts';
import { buildGraph, type GraphNode, isFlowing, type ModelGraph } from '../graph.ts';
import { INT64, knownValues } from '../infer/fact.ts';
import { type Facts, inferFacts } from '../infer/infer.ts';
import type { Model } from '../model.ts';

/**
 * A model whose first axis is open, or fixed to one example, with `batch` examples. Errors: `unsupported` with the node that mixes the examples
 * with another axis, or when they do not arrive along the first axis of every output.
 */
export function withBatch(graph: ModelGraph, batch: number): Model {
  const facts = inferFacts(graph, { batch: 1 });
  const axes = new Map<string, number>();
  for (const name of graph.inputs) {
    if (facts.get(name)?.dims?.[0] !== 1) throw refused(graph, `input "${name}" is not made for one example at a time`);
    axes.set(name, 0);
  }
  const shapes: TensorProto[] = [];
  const node = graph.nodes.map((each) => {
    const from = each.proto.input.findIndex((name) => axes.has(name));
    if (from < 0) return each.proto;
    const moved = after(graph, facts, each, axes, axes.get(each.proto.input[from]!)!);
    for (const [position, name] of each.proto.output.entries()) if (name !== '') axes.set(name, moved[position] ?? moved[0]!);
    if (each.operator !== 'Reshape') return each.proto;
    const shape = reshaped(facts, each, moved[0]!, batch);
    if (shape === undefined) return each.proto;
    shapes.push(shape);
    return { ...each.proto, input: [each.proto.input[0]!, shape.name] } satisfies NodeProto;
  });
  const proto = {
    ...graph.model.proto,
    graph: {
      ...graph.proto,
      node,
      initializer: [...graph.constants.values(), ...shapes],
      input: graph.proto.input.map((value) => (axes.has(value.name) ? resized(value, batch) : value)),
      output: graph.proto.output.map((value) => resized(value, batch)),
      valueInfo: [],
    },
  };
  const model = { ...graph.model, proto };
  requireBatch(graph, model, batch);
  return model;
}

/** Along which axis of each output the examples lie, when they lie along `axis` of the input. */
function after(graph: ModelGraph, facts: Facts, node: GraphNode, axes: ReadonlyMap<string, number>, axis: number): readonly number[] {
  const { proto, operator } = node;
  if (operator === 'Transpose') return [(intsAttribute(proto, 'perm') ?? []).indexOf(axis)];
  if (operator === 'LSTM') return [2, 1, 1];
  if (operator === 'Flatten' || operator === 'Reshape') return [placeAfter(graph, facts, node, axis)];
  const rank = facts.get(proto.output[0]!)?.dims?.length;
  if (operator === 'Squeeze' || operator === 'Unsqueeze') {
    const own = knownValues(facts.get(proto.input[1] ?? '') ?? { dtype: 0, dims: undefined }) ?? [];
    const larger = operator === 'Squeeze' ? facts.get(proto.input[0]!)?.dims?.length : rank;
    const named = own.map((each) => (each < 0 ? each + (larger ?? 0) : each)).sort((a, b) => a - b);
    if (operator === 'Squeeze') return [axis - named.filter((each) => each < axis).length];
    return [named.reduce((place, each) => (each <= place ? place + 1 : place), axis)];
  }
  // Operands of fewer axes are broadcast: their axes are counted from the end.
  const widest = proto.input.find((name) => axes.has(name) && isFlowing(graph, name) && facts.get(name)?.dims?.length === rank);
  if (intAttribute(proto, 'axis') === axis && operator === 'Concat') throw mixes(graph, node);
  return [widest === undefined ? axis : axes.get(widest)!];
}

/** The axis with as many elements before it as the examples had before them. */
function placeAfter(graph: ModelGraph, facts: Facts, node: GraphNode, axis: number): number {
  const [from, to] = [facts.get(node.proto.input[0]!)?.dims, facts.get(node.proto.output[0]!)?.dims];
  if (from === undefined || to === undefined || to.includes(-1)) throw mixes(graph, node);
  const before = elementCount(from.slice(0, axis));
  const place = to.findIndex((_, index) => elementCount(to.slice(0, index)) === before);
  // Flatten keeps the first axis for what is before; elsewhere the examples need an axis of their own.
  if (place < 0 || (node.operator === 'Reshape' && to[place] !== 1)) throw mixes(graph, node);
  return place;
}

/** The shape a Reshape names, for more examples; undefined when it leaves their number open. */
function reshaped(facts: Facts, { proto, name }: GraphNode, place: number, batch: number): TensorProto | undefined {
  const known = knownValues(facts.get(proto.input[1]!)!);
  if (known === undefined || known[place] === -1 || (known[place] === 0 && place === 0)) return undefined;
  const rawData = Buffer.from(BigInt64Array.from(known.with(place, batch).map(BigInt)).buffer);
  return TensorProto.fromPartial({ name: `${name}/shape-${batch}`, dims: [BigInt(known.length)], dataType: INT64, rawData });
}

function resized(value: ValueInfoProto, batch: number): ValueInfoProto {
  const type = value.type?.value;
  if (type?.$case !== 'tensorType' || type.value.shape === undefined) return value;
  const dim = type.value.shape.dim.map((each, axis) =>
    axis === 0 ? { ...each, value: { $case: 'dimValue' as const, value: BigInt(batch) } } : each,
  );
  return { ...value, type: { ...value.type, value: { ...type, value: { ...type.value, shape: { dim } } } } } as ValueInfoProto;
}

/** What was written is looked at once more, as it will be read. */
function requireBatch(graph: ModelGraph, model: Model, batch: number): void {
  const rebuilt = buildGraph(model);
  const facts = inferFacts({
    ...rebuilt,
    proto: { ...rebuilt.proto, output: rebuilt.proto.output.map((value) => ({ ...value, type: undefined })) },
  });
  for (const name of graph.outputs) {
    const dims = facts.get(name)?.dims;
    if (dims !== undefined && dims[0] !== batch) throw refused(graph, `output "${name}" is [${dims}] for ${batch} examples`);
  }
}

function mixes(graph: ModelGraph, { name, operator }: GraphNode): MeshError {
  return refused(graph, `node "${name}" (${operator}) mixes the examples with another axis`);
}

function refused(graph: ModelGraph, message: string): MeshError {
  return new MeshError('unsupported', `${graph.model.name} can't be given a batch: ${message}`);
}
