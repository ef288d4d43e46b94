/**
 * Batch normalization with the statistics of the batch: Ioffe, Szegedy, "Batch Normalization", ICML 2015. Running statistics follow as ONNX
 * defines it (with the variance of the batch as it is, not the estimate for the population that some frameworks keep).
 *
 *     μ, σ² of the batch, channel by channel      y = (x − μ) · gamma / √(σ² + ε) + beta
 *     running′ = momentum · running + (1 − momentum) · statistic
 */
import { MeshError } from '../../../mesh/error.ts';
import { elementCount } from '../../../mesh/tensor.ts';
import { floatAttribute } from '../../attribute.ts';
import { add, divide, map, mean, multiply, plus, reshape, scale, square, subtract } from '../arithmetic.ts';
import type { Value } from '../graph-writer.ts';
import type { Rewrite } from './rewrite.ts';

export const rewriteBatchNorm: Rewrite = ({ w, update }, node) => {
  const { proto, name } = node;
  const [x, gamma, beta, ...running] = proto.input.slice(0, 5).map((input) => w.value(input)) as [Value, Value, Value, Value, Value];
  const axes = x.dims.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  if (elementCount(axes.map((axis) => x.dims[axis]!)) < 2) {
    throw new MeshError('invalid', `${w.graph.model.name}: node "${name}" normalizes each channel over one number, which gives 0`, {
      hint: 'train with a batch of 2 or more',
    });
  }
  const channels = x.dims.map((size, axis) => (axis === 1 ? size : 1));
  const average = mean(w, x, axes);
  const centered = subtract(w, x, average);
  const variance = mean(w, square(w, centered), axes);
  const deviation = map(w, 'Sqrt', plus(w, variance, floatAttribute(proto, 'epsilon') ?? 1e-5));
  const momentum = floatAttribute(proto, 'momentum') ?? 0.9;
  for (const [index, statistic] of [average, variance].entries()) {
    const old = running[index]!;
    update(old.name, add(w, scale(w, old, momentum), scale(w, reshape(w, statistic, old.dims), 1 - momentum)));
  }
  // One number for each channel first: what is large is touched twice only.
  const factor = divide(w, reshape(w, gamma, channels), deviation);
  return [add(w, multiply(w, centered, factor), reshape(w, beta, channels))];
};
