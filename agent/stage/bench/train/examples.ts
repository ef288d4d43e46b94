/**
 * Examples and the batches made of them.
 *
 *     train         ── shuffled anew each epoch ── augmented ──▶ batch │ batch │ … │ (what is left over is left out: it is another rest each time)
 *     validation    ── in order ──────────────────────────────▶ batch │ batch │ … │ rest, filled up
 */
import { MeshError } from '../../../../mesh/error.ts';
import { Random } from '../../../../mesh/random.ts';
import { decodeTensorFile } from '../../../../mesh/safetensors.ts';
import { shuffled } from '../../../../mesh/shuffled.ts';
import { elementCount, formatSpec, type Tensor } from '../../../../mesh/tensor.ts';

export interface Examples {
  readonly count: number;
  /** Samples of a window. */
  readonly window: number;
  /** count × window */
  readonly windows: Float32Array<ArrayBuffer>;
  readonly labels: BigInt64Array<ArrayBuffer>;
}

/** Written over by the next batch. */
export interface Batch {
  readonly windows: Float32Array<ArrayBuffer>;
  readonly labels: BigInt64Array<ArrayBuffer>;
  /** Examples in it that count; behind them it is filled up. */
  filled: number;
}

/** Makes one example of another, of the same length. */
export type Augment = (from: Float32Array, to: Float32Array, random: Random) => void;

/** Error `invalid` for a file that is no data set. */
export function readExamples(bytes: Uint8Array<ArrayBuffer>, what: string): { readonly train: Examples; readonly validation: Examples } {
  const { tensors } = decodeTensorFile(bytes, what);
  return { train: examplesOf(tensors, 'train', what), validation: examplesOf(tensors, 'validation', what) };
}

function examplesOf(tensors: ReadonlyMap<string, Tensor>, split: string, what: string): Examples {
  const windows = tensors.get(`${split}.windows`);
  const labels = tensors.get(`${split}.labels`);
  const [count = 0, window = 0] = windows?.dims ?? [];
  const fits = windows?.dtype === 'float32' && windows.dims.length === 2 && labels?.dtype === 'int64' && labels.dims.join() === `${count}`;
  if (!fits || count === 0 || window === 0) {
    const found = windows === undefined || labels === undefined ? 'nothing' : `${formatSpec(windows)} and ${formatSpec(labels)}`;
    throw new MeshError('invalid', `${what} has ${found} for ${split}: expected windows float32[count, window] and labels int64[count]`);
  }
  return {
    ...{ count, window },
    windows: new Float32Array(windows.data.buffer, windows.data.byteOffset, count * window),
    labels: new BigInt64Array(labels!.data.buffer, labels!.data.byteOffset, count),
  };
}

/** `dims`: of the batch, examples first. Error `invalid` when the windows are not what it takes. */
export function emptyBatch(dims: readonly number[], { window }: Examples): Batch {
  const [size = 0, ...rest] = dims;
  if (elementCount(rest) !== window)
    throw new MeshError('invalid', `windows of ${window} samples, and a model that takes ${rest.join(' × ')}`);
  return { windows: new Float32Array(size * window), labels: new BigInt64Array(size), filled: size };
}

/** The order of an epoch: all examples, each once. */
export function orderOf(count: number, random: Random): Uint32Array {
  return Uint32Array.from(
    shuffled(
      Array.from({ length: count }, (_, index) => index),
      random,
    ),
  );
}

/** One seed of several numbers, so that neighbours have nothing in common. */
export function randomOf(...numbers: readonly number[]): Random {
  return numbers.reduce((random, number) => new Random((random.bits() >>> 0) * 2 ** 20 + number), new Random(0));
}

/** Fills it with the examples at `order[from]` on. `augmented`: each is changed, by random numbers of its own. */
export function fill(
  batch: Batch,
  { windows, labels, window }: Examples,
  order: Uint32Array,
  from: number,
  augmented: { readonly augment: Augment; readonly random: (example: number) => Random } | undefined,
): void {
  batch.filled = Math.min(batch.labels.length, order.length - from);
  for (let place = 0; place < batch.filled; place += 1) {
    const example = order[from + place]!;
    const original = windows.subarray(example * window, (example + 1) * window);
    const copy = batch.windows.subarray(place * window, (place + 1) * window);
    if (augmented === undefined) copy.set(original);
    else augmented.augment(original, copy, augmented.random(example));
    batch.labels[place] = labels[example]!;
  }
  batch.windows.fill(0, batch.filled * window);
  batch.labels.fill(0n, batch.filled);
}
