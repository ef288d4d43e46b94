/** Frames made of random numbers, as many as one wants. */

import { randomTensor } from '../../mesh/random-tensor.ts';
import type { TensorSpec } from '../../mesh/tensor.ts';
import type { FrameInput } from './frame-input.ts';

export function randomInput(specs: readonly TensorSpec[], seed: number): FrameInput {
  return {
    count: undefined,
    title: `random numbers (seed ${seed})`,
    check: async () => {},
    frame: async (id) => new Map(specs.map((spec, index) => [spec.name, randomTensor(spec, seed, id, index)])),
    close: async () => {},
  };
}
