/**
 * Split against unsplit: the same frames through the whole model on one device, compared number by number.
 *
 * Where the same kernels run, results are the same to the last bit. But the runtime optimizes each stage by itself, and where a cut makes it
 * choose other kernels (kernel-difference.ts) these may add up in another order. Results agree when the largest difference is within the tolerance of the output's own scale (its largest value), and the
 * first choice is the same. Values that both sides have as NaN or the same infinity agree; integers must be equal.
 */
import type { FrameId } from '../../mesh/frame.ts';
import type { DType, Tensor } from '../../mesh/tensor.ts';
import { numbersOf } from './numbers.ts';
import type { OutputConsumer } from './sink.ts';
import { ulpDistance } from './ulp.ts';

/** Relative to the output's largest absolute value. Measured differences of whole networks in float32 are around 1e-6. */
export const TOLERANCE: Readonly<Partial<Record<DType, number>>> = { float16: 1e-2, float32: 1e-5, float64: 1e-5 };

export interface Verification {
  readonly compared: number;
  /** Null when nothing was compared, or when the difference is not finite. */
  readonly maxAbsError: number | null;
  /** Largest error over the output's largest value; null likewise. */
  readonly maxRelativeError: number | null;
  /** Largest distance in units in the last place; 0: the same numbers, bit for bit. Null likewise. */
  readonly maxUlp: number | null;
  /** Share of frames whose first choice is the same, over all outputs; null when nothing was compared. */
  readonly top1Agreement: number | null;
  /** Frames travelled with codecs that lose something: the difference is their doing, too, and only told. */
  readonly lossy: boolean;
  readonly passed: boolean;
}

export interface Comparison {
  readonly maxAbsError: number;
  readonly maxRelativeError: number;
  readonly maxUlp: number;
  readonly sameTop1: boolean;
  readonly passed: boolean;
}

/** Infinity stands for results that can't be compared: another shape or dtype, NaN on one side only. */
export function compareTensors(expected: Tensor, found: Tensor): Comparison {
  if (expected.dtype !== found.dtype || expected.dims.join() !== found.dims.join()) {
    return incomparable;
  }
  const want = numbersOf(expected);
  const have = numbersOf(found);
  let maxAbsError = 0;
  let maxUlp = 0;
  let scale = 0;
  for (let i = 0; i < want.length; i += 1) {
    const a = want[i]!;
    const b = have[i]!;
    if (Object.is(a, b)) {
      if (Number.isFinite(a)) scale = Math.max(scale, Math.abs(a));
      continue;
    }
    const error = Math.abs(a - b);
    maxAbsError = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(maxAbsError, error);
    maxUlp = Math.max(maxUlp, ulpDistance(expected.dtype, a, b));
    if (Number.isFinite(a)) scale = Math.max(scale, Math.abs(a));
  }
  // An output of nothing but zeros has no scale: then the error counts as it is.
  const maxRelativeError = maxAbsError / (scale === 0 ? 1 : scale);
  const tolerance = TOLERANCE[expected.dtype] ?? 0;
  const sameTop1 = agreesOnFirst(want, have, tolerance * scale);
  return { maxAbsError, maxRelativeError, maxUlp, sameTop1, passed: maxRelativeError <= tolerance && sameTop1 };
}

/** The same largest element; a tie within the tolerance counts as the same. */
function agreesOnFirst(want: ArrayLike<number>, have: ArrayLike<number>, slack: number): boolean {
  const best = indexOfLargest(want);
  const found = indexOfLargest(have);
  return best === found || want[best]! - want[found]! <= slack;
}

function indexOfLargest(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i]! > values[best]!) best = i;
  return best;
}

/** Keeps the outputs of the first `frames` frames of the input, by their index in it. In memory: frames × output bytes. */
export class ReferenceOutputs implements OutputConsumer {
  readonly #outputs = new Map<number, ReadonlyMap<string, Tensor>>();
  readonly #frames: number;

  constructor(frames: number) {
    this.#frames = frames;
  }

  async take(_id: FrameId, tensors: ReadonlyMap<string, Tensor>, index: number): Promise<void> {
    if (index >= this.#frames) return;
    // The bytes belong to the stream and are used again.
    const copies = [...tensors].map(([name, tensor]): [string, Tensor] => [name, { ...tensor, data: tensor.data.slice() }]);
    this.#outputs.set(index, new Map(copies));
  }

  async skip(): Promise<void> {}

  async sync(): Promise<void> {}

  get(index: number): ReadonlyMap<string, Tensor> | undefined {
    return this.#outputs.get(index);
  }
}

/** Compares what comes out of the split model with the reference, frame by frame. */
export class Verifier implements OutputConsumer {
  readonly #reference: Pick<ReferenceOutputs, 'get'>;
  #compared = 0;
  #agreed = 0;
  #maxAbsError = 0;
  #maxRelativeError = 0;
  #maxUlp = 0;
  #passed = true;

  constructor(reference: Pick<ReferenceOutputs, 'get'>) {
    this.#reference = reference;
  }

  async take(_id: FrameId, tensors: ReadonlyMap<string, Tensor>, index: number): Promise<void> {
    const expected = this.#reference.get(index);
    if (expected === undefined) return;
    this.#compared += 1;
    let same = true;
    for (const [name, tensor] of expected) {
      const found = tensors.get(name);
      const comparison = found === undefined ? incomparable : compareTensors(tensor, found);
      this.#maxAbsError = Math.max(this.#maxAbsError, comparison.maxAbsError);
      this.#maxRelativeError = Math.max(this.#maxRelativeError, comparison.maxRelativeError);
      this.#maxUlp = Math.max(this.#maxUlp, comparison.maxUlp);
      this.#passed &&= comparison.passed;
      same &&= comparison.sameTop1;
    }
    if (same) this.#agreed += 1;
  }

  async skip(): Promise<void> {}

  async sync(): Promise<void> {}

  /** `lossy`: whether codecs lost something. Then everything passes that can be compared. */
  result(lossy = false): Verification {
    const nothing = this.#compared === 0;
    return {
      compared: this.#compared,
      maxAbsError: nothing ? null : finite(this.#maxAbsError),
      maxRelativeError: nothing ? null : finite(this.#maxRelativeError),
      maxUlp: nothing ? null : finite(this.#maxUlp),
      top1Agreement: nothing ? null : this.#agreed / this.#compared,
      lossy,
      passed: lossy ? Number.isFinite(this.#maxAbsError) : this.#passed,
    };
  }
}

const incomparable: Comparison = {
  maxAbsError: Number.POSITIVE_INFINITY,
  maxRelativeError: Number.POSITIVE_INFINITY,
  maxUlp: Number.POSITIVE_INFINITY,
  sameTop1: false,
  passed: false,
};

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
