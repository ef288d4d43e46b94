/**
 * Shares become turns: shares 2 and 1 become the pattern A B A, A B A, …
 *
 * With shares w₁ … w_k of W in all, way i should have had n·wᵢ/W of the first n frames; it has had xᵢ(n), a whole number. The pattern keeps
 * the difference as small as can be guaranteed for all shares, at every n:
 *
 *     |n·wᵢ/W − xᵢ(n)| ≤ 1 − 1/(2k − 2)
 *
 * R. Tijdeman, The chairman assignment problem, Discrete Mathematics 32 (1980), 323–330: of the ways that are far enough behind, the one is
 * next that could wait least. In whole numbers here, all multiplied by W(2k − 2). At n = W nothing is owed: each has had exactly its share.
 */
import { MeshError } from '../mesh/error.ts';
import { greatestDivisor, TURNS_OF_MAX, type Turns } from '../mesh/turns.ts';

/** The turns of each share, in order; [undefined] for one share alone. Error `invalid` for what is no share, or a pattern that is too long. */
export function turnsOfShares(shares: readonly number[]): readonly (Turns | undefined)[] {
  const wrong = shares.find((share) => !Number.isSafeInteger(share) || share < 1);
  if (shares.length === 0 || wrong !== undefined) {
    throw new MeshError('invalid', `shares are whole numbers from 1 on, found ${wrong ?? 'none'}`);
  }
  if (shares.length === 1) return [undefined];
  const divisor = shares.reduce(greatestDivisor);
  const weights = shares.map((share) => share / divisor);
  const of = weights.reduce((sum, weight) => sum + weight, 0);
  if (of > TURNS_OF_MAX) {
    throw new MeshError('invalid', `shares ${shares.join(':')} repeat only every ${of} frames, at most ${TURNS_OF_MAX} are possible`, {
      hint: 'rounder shares, such as 3:2 instead of 301:199, hardly change what each device gets',
    });
  }
  const at = weights.map((): number[] => []);
  for (let frame = 0; frame < of; frame += 1) at[nextOf(weights, at, frame, of)]!.push(frame);
  return at.map((each) => ({ of, at: each }));
}

/** Whose turn `frame` is. `at`: the turns before it. */
function nextOf(weights: readonly number[], at: readonly (readonly number[])[], frame: number, of: number): number {
  const scale = 2 * weights.length - 2;
  const owed = weights.map((weight, i) => scale * ((frame + 1) * weight - of * at[i]!.length));
  // How long way i could still wait, as a fraction over its weight.
  const slack = owed.map((each) => (scale - 1) * of - each);
  const ready = [...weights.keys()].filter((i) => owed[i]! >= of);
  return ready.reduce((best, i) => (slack[i]! * weights[best]! < slack[best]! * weights[i]! ? i : best));
}
