/** How far what a forward graph gave is from what was wanted, for the examples of a batch that count. */
import type { Goal } from '../../../../mesh/training/workload.ts';
import type { Batch } from './examples.ts';

export interface Score {
  /** Sum over the examples. */
  readonly loss: number;
  /** How many are right; undefined: there is nothing to be right about. */
  readonly correct: number | undefined;
}

/** `output`: scores [batch, classes], or a reconstruction of the windows. */
export function scoreOf(goal: Goal, output: Float32Array, batch: Batch): Score {
  return goal === 'classify' ? classified(output, batch) : { loss: squaredError(output, batch), correct: undefined };
}

/** Cross-entropy of the softmax of the scores, with their maximum taken off, so that nothing overflows. */
function classified(scores: Float32Array, { labels, filled }: Batch): Score {
  const classes = scores.length / labels.length;
  let loss = 0;
  let correct = 0;
  for (let example = 0; example < filled; example += 1) {
    const own = scores.subarray(example * classes, (example + 1) * classes);
    const label = Number(labels[example]!);
    let highest = 0;
    for (let each = 1; each < classes; each += 1) if (own[each]! > own[highest]!) highest = each;
    let sum = 0;
    for (const score of own) sum += Math.exp(score - own[highest]!);
    loss += Math.log(sum) + own[highest]! - own[label]!;
    if (highest === label) correct += 1;
  }
  return { loss, correct };
}

/** Mean over the samples of each window. */
function squaredError(output: Float32Array, { windows, labels, filled }: Batch): number {
  const window = windows.length / labels.length;
  let sum = 0;
  for (let place = 0; place < filled * window; place += 1) sum += (output[place]! - windows[place]!) ** 2;
  return sum / window;
}
