/**
 * What a sweep found, for each variant (page cache × swap):
 *
 *     value    64  128  192  256  320 …  1024
 *              ✗    ✗    ○    ✓    ✓       ✓        ✓ all repeats ok   ✗ one of them failed   ○ not known: not tried, refused, cancelled
 *                   │    │    └ smallest              └ largest: what it used there it uses when nothing presses
 *                   │    └ unknown in between
 *                   └ the largest that failed below
 *
 * Nothing is concluded from what was not tried. What it ran (`mode`) is passed through, not looked at.
 */
import { medianOf } from '../statistics/band.ts';
import { kneeOf } from './knee.ts';
import { byValue, countOutcomes, hasFailed, isVariant, type OutcomeCounts, okRows, valuesOf } from './row-figures.ts';
import { type SwapComparison, swapComparisons } from './swap-comparison.ts';
import type { LimitValue, Sweep, SweepRow, SweepSpec, SweepVariant, SweepWorkload } from './sweep.ts';

export interface SweepSummary {
  readonly mode: SweepWorkload['mode'];
  readonly limit: SweepSpec['limit'];
  readonly outcomes: OutcomeCounts;
  /** In the order of the sweep. */
  readonly variants: readonly VariantSummary[];
  /** For each page cache that was tried with swap and without. */
  readonly swap: readonly SwapComparison[];
}

export interface VariantSummary {
  readonly variant: SweepVariant;
  readonly outcomes: OutcomeCounts;
  /** At which all repeats were ok; undefined: at none. */
  readonly smallest: { readonly value: LimitValue; readonly repeats: number } | undefined;
  /** Smaller still, and ok as often as it was tried, which was not as often as planned; undefined: none. */
  readonly soFar: ValueOutcomes | undefined;
  /** The largest below it (without it: of all) of which some repeat failed; undefined: none did. */
  readonly failedBelow: ValueOutcomes | undefined;
  /** Between the two (without failure: below the smallest; without either: all) of which nothing is known. */
  readonly unknownBetween: readonly LimitValue[];
  /** Above the smallest, and failed all the same. */
  readonly failedAbove: readonly ValueOutcomes[];
  /** Of a sweep of CPU: where more is hardly worth it. Undefined: there is no knee, or another limit. */
  readonly knee: LimitValue | undefined;
  /** Median at the largest value that has it; undefined: never told. */
  readonly peakAtLargest: PeakMemory | undefined;
}

export interface PeakMemory {
  readonly value: LimitValue;
  /** With page cache. */
  readonly bytes: number;
  /** Of that what could not be given back, as it was sampled; undefined: never told. */
  readonly unreclaimableBytes: number | undefined;
}

export interface ValueOutcomes {
  readonly value: LimitValue;
  readonly outcomes: OutcomeCounts;
}

export function summaryOf({ spec }: Pick<Sweep, 'spec'>, rows: readonly SweepRow[]): SweepSummary {
  return {
    mode: spec.workload.mode,
    limit: spec.limit,
    outcomes: countOutcomes(rows),
    variants: spec.variants.map((variant) =>
      variantSummary(
        variant,
        rows.filter((row) => isVariant(row, variant)),
        spec.limit,
      ),
    ),
    swap: swapComparisons(spec.variants, rows),
  };
}

function variantSummary(variant: SweepVariant, rows: readonly SweepRow[], limit: SweepSpec['limit']): VariantSummary {
  const values = [...byValue(rows)];
  const smallest = values.find(([, repeats]) => okRows(repeats).length === repeats.length);
  const failed = values.filter(([, repeats]) => repeats.some(hasFailed));
  const isBelow = (value: LimitValue): boolean => smallest === undefined || value < smallest[0];
  const below = failed.findLast(([value]) => isBelow(value));
  const isUnknown = (repeats: readonly SweepRow[]): boolean => !repeats.some(hasFailed);
  const soFar = values.find(([value, repeats]) => isBelow(value) && isUnknown(repeats) && okRows(repeats).length > 0);
  const withPeak = values.findLast(([, repeats]) => valuesOf(repeats, 'peakMemoryBytes').length > 0);
  return {
    variant,
    outcomes: countOutcomes(rows),
    smallest: smallest === undefined ? undefined : { value: smallest[0], repeats: smallest[1].length },
    soFar: soFar === undefined ? undefined : withOutcomes(soFar),
    failedBelow: below === undefined ? undefined : withOutcomes(below),
    unknownBetween: values
      .filter(([value, repeats]) => isBelow(value) && isUnknown(repeats) && (below === undefined || value > below[0]))
      .map(([value]) => value),
    failedAbove: failed.filter(([value]) => !isBelow(value)).map(withOutcomes),
    knee: limit === 'cpu' ? kneeOf(timeCurve(values)) : undefined,
    peakAtLargest: withPeak === undefined ? undefined : peakOf(...withPeak),
  };
}

function peakOf(value: LimitValue, repeats: readonly SweepRow[]): PeakMemory {
  const unreclaimable = okRows(repeats).flatMap(({ record }) => record.use.peakUnreclaimableBytes ?? []);
  const bytes = medianOf(valuesOf(repeats, 'peakMemoryBytes'));
  return { value, bytes, unreclaimableBytes: unreclaimable.length === 0 ? undefined : medianOf(unreclaimable) };
}

function withOutcomes([value, repeats]: readonly [LimitValue, readonly SweepRow[]]): ValueOutcomes {
  return { value, outcomes: countOutcomes(repeats) };
}

function timeCurve(values: readonly (readonly [LimitValue, readonly SweepRow[]])[]): { x: number; y: number }[] {
  return values.flatMap(([x, repeats]) => {
    const times = valuesOf(repeats, 'timeMs');
    return times.length === 0 ? [] : [{ x, y: medianOf(times) }];
  });
}
