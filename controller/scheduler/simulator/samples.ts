/** How long something takes each time: always the same, or one of the times that were measured, drawn with the seed. */
import type { Random } from '../../../mesh/random.ts';

/** Milliseconds; a list of measured ones is drawn from, each as often as it was measured. */
export type Duration = number | { readonly samples: readonly number[] };

/** Draws one time after the other. */
export type Draw = () => number;

/** Each `random` belongs to one draw, so that its values do not depend on what else happens. */
export function drawOf(duration: Duration, random: Random): Draw {
  if (typeof duration === 'number') return () => duration;
  const { samples } = duration;
  if (samples.length === 1) return () => samples[0]!;
  return () => samples[random.below(samples.length)]!;
}

/** What is wrong with it; undefined: nothing. */
export function wrongDuration(duration: Duration): string | undefined {
  const values = typeof duration === 'number' ? [duration] : duration.samples;
  if (values.length === 0) return 'has no samples';
  const wrong = values.find((value) => !(value >= 0) || value === Number.POSITIVE_INFINITY);
  return wrong === undefined ? undefined : `is ${wrong} ms: expected 0 or more`;
}
