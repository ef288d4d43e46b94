/**
 * What a predictor has to be better than. Both learn from the same part as it does.
 *
 *     macs      ln ms = a + b ln MACs, least squares on each device; on one that is not known, of all together
 *     average   ln ms = mean + what the device adds for the subjects it has in common with others: it knows devices, and nothing of subjects. Placed
 *               by it, everything goes to the device that is best on average
 */
import type { Kernel } from '../../../mesh/kernel.ts';
import { kernelWork } from '../kernels/work.ts';
import type { Sample } from '../sample.ts';
import type { KernelsOf } from '../subject-kernels.ts';
import type { Asked } from './fit-predictor.ts';
import { judgedKind, loadKey, placeKey, subjectKey } from './identity.ts';

export const baselineNames = ['macs', 'average'] as const;
export type BaselineName = (typeof baselineNames)[number];

/** ms; undefined: it can't say. */
export type Baseline = (asked: Asked) => number | undefined;

export function fitBaselines(train: readonly Sample[], kernelsOf: KernelsOf): Readonly<Record<BaselineName, Baseline>> {
  const judged = train.filter((sample) => judgedKind(sample) !== undefined);
  return { macs: fitMacs(judged, kernelsOf), average: fitAverage(judged) };
}

function fitMacs(samples: readonly Sample[], kernelsOf: KernelsOf): Baseline {
  const rows = samples.flatMap((sample) => {
    const x = lnMacs(kernelsOf(sample));
    return x === undefined ? [] : [{ place: placeKey(sample), x, y: Math.log(sample.time.ms) }];
  });
  if (rows.length === 0) return () => undefined;
  const all = fitLine(rows);
  const lines = new Map([...Map.groupBy(rows, ({ place }) => place)].map(([place, own]) => [place, fitLine(own)]));
  return (asked) => {
    const x = lnMacs(asked.kernels);
    return x === undefined ? undefined : Math.exp((lines.get(placeKey(asked)) ?? all)(x));
  };
}

/** Undefined: its kernels are not known, or it multiplies nothing. */
function lnMacs(kernels: readonly Kernel[] | undefined): number | undefined {
  const macs = (kernels ?? []).reduce((sum, kernel) => sum + kernelWork(kernel).macs, 0);
  return macs > 0 ? Math.log(macs) : undefined;
}

/** Least squares, drawn towards proportional times as by a few rows: two models of like size would give any slope. */
function fitLine(rows: readonly { readonly x: number; readonly y: number }[]): (x: number) => number {
  const sum = (of: (row: { readonly x: number; readonly y: number }) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const [x0, y0] = [sum(({ x }) => x) / rows.length, sum(({ y }) => y) / rows.length];
  const slope = (sum(({ x, y }) => (x - x0) * (y - y0)) + PROPORTIONAL) / (sum(({ x }) => (x - x0) ** 2) + PROPORTIONAL);
  return (x) => y0 + slope * (x - x0);
}

/** Two rows whose MACs differ by a factor of four. */
const PROPORTIONAL = 1;

/** Alternately: what remains of each subject, what remains of each place. */
const ROUNDS = 20;

function fitAverage(samples: readonly Sample[]): Baseline {
  if (samples.length === 0) return () => undefined;
  const rows = samples.map((sample) => ({
    what: `${subjectKey(sample)} ${loadKey(sample)}`,
    place: placeKey(sample),
    y: Math.log(sample.time.ms),
  }));
  const middle = rows.reduce((sum, { y }) => sum + y / rows.length, 0);
  let places = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const whats = means(
      rows,
      ({ what }) => what,
      ({ place, y }) => y - (places.get(place) ?? 0),
    );
    places = means(
      rows,
      ({ place }) => place,
      ({ what, y }) => y - whats.get(what)!,
    );
  }
  const effects = [...places.values()];
  const shift = effects.reduce((sum, each) => sum + each / effects.length, 0);
  return (asked) => Math.exp(middle + (places.get(placeKey(asked)) ?? shift) - shift);
}

function means<T>(rows: readonly T[], keyOf: (row: T) => string, of: (row: T) => number): Map<string, number> {
  return new Map([...Map.groupBy(rows, keyOf)].map(([key, own]) => [key, own.reduce((sum, row) => sum + of(row) / own.length, 0)]));
}
