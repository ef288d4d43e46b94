/**
 * Repeats of the same subject under the same circumstances, each predicted by the median of the others. What remains is what the device does by itself: nobody
 * does better who does not look how fast the processor is at that moment.
 *
 *     repeat ÷ how slow its processor was ──▶ median of the others × how slow it was at this one ──▶ what looking leaves
 */
import { median } from '../../../mesh/ranked.ts';
import { processorKey } from '../processor.ts';
import { fitProcessorSpeed, memoryShare, usualMs } from '../processor-speed.ts';
import type { Sample } from '../sample.ts';
import type { KernelsOf } from '../subject-kernels.ts';
import { loadKey, placeKey, subjectKey } from './identity.ts';
import { type Accuracy, accuracyOf } from './metrics.ts';

type Figures = Pick<Accuracy, 'mape' | 'within5' | 'within10'>;

export interface NoiseFloor extends Figures {
  /** Repeats, and of how many different things. */
  readonly count: number;
  readonly repeated: number;
  /** The same when it is known how fast the processor was at each: measuring again does no better. Null: nobody looked. */
  readonly atSpeed: Figures | null;
}

/** Null: nothing was measured twice. */
export function noiseFloor(samples: readonly Sample[], kernelsOf: KernelsOf): NoiseFloor | null {
  const known = samples.filter((sample) => loadKey(sample) !== undefined);
  const repeated = repeatsOf(known);
  const found = accuracyOf(foretold(repeated, ({ time }) => time.ms));
  if (found === null) return null;
  const { count, mape, within5, within10 } = found;
  return { count, repeated: repeated.length, mape, within5, within10, atSpeed: atSpeed(known, kernelsOf) };
}

function atSpeed(samples: readonly Sample[], kernelsOf: KernelsOf): Figures | null {
  const probed = samples.filter(({ state }) => state.probeMs !== undefined);
  const usual = new Map<Sample, number>();
  for (const own of Map.groupBy(probed, ({ circumstance }) => processorKey(circumstance)).values()) {
    const speed = fitProcessorSpeed(own, kernelsOf);
    for (const sample of own) usual.set(sample, usualMs(sample, speed, memoryShare(kernelsOf(sample))));
  }
  const found = accuracyOf(foretold(repeatsOf(probed), (sample) => usual.get(sample)!));
  if (found === null) return null;
  const { mape, within5, within10 } = found;
  return { mape, within5, within10 };
}

function repeatsOf(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  return [...Map.groupBy(samples, sameKey).values()].filter(({ length }) => length > 1);
}

/** `msOf`: under circumstances that are the same for all repeats. */
function foretold(
  repeated: readonly (readonly Sample[])[],
  msOf: (sample: Sample) => number,
): { readonly measured: number; readonly predicted: number }[] {
  return repeated.flatMap((repeats) =>
    repeats.map((sample, index) => {
      const others = median(repeats.filter((_, other) => other !== index).map(msOf));
      return { measured: sample.time.ms, predicted: others * (sample.time.ms / msOf(sample)) };
    }),
  );
}

function sameKey(sample: Sample): string {
  const { device, runtimeVersion } = sample.circumstance;
  return [subjectKey(sample), placeKey(sample), device, runtimeVersion, loadKey(sample)].join(' | ');
}
