/**
 * One prediction beside what was measured, for everything that is tested in a fold.
 *
 *     train ──▶ predictor, baselines        test ──▶ predicted        pool ──▶ 1, 3, 10, 50 timings of the new device; test ──▶ predicted after each
 */
import { Random } from '../../../mesh/random.ts';
import { median } from '../../../mesh/ranked.ts';
import { shuffled } from '../../../mesh/shuffled.ts';
import type { Prediction } from '../prediction.ts';
import type { Sample } from '../sample.ts';
import type { KernelsOf } from '../subject-kernels.ts';
import { type BaselineName, baselineNames, fitBaselines } from './baselines.ts';
import type { Asked, FitOptions, FitPredictor, Importance } from './fit-predictor.ts';
import { loadKey, placeKey, subjectKey } from './identity.ts';
import type { Fold } from './splits.ts';

/** Of a device that is left out. */
export const timingCounts = [0, 1, 3, 10, 50] as const;

export interface Verdict {
  readonly sample: Sample;
  readonly fold: string;
  /** Null: devices are known. */
  readonly timings: number | null;
  readonly prediction: Prediction | undefined;
  readonly baselines: Readonly<Record<BaselineName, number | undefined>>;
}

export interface FoldVerdicts {
  readonly verdicts: readonly Verdict[];
  readonly importance: readonly Importance[];
}

export function verdictsOf(
  samples: readonly Sample[],
  { name, train, test, pool }: Fold,
  { fitPredictor, ...options }: FitOptions & { readonly fitPredictor: FitPredictor },
): FoldVerdicts {
  const { seed, kernelsOf } = options;
  const learnt = train.map((index) => samples[index]!);
  const fitted = fitPredictor(learnt, options);
  const baselines = fitBaselines(learnt, kernelsOf);
  const judge = (timings: readonly Sample[] | null): Verdict[] => {
    const factors = baselineNames.map((each) => correction(timings ?? [], (sample) => baselines[each](askedOf(sample, kernelsOf))));
    return test.map((index) => {
      const sample = samples[index]!;
      const asked = askedOf(sample, kernelsOf);
      const said = baselineNames.map((each, place) => [each, scaled(baselines[each](asked), factors[place]!)] as const);
      return {
        ...{ sample, fold: name, timings: timings === null ? null : timings.length, prediction: fitted.predict(asked) },
        baselines: Object.fromEntries(said) as Verdict['baselines'],
      };
    });
  };
  const importance = fitted.importance ?? [];
  if (pool.length === 0) return { verdicts: judge(null), importance };
  const timings = chosen(
    pool.map((index) => samples[index]!),
    seed,
  );
  const counts = timingCounts.filter((count) => count === 0 || (fitted.learn !== undefined && count <= timings.length));
  const verdicts = counts.flatMap((count, place) => {
    for (const sample of timings.slice(counts[place - 1] ?? 0, count)) fitted.learn!(askedOf(sample, kernelsOf), sample.time.ms);
    return judge(timings.slice(0, count));
  });
  return { verdicts, importance };
}

function askedOf(sample: Sample, kernelsOf: KernelsOf): Asked {
  const { subject, circumstance, state } = sample;
  const kernels = kernelsOf(sample);
  return { subject, circumstance, state, ...(kernels === undefined ? {} : { kernels }) };
}

/** By chance; different things first, as who wants to know a device would time them. */
function chosen(pool: readonly Sample[], seed: number): Sample[] {
  const order = shuffled(pool, new Random(seed));
  const keyOf = (sample: Sample): string => `${subjectKey(sample)} ${placeKey(sample)} ${loadKey(sample)}`;
  const first = new Map(order.toReversed().map((sample) => [keyOf(sample), sample]));
  const isFirst = (sample: Sample): boolean => first.get(keyOf(sample)) === sample;
  return [...order.filter(isFirst), ...order.filter((sample) => !isFirst(sample))];
}

/** Timings correct a baseline, too: how much faster or slower the device is than it says. */
function correction(timings: readonly Sample[], predict: (sample: Sample) => number | undefined): number {
  const factors = timings.flatMap((sample) => {
    const said = predict(sample);
    return said === undefined ? [] : [sample.time.ms / said];
  });
  return factors.length === 0 ? 1 : median(factors);
}

function scaled(ms: number | undefined, factor: number): number | undefined {
  return ms === undefined ? undefined : ms * factor;
}
