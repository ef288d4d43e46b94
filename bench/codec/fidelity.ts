/**
 * What lossy codecs do to a model's result: for each cut, the scores after the crossing tensor went through the codec, against the scores of
 * the tensor itself, over many pictures.
 *
 * An untrained network says nearly the same of every picture: its scores have a large common part, and the best class is nearly always the
 * same. Centred top-1 compares the best classes after each class's mean score over the pictures is taken away, as training would do with
 * the biases; then the pictures have different best classes, and it is the stricter measure.
 */
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { CHUNK_BYTES } from '../../mesh/frame.ts';
import type { Activation, CutModel } from '../support/activations.ts';
import { median } from '../support/statistics.ts';
import { decodeAll, encodeAll } from './mesh-codecs.ts';
import { piecesOf } from './sampling.ts';

export const lossyCodecs = ['fp16', 'bf16', 'int8', 'int6', 'int4', 'trunc:7', 'trunc:12'] as const;

export interface Fidelity {
  readonly codec: string;
  /** Raw bytes ÷ encoded bytes, over all pictures. */
  readonly ratio: number;
  /** Shares of pictures whose best class stays the same. */
  readonly top1: number;
  readonly top1Centred: number;
  /** Largest |score − score without codec|, in the scores' units. */
  readonly maxAbs: number;
  /** ‖scores − scores without codec‖ ÷ ‖scores without codec − their mean over the pictures‖, median over the pictures. */
  readonly relative: number;
}

/** How many classes are best of some picture, as they are and centred: what the agreements below are worth. */
export interface Variety {
  readonly classes: number;
  readonly classesCentred: number;
}

export async function measureFidelity(cut: CutModel, images: number): Promise<{ variety: Variety; codecs: readonly Fidelity[] }> {
  const activations: Activation[] = [];
  const reference: Float32Array[] = [];
  for (let seed = 1; seed <= images; seed += 1) {
    const activation = await cut.activation(seed);
    activations.push(activation);
    reference.push(await cut.scores(activation));
  }
  const mean = meanOf(reference);
  const best = reference.map((scores) => topClass(scores));
  const bestCentred = reference.map((scores) => topClass(scores, mean));
  const codecs: Fidelity[] = [];
  for (const name of lossyCodecs) {
    let encodedBytes = 0;
    let rawBytes = 0;
    const scores: Float32Array[] = [];
    for (const activation of activations) {
      const { decoded, bytes } = thereAndBack(name, activation);
      encodedBytes += bytes;
      rawBytes += activation.data.byteLength;
      scores.push(await cut.scores(decoded));
    }
    codecs.push({
      codec: name,
      ratio: rawBytes / encodedBytes,
      top1: share(scores.map((each, at) => topClass(each) === best[at])),
      top1Centred: share(scores.map((each, at) => topClass(each, mean) === bestCentred[at])),
      maxAbs: Math.max(...scores.map((each, at) => largestDifference(each, reference[at]!))),
      relative: median(scores.map((each, at) => distance(each, reference[at]!) / distance(reference[at]!, mean))),
    });
  }
  return { variety: { classes: new Set(best).size, classesCentred: new Set(bestCentred).size }, codecs };
}

function thereAndBack(name: string, { dims, data }: Activation): { readonly decoded: Activation; readonly bytes: number } {
  const chunks = encodeAll({ dims, bytes: data }, tensorCodecs.get(name)!);
  const decoded = new Uint8Array(data.byteLength);
  decodeAll(chunks, piecesOf(decoded, CHUNK_BYTES));
  return { decoded: { dims, data: decoded }, bytes: chunks.reduce((sum, { payload }) => sum + payload.byteLength, 0) };
}

function meanOf(all: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(all[0]!.length);
  for (const scores of all) for (let at = 0; at < mean.length; at += 1) mean[at]! += scores[at]! / all.length;
  return mean;
}

/** The first of the largest. */
function topClass(scores: Float32Array, offset?: Float64Array): number {
  let best = 0;
  for (let at = 1; at < scores.length; at += 1) {
    if (scores[at]! - (offset?.[at] ?? 0) > scores[best]! - (offset?.[best] ?? 0)) best = at;
  }
  return best;
}

function share(flags: readonly boolean[]): number {
  return flags.filter(Boolean).length / flags.length;
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let at = 0; at < a.length; at += 1) largest = Math.max(largest, Math.abs(a[at]! - b[at]!));
  return largest;
}

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at]! - b[at]!) ** 2;
  return Math.sqrt(sum);
}
