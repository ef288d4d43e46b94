/**
 * Models of kernels that were made up: a dozen of one kind beside each other in one model, so that one session measures many.
 *
 *     x1 ─▶ expand ─▶ conv ─▶ mean ─▶ y1      x2 ─▶ expand ─▶ conv ─▶ mean ─▶ y2      …
 *
 * What a kernel reads and what it makes stays within the session, as in a model: what leaves it is written to memory that was never touched before, and a kernel that
 * only moves bytes takes twice as long.
 *
 * Their sizes are drawn, not taken from any model, so that what is learnt of them holds for models that nobody has seen.
 */
import type { Model } from '../../../../partition/model.ts';
import { int } from '../../../../partition/zoo/attributes.ts';
import { type Feature, Network } from '../../../../partition/zoo/network.ts';
import { randomOf } from '../seeded.ts';
import { conv, conv1d, depthwise, grouped } from './convolutions.ts';
import type { Draw, DrawnKernel } from './draw.ts';
import { gemm, lstm, matmul } from './matrices.ts';
import { elementwise, movement, normalization, pool } from './memory.ts';

/** Of a hundred kernels, so many are of that kind. */
const kinds: Readonly<Record<string, { readonly share: number; readonly draw: Draw }>> = {
  conv: { share: 30, draw: conv },
  depthwise: { share: 10, draw: depthwise },
  grouped: { share: 4, draw: grouped },
  conv1d: { share: 8, draw: conv1d },
  gemm: { share: 10, draw: gemm },
  matmul: { share: 8, draw: matmul },
  pool: { share: 7, draw: pool },
  elementwise: { share: 8, draw: elementwise },
  normalization: { share: 5, draw: normalization },
  movement: { share: 7, draw: movement },
  lstm: { share: 3, draw: lstm },
};

const KERNELS_PER_MODEL = 12;
/** On a desktop's core 10 ms or so. */
const WORK_MAX = 4e8;
/** 16 MiB. */
const WEIGHTS_MAX = 2 ** 22;

export interface MadeUp {
  /** Of its kind. */
  readonly kind: string;
  /** Counts those of its kind, from 1. */
  readonly number: number;
  readonly build: () => Model;
}

/** About `count` kernels in models of at most a dozen; the first are the same whatever the count. */
export function madeUpKernels(count: number, seed: number): readonly MadeUp[] {
  return Object.entries(kinds).flatMap(([kind, { share, draw }]) => {
    const kernels = Math.round((count * share) / 100);
    return Array.from({ length: Math.ceil(kernels / KERNELS_PER_MODEL) }, (_, index): MadeUp => {
      const size = Math.min(KERNELS_PER_MODEL, kernels - index * KERNELS_PER_MODEL);
      return { kind, number: index + 1, build: () => modelOf(kind, index + 1, size, draw, seed) };
    });
  });
}

function modelOf(kind: string, number: number, size: number, draw: Draw, seed: number): Model {
  const name = `${kind}-${number}`;
  const random = randomOf(seed, name);
  const net = new Network(name, seed);
  const outputs: Record<string, Feature> = {};
  for (let index = 1; index <= size; index += 1) {
    const made = small(() => draw(random)).build(net, `k${index}`);
    const ones = made.dims.map(() => 1);
    outputs[`y${index}`] = net.node(`k${index}.mean`, 'ReduceMean', [made.name], [int('keepdims', 1)], ones);
  }
  return net.modelOf(outputs);
}

function small(draw: () => DrawnKernel): DrawnKernel {
  for (;;) {
    const drawn = draw();
    if (drawn.work <= WORK_MAX && drawn.weights <= WEIGHTS_MAX) return drawn;
  }
}
