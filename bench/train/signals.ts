/**
 * Windows that can be told apart, from a seed: each class has three tones of its own that begin anywhere, under noise.
 *
 *     x[t] = Σ aᵢ · sin(2π fᵢ t + φ) + noise         mean 0, about unit variance
 */

import { Random } from '../../mesh/random.ts';
import { elementCount } from '../../mesh/tensor.ts';
import { CLASSES } from '../../partition/zoo/vibration.ts';

const TONES = 3;
const NOISE = 0.5;

export interface Signals {
  readonly examples: Float32Array;
  readonly labels: BigInt64Array;
}

/** `count` windows of `dims`, classes in turn. */
export function signals(count: number, dims: readonly number[], seed: number): Signals {
  const random = new Random(seed);
  const tones = Array.from({ length: CLASSES }, () => Array.from({ length: TONES }, () => 0.01 + 0.2 * random.next()));
  const length = elementCount(dims);
  const examples = new Float32Array(count * length);
  const labels = BigInt64Array.from({ length: count }, (_, index) => BigInt((index * 7) % CLASSES));
  for (const [index, label] of labels.entries()) {
    const phases = tones[Number(label)]!.map((tone) => ({ tone, phase: random.next() }));
    for (let t = 0; t < length; t += 1) {
      // Three uniform numbers make a bell that is good enough.
      let x = NOISE * 2 * (random.next() + random.next() + random.next() - 1.5);
      for (const { tone, phase } of phases) x += 0.7 * Math.sin(2 * Math.PI * (tone * t + phase));
      examples[index * length + t] = x;
    }
  }
  return { examples, labels };
}
