/**
 * Student's t-test for two levels, of clipped values: the first test of a change point, for runs that do not depend on each other.
 *
 *     t = (mean after − mean before) ÷ (s × √(1 ÷ m + 1 ÷ n))        means: of values clipped about the median of both sides
 *                                                                    s: of values clipped about the median of their own side
 *
 * In the place of E-divisive's permutations, as Fleming et al. do ("Hunter: Using Change Point Detection to Hunt for Performance Regressions", ICPE 2023).
 * Clipping takes from the means what would make them differ for a spike; s stays what it is without the step, so the test is rather too strict.
 */
import { studentP } from '../statistics/student.ts';
import { clipped, sidesOf } from './clip.ts';

/** In spreads. Wide: a step of three spreads has to stay visible, and three spikes in a row are refused by their rank (change-points.ts). */
export const CLIP_T = 4;

/** Two-sided p; 1 where nothing differs. `place`: values before it. */
export function clippedT(values: readonly number[], place: number): number {
  const count = values.length;
  const { offsets, residuals, spread, spreadLeast } = sidesOf(values, place);
  if (spread === 0 || count < 3) return 1;
  const limit = CLIP_T * spread;
  let before = 0;
  let after = 0;
  let squares = 0;
  for (let index = 0; index < count; index += 1) {
    const offset = clipped(offsets[index]!, limit);
    if (index < place) before += offset / place;
    else after += offset / (count - place);
    squares += clipped(residuals[index]!, limit) ** 2;
  }
  const variance = Math.max(squares / (count - 2), spreadLeast ** 2);
  return studentP((after - before) / Math.sqrt(variance * (1 / place + 1 / (count - place))), count - 2);
}
