/**
 * The samples of a benchmark: a few different ones, used in turns, made before anything is measured.
 *
 *     batch of 4:  [0 1 2 3] ──▶ session        a model whose first dimension is open takes several samples at once; others take one after the other
 */
import type { Tensor as OrtTensor } from 'onnxruntime-node';
import { randomTensor } from '../../../mesh/random-tensor.ts';
import { byteLength, type TensorSpec } from '../../../mesh/tensor.ts';
import { toOrt } from './ort-tensor.ts';

export type Feeds = Readonly<Record<string, OrtTensor>>;

export interface Samples {
  /** Each of `batch` samples. */
  readonly feeds: readonly Feeds[];
  readonly batch: number;
}

/** Different ones, at most: what is in caches after the first round is not what a device sees. */
const COUNT_MAX = 4;
/** More would change what is measured under a limit of memory. */
const BYTES_MAX = 8 * 2 ** 20;

/** `wanted`: samples that a query has. */
export function makeSamples(inputs: readonly TensorSpec[], wanted: number, seed: number): Samples {
  const batch = inputs.every(({ dims }) => dims[0] === -1) ? wanted : 1;
  const specs = inputs.map((spec) => ({ ...spec, dims: spec.dims.map((dim, axis) => (dim >= 0 ? dim : axis === 0 ? batch : 1)) }));
  const bytes = specs.reduce((sum, { dtype, dims }) => sum + byteLength(dtype, dims), 0);
  const count = Math.max(1, Math.min(COUNT_MAX, Math.floor(BYTES_MAX / Math.max(1, bytes))));
  const feeds = Array.from({ length: count }, (_, sample) =>
    Object.fromEntries(
      specs.map((spec, index) => {
        const { dtype, dims, data } = randomTensor(spec, seed, BigInt(sample), index);
        return [spec.name, toOrt({ dtype, dims, buffer: data.buffer })];
      }),
    ),
  );
  return { feeds, batch };
}
