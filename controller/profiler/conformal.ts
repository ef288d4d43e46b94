/**
 * How far off predictions are, from how far off they were: split conformal intervals. Of n errors of predictions of things that the predictor had not seen,
 * sorted, the next one lies between the ⌊(n + 1) α⁄2⌋th and the ⌈(n + 1) (1 − α⁄2)⌉th in at least 1 − α of all cases, whatever their distribution, if only
 * their order means nothing. Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005; Lei and others, "Distribution-Free Predictive Inference
 * for Regression", JASA 113, 2018.
 *
 *     errors ── of this device in the group, if enough │ of the group │ too few: nothing is known, [0, ∞)
 *
 * Errors are logarithms, ln measured − ln predicted: a device that is a tenth slower than was said is so for small models and for large ones. They keep their
 * sign, because things that disturb only make slower.
 */
import type { Interval } from './prediction.ts';

export interface Residual extends Whereabouts {
  /** ln measured − ln predicted, of something that was not learnt from. */
  readonly lnError: number;
}

export interface Whereabouts {
  /** What is predicted alike: whole models on known devices, stages, … */
  readonly group: string;
  readonly device: string;
}

/** Plain data, as JSON keeps it. Errors are sorted. */
export interface Calibration {
  readonly groups: Readonly<Record<string, GroupErrors>>;
}

export interface GroupErrors {
  readonly all: readonly number[];
  readonly devices: Readonly<Record<string, readonly number[]>>;
}

/** Twice what an interval of 90 % needs at least: with fewer, its ends are the two largest errors. */
const DEVICE_MIN = 40;

/** A RangeError when an error is not finite. */
export function calibrate(residuals: readonly Residual[]): Calibration {
  const odd = residuals.find(({ lnError }) => !Number.isFinite(lnError));
  if (odd !== undefined) throw new RangeError(`an error of ${odd.group} on ${odd.device} is ${odd.lnError}, not finite`);
  const groups = Map.groupBy(residuals, ({ group }) => group);
  return {
    groups: Object.fromEntries(
      [...groups].map(([group, own]) => {
        const devices = Map.groupBy(own, ({ device }) => device);
        return [group, { all: sorted(own), devices: Object.fromEntries([...devices].map(([name, few]) => [name, sorted(few)])) }];
      }),
    ),
  };
}

/** Around a prediction of `ms`; holds in `coverage` of cases. From 0 to Infinity when too few errors are known for that. */
export function intervalOf(calibration: Calibration, ms: number, { group, device }: Whereabouts, coverage = 0.9): Interval {
  const own = calibration.groups[group];
  const ofDevice = own?.devices[device] ?? [];
  const found = ofDevice.length >= Math.max(DEVICE_MIN, neededFor(coverage)) ? ofDevice : own?.all;
  if (found === undefined || found.length < neededFor(coverage)) return { low: 0, high: Number.POSITIVE_INFINITY };
  const rank = lowRank(found.length, coverage);
  return { low: ms * Math.exp(found[rank - 1]!), high: ms * Math.exp(found[found.length - rank]!) };
}

/** How many errors an interval takes: 19 for 90 %. */
function neededFor(coverage: number): number {
  return Math.ceil(2 / (1 - coverage) - 1e-9) - 1;
}

/** From 1; as far from the other end is the upper one. */
function lowRank(count: number, coverage: number): number {
  // Without it 20 × 0.05 would be less than 1.
  return Math.floor(((count + 1) * (1 - coverage)) / 2 + 1e-9);
}

function sorted(residuals: readonly Residual[]): number[] {
  return residuals.map(({ lnError }) => lnError).sort((a, b) => a - b);
}
