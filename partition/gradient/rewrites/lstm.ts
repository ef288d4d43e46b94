/**
 * An LSTM step by step: Hochreiter, Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, with the gates in ONNX's order.
 *
 *     x of all steps · Wᵀ + b ─┬─▶ step 1 ─▶ step 2 ─▶ … ─▶ step T          the other direction runs from T to 1
 *                              split        h, c
 *
 *     i, o, f = σ(…), g = tanh(…) of x·Wᵀ + h·Rᵀ + b;      c′ = f · c + i · g;      h′ = o · tanh c′
 */
import { MeshError } from '../../../mesh/error.ts';
import { floatAttribute, hasAttribute, intAttribute, stringAttribute } from '../../attribute.ts';
import type { GraphNode } from '../../graph.ts';
import { int } from '../../zoo/attributes.ts';
import { add, map, multiply, reshape, slice } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { Rewrite } from './rewrite.ts';

/** What one direction reads: the rows of all gates. */
interface Direction {
  readonly reverse: boolean;
  readonly weight: Value;
  readonly recurrence: Value;
  readonly bias: Value | undefined;
  readonly hidden: Value | undefined;
  readonly cell: Value | undefined;
}

/** Hidden states in the order of time, and the states after the last step of this direction. */
interface Track {
  readonly states: Value;
  readonly hidden: Value;
  readonly cell: Value;
}

export const rewriteLstm: Rewrite = ({ w }, node) => {
  refuseVariants(w, node);
  const [x, weights, recurrences] = [0, 1, 2].map((position) => w.value(node.proto.input[position]!)) as [Value, Value, Value];
  const [steps, batch] = x.dims as [number, number];
  const [count, , size] = recurrences.dims as [number, number, number];
  const given = (position: number) => ((node.proto.input[position] ?? '') === '' ? undefined : w.value(node.proto.input[position]!));
  const [biases, hidden, cell] = [given(3), given(5), given(6)];
  const tracks = Array.from({ length: count }, (_, index) => {
    const bias = biases && of(w, biases, index);
    return track(w, x, size, {
      reverse: index === 1 || stringAttribute(node.proto, 'direction', 'forward') === 'reverse',
      weight: of(w, weights, index),
      recurrence: of(w, recurrences, index),
      // Two biases, of x and of h, that are always added.
      bias: bias && add(w, slice(w, bias, 0, 0, 4 * size), slice(w, bias, 0, 4 * size, 8 * size)),
      hidden: hidden && of(w, hidden, index),
      cell: cell && of(w, cell, index),
    });
  });
  const joined = (pick: (each: Track) => Value, dims: readonly number[], axis: number) =>
    concat(
      w,
      tracks.map((each) => reshape(w, pick(each), dims)),
      axis,
    );
  const read = node.proto.output.map((name) => name !== '');
  return [
    read[0] ? joined((each) => each.states, [steps, 1, batch, size], 1) : undefined,
    read[1] ? joined((each) => each.hidden, [1, batch, size], 0) : undefined,
    read[2] ? joined((each) => each.cell, [1, batch, size], 0) : undefined,
  ];
};

function track(w: GraphWriter, x: Value, size: number, direction: Direction): Track {
  const [steps, batch, features] = x.dims as [number, number, number];
  const { weight, recurrence, bias } = direction;
  const rows = reshape(w, x, [steps * batch, features]);
  const all = w.node('Gemm', bias === undefined ? [rows, weight] : [rows, weight, bias], [steps * batch, 4 * size], [int('transB', 1)]);
  const inputs = parts(w, all, 0, new Array<number>(steps).fill(batch));
  const states: Value[] = [];
  let { hidden, cell } = direction;
  for (const input of direction.reverse ? inputs.toReversed() : inputs) {
    const gates = hidden === undefined ? input : w.node('Gemm', [hidden, recurrence, input], input.dims, [int('transB', 1)]);
    const [sigmoids, candidate] = parts(w, gates, 1, [3 * size, size]) as [Value, Value];
    const [i, o, f] = parts(w, map(w, 'Sigmoid', sigmoids), 1, [size, size, size]) as [Value, Value, Value];
    const taken = multiply(w, i, map(w, 'Tanh', candidate));
    cell = cell === undefined ? taken : add(w, multiply(w, f, cell), taken);
    hidden = multiply(w, o, map(w, 'Tanh', cell));
    states.push(hidden);
  }
  return { states: concat(w, direction.reverse ? states.toReversed() : states, 0), hidden: hidden!, cell: cell! };
}

/** What belongs to one direction. */
function of(w: GraphWriter, all: Value, index: number): Value {
  return reshape(w, slice(w, all, 0, index, index + 1), all.dims.slice(1));
}

function parts(w: GraphWriter, x: Value, axis: number, sizes: readonly number[]): readonly Value[] {
  if (sizes.length === 1) return [x];
  const dims = sizes.map((size) => x.dims.with(axis, size));
  return w.nodes('Split', [x, w.integers(sizes)], dims, [int('axis', axis)]);
}

function concat(w: GraphWriter, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const size = values.reduce((total, { dims }) => total + dims[axis]!, 0);
  return w.node('Concat', values, values[0]!.dims.with(axis, size), [int('axis', axis)]);
}

function refuseVariants(w: GraphWriter, { proto, name }: GraphNode): void {
  const given = (position: number) => (proto.input[position] ?? '') !== '';
  const variants: Readonly<Record<string, boolean>> = {
    'sequences of different lengths': given(4),
    peepholes: given(7),
    'activations of its own': hasAttribute(proto, 'activations'),
    clip: floatAttribute(proto, 'clip') !== undefined,
    input_forget: intAttribute(proto, 'input_forget', 0) !== 0,
    'layout 1': intAttribute(proto, 'layout', 0) !== 0,
  };
  const found = Object.keys(variants).filter((what) => variants[what]);
  if (found.length === 0) return;
  throw new MeshError('unsupported', `${w.graph.model.name}: node "${name}" (LSTM) can't be trained with ${found.join(', ')}`);
}
