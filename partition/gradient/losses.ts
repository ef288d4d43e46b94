/**
 * Appends what is to become small. Several losses are added up, each with its weight.
 *
 *     logits ─┬─▶ cross-entropy ◀── labels                      L = −1/N Σ log softmax(logits)[label]
 *             └─▶ correct: how many are right
 *     output ───▶ squared error ◀── target                      L = mean (output − target)²
 *     activations ─▶ sparsity                                   L = Σ KL(ρ ‖ mean activation of each unit)
 */
import { MeshError } from '../../mesh/error.ts';
import { elementCount } from '../../mesh/tensor.ts';
import { CORRECT, LABELS, LOSS, TARGET } from '../../mesh/training-tensors.ts';
import { intAttribute } from '../attribute.ts';
import type { ModelGraph } from '../graph.ts';
import { FLOAT, INT64 } from '../infer/fact.ts';
import type { Model } from '../model.ts';
import { int } from '../zoo/attributes.ts';
import { add, cast, map, mean, multiply, plus, reshape, scale, square, subtract, sum, total, truth } from './arithmetic.ts';
import { GraphWriter, type Value } from './graph-writer.ts';

export type Loss = { /** Default 1. */ readonly weight?: number } & (
  | {
      /** Of the scores [batch, classes] a model gives; where it gives their softmax, of what is before it. */
      readonly kind: 'cross-entropy';
      readonly scores: string;
    }
  | {
      readonly kind: 'squared-error';
      readonly output: string;
      /** A tensor of the graph, for an auto-encoder its input. Without it the graph gets an input `target`. */
      readonly target?: string;
    }
  | {
      /** Ng, "Sparse Autoencoder", CS294A lecture notes, 2011: of activations between 0 and 1, [batch, units]. */
      readonly kind: 'sparsity';
      readonly activations: string;
      /** The mean activation wanted of each unit. */
      readonly mean: number;
    }
);

/** Keeps the logarithm of a mean activation of 0 or 1 finite. */
const MARGIN = 1e-6;

/**
 * The model with outputs `loss` and, for a cross-entropy, `correct`. Errors `invalid`: no loss, a tensor that is not there or has the wrong
 * number of axes.
 */
export function withLosses(graph: ModelGraph, losses: readonly Loss[]): Model {
  if (losses.length === 0) throw wrong(graph, 'there is no loss to train with');
  const w = new GraphWriter(graph, 'loss');
  const terms = losses.map((loss) => scale(w, reshape(w, written(w, loss), []), loss.weight ?? 1));
  w.output(w.named(LOSS, sum(w, terms)));
  return w.finish();
}

function written(w: GraphWriter, loss: Loss): Value {
  if (loss.kind === 'cross-entropy') return crossEntropy(w, beforeSoftmax(w.graph, loss.scores));
  if (loss.kind === 'sparsity') return sparsity(w, tensorOf(w, loss.activations), loss.mean);
  const output = tensorOf(w, loss.output);
  const target = loss.target === undefined ? w.input(TARGET, output.dims, output.dtype) : tensorOf(w, loss.target);
  if (elementCount(target.dims) !== elementCount(output.dims)) {
    throw wrong(w.graph, `output "${loss.output}" [${output.dims}] can't become "${target.name}" [${target.dims}]`);
  }
  const apart = subtract(w, output, reshape(w, target, output.dims));
  return scale(w, total(w, square(w, apart)), 1 / elementCount(output.dims));
}

function crossEntropy(w: GraphWriter, name: string): Value {
  const scores = tensorOf(w, name);
  const [batch, classes] = scores.dims;
  if (batch === undefined || classes === undefined || scores.dims.length !== 2) {
    throw wrong(w.graph, `the scores "${name}" are [${scores.dims}], expected [batch, classes]`);
  }
  const labels = w.input(LABELS, [batch], INT64);
  const found = w.node('ArgMax', [scores], [batch], [int('axis', 1), int('keepdims', 0)], INT64);
  w.output(w.named(CORRECT, total(w, truth(w, 'Equal', found, labels, INT64))));
  const numbers = w.integers(Array.from({ length: classes }, (_, index) => index));
  const chosen = truth(w, 'Equal', reshape(w, labels, [batch, 1]), numbers, scores.dtype);
  const likelihoods = w.node('LogSoftmax', [scores], scores.dims, [int('axis', 1)]);
  return scale(w, total(w, multiply(w, chosen, likelihoods)), -1 / batch);
}

/** A softmax is undone: log softmax of the scores themselves neither overflows nor vanishes. */
export function beforeSoftmax(graph: ModelGraph, name: string): string {
  const producer = graph.producers.get(name);
  if (producer?.operator === 'Identity') return beforeSoftmax(graph, producer.proto.input[0]!);
  if (producer?.operator !== 'Softmax' || ![-1, 1].includes(intAttribute(producer.proto, 'axis', -1))) return name;
  return producer.proto.input[0]!;
}

function sparsity(w: GraphWriter, activations: Value, wanted: number): Value {
  if (activations.dims.length !== 2)
    throw wrong(w.graph, `the activations "${activations.name}" are [${activations.dims}], expected [batch, units]`);
  if (!(wanted > 0 && wanted < 1)) throw wrong(w.graph, `a mean activation of ${wanted} can't be wanted, it lies between 0 and 1`);
  const means = plus(w, scale(w, mean(w, activations, [0]), 1 - 2 * MARGIN), MARGIN);
  const active = scale(w, map(w, 'Log', means), -wanted);
  const silent = scale(w, map(w, 'Log', subtract(w, w.numbers(1, means), means)), wanted - 1);
  const entropy = wanted * Math.log(wanted) + (1 - wanted) * Math.log(1 - wanted);
  return plus(w, total(w, add(w, active, silent)), entropy * activations.dims[1]!);
}

function tensorOf(w: GraphWriter, name: string): Value {
  const { graph } = w;
  if (!graph.producers.has(name) && !graph.inputs.includes(name)) throw wrong(graph, `there is no tensor "${name}"`);
  const value = w.value(name);
  return value.dtype === INT64 ? cast(w, value, FLOAT) : value;
}

function wrong(graph: ModelGraph, message: string): MeshError {
  return new MeshError('invalid', `${graph.model.name}: ${message}`);
}
