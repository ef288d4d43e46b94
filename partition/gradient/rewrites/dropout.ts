/**
 * Dropout with a mask that the graph makes itself from a seed: Srivastava et al., "Dropout", JMLR 15, 2014.
 *
 *     number of the element, seed ─▶ scrambled to 30 bits ─▶ kept where that is below (1 − ratio) · 2³⁰, and scaled by 1 / (1 − ratio)
 *
 * The same seed gives the same mask on every device and in every run. (Random operators of ONNX have a seed, too, but as an attribute, and their
 * numbers differ between runtimes.) Scrambling is a permutation of 30-bit numbers made of the quadratic step of RC6 (Rivest et al., 1998),
 * x ↦ x · (2x + 1), and a swap of halves; in integers that never exceed 2⁶².
 */

import { MeshError } from '../../../mesh/error.ts';
import { elementCount } from '../../../mesh/tensor.ts';
import { knownValues } from '../../infer/fact.ts';
import { add, divide, map, multiply, plus, reshape, scale, truth } from '../arithmetic.ts';
import type { GraphWriter, Value } from '../graph-writer.ts';
import type { Rewrite } from './rewrite.ts';

const HALF = 2 ** 15;
const WHOLE = 2 ** 30;
const ROUNDS = 4;
const RATIO = 0.5;

export const rewriteDropout: Rewrite = ({ w, seed, salt }, { proto, name }) => {
  const x = w.value(proto.input[0]!);
  const given = proto.input[1] ?? '';
  const known = given === '' ? [RATIO] : knownValues(w.facts.get(given)!);
  const ratio = known?.[0];
  if (ratio === undefined || !(ratio >= 0 && ratio < 1)) {
    throw new MeshError('unsupported', `${w.graph.model.name}: the ratio of node "${name}" (Dropout) must be a constant from 0 to below 1`);
  }
  const kept = ratio === 0 ? w.numbers(1, x) : keep(w, x, ratio, seed(), salt());
  // The mask that ONNX has as second output is read by nobody in a model that is trained.
  return [ratio === 0 ? map(w, 'Identity', x) : multiply(w, x, scale(w, kept, 1 / (1 - ratio)))];
};

/** 1 for elements that stay, 0 for the others. */
function keep(w: GraphWriter, x: Value, ratio: number, seed: Value, salt: number): Value {
  const count = elementCount(x.dims);
  const numbers = w.node('Range', [w.integers(0), w.integers(count), w.integers(1)], [count]);
  // Odd factors far from each other: neighbours, and runs with neighbouring seeds, start far apart.
  const start = plus(w, multiply(w, modulo(w, seed, WHOLE), w.integers(668_265_263)), salt * 374_761_393);
  let mixed = modulo(w, add(w, multiply(w, numbers, w.integers(265_443_577)), start), WHOLE);
  for (let round = 0; round < ROUNDS; round += 1) {
    const product = modulo(w, multiply(w, mixed, plus(w, scale(w, mixed, 2), 1)), WHOLE);
    const [high, low] = [divide(w, product, w.integers(HALF)), modulo(w, product, HALF)];
    mixed = add(w, high, scale(w, low, HALF));
  }
  const limit = w.integers(Math.round((1 - ratio) * WHOLE));
  return reshape(w, truth(w, 'Less', mixed, limit, x.dtype), x.dims);
}

function modulo(w: GraphWriter, x: Value, by: number): Value {
  return w.node('Mod', [x, w.integers(by)], x.dims);
}
