/**
 * Repeats of the same subject under the same circumstances, each predicted by the median of the others. What remains is what the device does by itself: nobody
 * does better who does not look how fast the processor is at that moment.
 */
import { median } from '../../../mesh/ranked.ts';
import type { Sample } from '../sample.ts';
import { loadKey, placeKey, subjectKey } from './identity.ts';
import { type Accuracy, accuracyOf } from './metrics.ts';

export interface NoiseFloor extends Pick<Accuracy, 'mape' | 'within5' | 'within10'> {
  /** Repeats, and of how many different things. */
  readonly count: number;
  readonly repeated: number;
}

/** Null: nothing was measured twice. */
export function noiseFloor(samples: readonly Sample[]): NoiseFloor | null {
  const known = samples.filter((sample) => loadKey(sample) !== undefined);
  const repeated = [...Map.groupBy(known, sameKey).values()].filter(({ length }) => length > 1);
  const points = repeated.flatMap((repeats) =>
    repeats.map(({ time }, index) => ({
      measured: time.ms,
      predicted: median(repeats.filter((_, other) => other !== index).map((other) => other.time.ms)),
    })),
  );
  const found = accuracyOf(points);
  if (found === null) return null;
  const { count, mape, within5, within10 } = found;
  return { count, repeated: repeated.length, mape, within5, within10 };
}

function sameKey(sample: Sample): string {
  const { device, runtimeVersion } = sample.circumstance;
  return [subjectKey(sample), placeKey(sample), device, runtimeVersion, loadKey(sample)].join(' | ');
}
