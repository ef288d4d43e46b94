/** Losses by their definition, in float64. */
import type { Loss } from '../../../../partition/gradient/losses.ts';
import type { Tensor64 } from './reference/tensor64.ts';

export function loss64(made: ReadonlyMap<string, Tensor64>, losses: readonly Loss[], labels: Tensor64): number {
  return losses.reduce((sum, loss) => sum + (loss.weight ?? 1) * term(made, loss, labels), 0);
}

function term(made: ReadonlyMap<string, Tensor64>, loss: Loss, labels: Tensor64): number {
  if (loss.kind === 'cross-entropy') return crossEntropy(made.get(loss.scores)!, labels);
  if (loss.kind === 'sparsity') return sparsity(made.get(loss.activations)!, loss.mean);
  const [output, target] = [made.get(loss.output)!.data, made.get(loss.target!)!.data];
  return output.reduce((sum, value, index) => sum + (value - target[index]!) ** 2, 0) / output.length;
}

function crossEntropy({ dims, data }: Tensor64, labels: Tensor64): number {
  const [batch, classes] = dims as [number, number];
  let sum = 0;
  for (const [index, label] of labels.data.entries()) {
    const scores = data.subarray(index * classes, (index + 1) * classes);
    sum += Math.log(scores.reduce((total, score) => total + Math.exp(score), 0)) - scores[label]!;
  }
  return sum / batch;
}

function sparsity({ dims, data }: Tensor64, wanted: number): number {
  const [batch, units] = dims as [number, number];
  let sum = 0;
  for (let unit = 0; unit < units; unit += 1) {
    let mean = 0;
    for (let index = 0; index < batch; index += 1) mean += data[index * units + unit]! / batch;
    sum += wanted * Math.log(wanted / mean) + (1 - wanted) * Math.log((1 - wanted) / (1 - mean));
  }
  return sum;
}
