/**
 * Compares the gradient of one operator with central differences of its float64 reference.
 *
 *     loss = Σ r · y over all outputs y, r fixed numbers         (f(x + h) − f(x − h)) / 2h for each element of each input
 *
 * h = 1e-5: the differences are exact to about h² and to 2⁻⁵³ / h, both below 1e-9 here. What is left is the rounding of ONNX Runtime: 2⁻²⁴
 * per operation in float32, where the cases sum up at most some hundred numbers.
 */

import { gradient, gradientName } from '../../../../partition/gradient/gradient.ts';
import { trainingMode } from '../../../../partition/gradient/training-mode.ts';
import { buildGraph } from '../../../../partition/graph.ts';
import { inferFacts } from '../../../../partition/infer/infer.ts';
import { readModel } from '../../../../partition/read-model.ts';
import { type NodeProto, TensorProto } from '../../../../proto/gen/onnx/onnx.ts';
import { modelBytes, node, tensor } from '../../support/build.ts';
import { type Carrier, carrierOf, type Kind } from './carry-out.ts';
import { randomOf, spreadOut } from './numbers.ts';
import { computer64 } from './reference/compute64.ts';
import { sizeOf, type Tensor64 } from './reference/tensor64.ts';

export interface OperatorCase {
  readonly nodes: readonly NodeProto[];
  /** Sizes of the tensors that get gradients, by name. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly outputs: readonly string[];
  readonly constants?: readonly TensorProto[];
  /** Range of the numbers in the inputs. */
  readonly range?: readonly [number, number];
  readonly opset?: number;
  /** As in training: with the statistics of the batch, and step by step. */
  readonly training?: boolean;
}

export const tolerances = { float32: 2e-5, float64: 1e-7 } as const;
const STEP = 1e-5;
const codes = { float32: 1, float64: 11 } as const;

/** Largest difference, relative to the largest number of the gradient (at least 1). */
export async function gradientError(carrier: Carrier, each: OperatorCase, seed: number, kind: Exclude<Kind, 'int64'>): Promise<number> {
  const graph = buildGraph(readModel(modelBytes(withLoss(each, seed, kind)), 'operator'));
  const names = Object.keys(each.inputs);
  const differentiated = each.training ? buildGraph(trainingMode(graph).model) : graph;
  const run = await carrierOf(carrier, gradient(differentiated, 'loss', names));
  const [low, high] = each.range ?? [-2, 2];
  const inputs = Object.fromEntries(names.map((name, index) => [name, spreadOut(each.inputs[name]!, seed + index, low, high)]));
  const feeds = Object.fromEntries(names.map((name) => [name, { ...inputs[name]!, dtype: kind }]));
  const made = await run(feeds, names.map(gradientName));
  const compute = computer64(graph, each.training);
  const loss = (given: Readonly<Record<string, Tensor64>>) => compute(given).get('loss')!.data[0]!;
  let [error, largest] = [0, 1];
  for (const name of names) {
    const { dims, data } = made[gradientName(name)]!;
    const x = inputs[name]!;
    if (dims.join() !== x.dims.join()) throw new Error(`the gradient of ${name} is [${dims}], not [${x.dims}]`);
    for (const [index, value] of x.data.entries()) {
      const moved = (by: number) => loss({ ...inputs, [name]: { dims: x.dims, data: x.data.with(index, value + by) } });
      const expected = (moved(STEP) - moved(-STEP)) / (2 * STEP);
      largest = Math.max(largest, Math.abs(expected));
      error = Math.max(error, Math.abs(expected - data[index]!));
      if (Number.isNaN(data[index]) || Number.isNaN(expected)) return Number.NaN;
    }
  }
  return error / largest;
}

function withLoss({ nodes, inputs, outputs, constants = [], opset = 17 }: OperatorCase, seed: number, kind: 'float32' | 'float64') {
  const given = {
    nodes,
    inputs: Object.entries(inputs).map(([name, dims]) => tensor(name, dims, codes[kind])),
    initializers: constants,
    opset,
  };
  const bare = buildGraph(
    readModel(modelBytes({ ...given, outputs: outputs.map((name) => tensor(name, undefined, codes[kind])) }), 'operator'),
  );
  const facts = inferFacts(bare);
  const random = randomOf(seed + 77);
  const factors = outputs.map((name) => {
    const { dims } = facts.get(name)!;
    return numbers(
      `${name}.factor`,
      dims!,
      Array.from({ length: sizeOf(dims!) }, () => Math.fround(random() * 2 - 1)),
      kind,
    );
  });
  const weighed = outputs.flatMap((name) => [
    node('Mul', [name, `${name}.factor`], [`${name}.weighed`]),
    node('ReduceSum', [`${name}.weighed`], [`${name}.sum`], { keepdims: 0 }),
  ]);
  const sums = node(
    'Sum',
    outputs.map((name) => `${name}.sum`),
    ['loss'],
  );
  return {
    ...given,
    nodes: [...nodes, ...weighed, sums],
    outputs: [tensor('loss', [], codes[kind])],
    initializers: [...constants, ...factors],
  };
}

export function numbers(name: string, dims: readonly number[], values: readonly number[], kind: 'float32' | 'float64'): TensorProto {
  const data = kind === 'float64' ? Float64Array.from(values) : Float32Array.from(values);
  return TensorProto.fromPartial({ name, dims: dims.map(BigInt), dataType: codes[kind], rawData: Buffer.from(data.buffer) });
}
