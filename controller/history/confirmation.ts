/**
 * Was it the program? The old and the new version are run again, in turns, on the same device, and compared with each other and with what was recorded.
 *
 *     recorded    old ────╮
 *                         ╰──── new              half-way: √(old × new)
 *     again       old ────
 *                         new ────               new is worse than old: confirmed, the program changed
 *     again       old, new ───                   alike, on the far side of half-way: environment, the device or what is installed on it changed
 *     again       old, new ───                   alike, on the near side: dismissed, it does not come back
 *
 * Alike: the interval of their ratio ends before half of what was recorded. Anything else is unsure, and wants more runs. All three comparisons are those of compare.ts.
 */
import type { Random } from '../../mesh/random.ts';
import { type Better, compareSamples } from './compare.ts';

export type Confirmation = 'confirmed' | 'environment' | 'dismissed' | 'unsure';

export interface ConfirmationInput {
  readonly better: Better;
  /** As they were recorded before and after the change. Values above 0, as all of these. */
  readonly oldRecorded: readonly number[];
  readonly newRecorded: readonly number[];
  /** Measured now, in turns. */
  readonly oldAgain: readonly number[];
  readonly newAgain: readonly number[];
  readonly random: Random;
}

export interface ConfirmationAnswer {
  readonly outcome: Confirmation;
  /** For a person. */
  readonly reason: string;
}

/** Error RangeError: an empty sample, values that are negative or no numbers. */
export function judgeConfirmation({ better, oldRecorded, newRecorded, oldAgain, newAgain, random }: ConfirmationInput): ConfirmationAnswer {
  const again = compareSamples(oldAgain, newAgain, { better, random });
  if (again.verdict === 'worse') {
    return { outcome: 'confirmed', reason: `Run again in turns, the new one is worse than the old one: ${again.reason}.` };
  }
  const recorded = compareSamples(oldRecorded, newRecorded, { better, random }).ratio;
  // Turned so that above 1 is worse.
  const worse = (ratio: number): number => (better === 'lower' ? ratio : 1 / ratio);
  const halfWay = Math.sqrt(worse(recorded));
  if (!(halfWay > 1) || !Number.isFinite(halfWay))
    return { outcome: 'unsure', reason: 'What was recorded is not worse after the change than before it.' };
  const mostAgain = Math.max(worse(again.low), worse(again.high));
  if (mostAgain >= halfWay) {
    return { outcome: 'unsure', reason: `Run again in turns, they can't be told apart, nor be called alike: ${again.reason}.` };
  }
  const level = compareSamples(oldRecorded, [...oldAgain, ...newAgain], { better, random });
  const [least, most] = [worse(level.low), worse(level.high)].sort((a, b) => a - b) as [number, number];
  if (least > halfWay) {
    return {
      outcome: 'environment',
      reason: `Run again in turns, old and new are alike, and both as bad as the new one was: the device changed, not the program (${level.reason}).`,
    };
  }
  if (most < halfWay) {
    return {
      outcome: 'dismissed',
      reason: `Run again in turns, old and new are alike, and both as good as the old one was: it does not come back (${level.reason}).`,
    };
  }
  return {
    outcome: 'unsure',
    reason: `Run again in turns, old and new are alike, but between what was recorded before and after the change: ${level.reason}.`,
  };
}
