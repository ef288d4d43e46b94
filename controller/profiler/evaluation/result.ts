/** From single predictions to figures: of one kind of subject, after one number of timings. */
import { Random } from '../../../mesh/random.ts';
import { median } from '../../../mesh/ranked.ts';
import { shuffled } from '../../../mesh/shuffled.ts';
import type { Prediction } from '../prediction.ts';
import type { Sample } from '../sample.ts';
import { baselineNames } from './baselines.ts';
import type { Coverage, Point, Result } from './evaluation-report.ts';
import { type JudgedKind, loadKey, placeKey, subjectKey } from './identity.ts';
import { accuracyOf, type Judged } from './metrics.ts';
import { type Placed, placementOf } from './placement.ts';
import type { Verdict } from './verdicts.ts';

const POINTS_MAX = 1_500;

/** `devices`: keys, in the report's order. */
export function resultOf(
  verdicts: readonly Verdict[],
  { kind, timings, devices, seed }: Pick<Result, 'kind' | 'timings'> & { readonly devices: readonly string[]; readonly seed: number },
): Result {
  const points = placed(verdicts, ({ prediction }) => prediction?.ms);
  return {
    ...{
      kind,
      timings,
      accuracy: accuracyOf(points),
      repeated: accuracyOf(repeatedOf(points)),
      unpredicted: verdicts.length - points.length,
    },
    ...{ coverage: coverageOf(verdicts), placement: placement(points) },
    baselines: Object.fromEntries(
      baselineNames.map((name) => {
        const own = placed(verdicts, ({ baselines }) => baselines[name]);
        return [name, { accuracy: accuracyOf(own), placement: placement(own) }];
      }),
    ) as Result['baselines'],
    folds: [...Map.groupBy(verdicts, ({ fold }) => fold)].flatMap(([name, own]) => {
      const found = accuracyOf(placed(own, ({ prediction }) => prediction?.ms));
      return found === null ? [] : [{ name, count: found.count, mape: found.mape, within10: found.within10 }];
    }),
    points: someOf(points, seed).map(({ sample, measured, predicted }): Point => {
      const { deviceKey } = sample.circumstance;
      return { measured, predicted, device: devices.indexOf(deviceKey), what: labelOf(sample) };
    }),
  };
}

interface PlacedSample extends Placed {
  readonly sample: Sample;
}

function placed(verdicts: readonly Verdict[], msOf: (verdict: Verdict) => number | undefined): PlacedSample[] {
  return verdicts.flatMap((verdict) => {
    const { sample } = verdict;
    const predicted = msOf(verdict);
    if (predicted === undefined) return [];
    return [{ sample, measured: sample.time.ms, predicted, what: `${subjectKey(sample)} ${loadKey(sample)}`, place: placeKey(sample) }];
  });
}

/** A median of repeats is nearer to the truth than one of them is: this says how good the predictions are, not how quiet the device was. */
function repeatedOf(points: readonly PlacedSample[]): Judged[] {
  const same = Map.groupBy(placeable(points), ({ what, place }) => `${what} | ${place}`);
  return [...same.values()]
    .filter(({ length }) => length > 1)
    .map((repeats) => {
      const measured = median(repeats.map((each) => each.measured));
      return { measured, predicted: measured * median(repeats.map((each) => each.predicted / each.measured)) };
    });
}

function placement(points: readonly PlacedSample[]): Result['placement'] {
  return placementOf(placeable(points));
}

/** Where nobody knows what else ran, nothing can be compared. */
function placeable(points: readonly PlacedSample[]): readonly PlacedSample[] {
  return points.filter(({ sample }) => loadKey(sample) !== undefined);
}

function coverageOf(verdicts: readonly Verdict[]): Coverage | null {
  const said = verdicts.flatMap(({ sample, prediction }) => (prediction === undefined ? [] : [{ ms: sample.time.ms, prediction }]));
  if (said.length === 0) return null;
  const finite = said.filter(({ prediction }) => hasEnd(prediction));
  if (finite.length === 0) return { finite: 0, infinite: said.length, inside: null, width: null };
  const inside = finite.filter(({ ms, prediction: { interval } }) => ms >= interval.low && ms <= interval.high);
  return {
    ...{ finite: finite.length, infinite: said.length - finite.length, inside: inside.length / finite.length },
    width: median(finite.map(({ prediction: { interval } }) => interval.high / interval.low)),
  };
}

function hasEnd({ interval: { high } }: Prediction): boolean {
  return Number.isFinite(high);
}

function labelOf(sample: Sample): string {
  const { model, part } = sample.subject;
  return [model, part, loadKey(sample) ?? 'load unknown'].filter((word) => word !== '').join(', ');
}

function someOf<T>(values: readonly T[], seed: number): readonly T[] {
  return values.length <= POINTS_MAX ? values : shuffled(values, new Random(seed)).slice(0, POINTS_MAX);
}

/** Kinds and numbers of timings that there are, smallest first. */
export function groupsOf(
  verdicts: readonly Verdict[],
  kinds: readonly JudgedKind[],
  kindOf: (sample: Sample) => JudgedKind | undefined,
): { readonly kind: JudgedKind; readonly timings: number | null; readonly own: Verdict[] }[] {
  return kinds.flatMap((kind) => {
    const groups = Map.groupBy(
      verdicts.filter(({ sample }) => kindOf(sample) === kind),
      ({ timings }) => timings,
    );
    return [...groups].sort(([a], [b]) => (a ?? 0) - (b ?? 0)).map(([timings, own]) => ({ kind, timings, own }));
  });
}
