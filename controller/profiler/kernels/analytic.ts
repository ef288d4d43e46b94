/**
 * A first estimate of a kernel's time that also holds far outside of what was measured: so many microseconds per multiply-accumulate, per byte, per call.
 *
 *     us = a · MACs + (b + b′ · cold) · bytes + (c + c′ · cold) + d · leaving + e · activated        all ≥ 0, for each group of kernels, least squares of relative errors
 *
 * leaving: bytes of a result that leaves the session. activated: bytes of a result that an activation function goes over once more, twice where the function is
 * approximated. cold: 0 where all that runs together fits into the smallest cache, 1 where it fits into none; then also the code of a kernel has to be fetched again.
 *
 * Trees learn what is left; they know no slope, so without it a kernel larger than all others would take as long as the largest. (The terms are those of the
 * roofline model, Williams, Waterman, Patterson 2009, added rather than compared: fits of sums are convex.)
 */
import { nonNegativeLeastSquares } from '../non-negative.ts';
import { bytesMoved } from './features.ts';
import { coldness, type Place } from './place.ts';
import { activationPasses, type KernelGroup, type KernelWork } from './work.ts';

export interface Coefficients {
  readonly perMac: number;
  readonly perByte: number;
  readonly perCall: number;
  /** More, where it is cold. */
  readonly perColdByte: number;
  readonly perColdCall: number;
  /** More, for each byte that leaves the session. */
  readonly perLeaving: number;
  /** More, for each byte that an activation goes over. */
  readonly perActivated: number;
}

export interface AnalyticModel {
  /** By group; a group that was hardly measured has the coefficients of all. */
  readonly groups: Readonly<Partial<Record<KernelGroup, Coefficients>>>;
  readonly all: Coefficients;
}

export interface MeasuredWork {
  readonly work: KernelWork;
  readonly place: Place;
  /** Microseconds, above 0. */
  readonly us: number;
}

/** Fewer kernels say nothing of their group. */
const GROUP_MIN = 8;
/** A kernel is never free. Microseconds. */
const US_MIN = 0.1;

export function fitAnalytic(measured: readonly MeasuredWork[]): AnalyticModel {
  const groups = [...Map.groupBy(measured, ({ work }) => work.group)].filter(([, own]) => own.length >= GROUP_MIN);
  return { groups: Object.fromEntries(groups.map(([group, own]) => [group, fitCoefficients(own)])), all: fitCoefficients(measured) };
}

/** Microseconds. */
export function analyticUs({ groups, all }: AnalyticModel, work: KernelWork, place: Place): number {
  const coefficients = groups[work.group] ?? all;
  const us = columnsOf(work, place).reduce((sum, value, column) => sum + value * coefficients[coefficientNames[column]!], 0);
  return Math.max(US_MIN, us);
}

export const coefficientNames = [
  'perMac',
  'perByte',
  'perCall',
  'perColdByte',
  'perColdCall',
  'perLeaving',
  'perActivated',
] as const satisfies (keyof Coefficients)[];

function columnsOf(work: KernelWork, place: Place): number[] {
  const bytes = bytesMoved(work);
  const cold = coldness(place);
  return [
    work.macs,
    bytes,
    1,
    cold * bytes,
    cold,
    place.leaves ? work.outputBytes : 0,
    work.outputBytes * activationPasses[work.activation],
  ];
}

function fitCoefficients(measured: readonly MeasuredWork[]): Coefficients {
  const rows = measured.map(({ work, place, us }) => ({ columns: columnsOf(work, place).map((value) => value / us), target: 1 }));
  const x = nonNegativeLeastSquares(rows);
  return Object.fromEntries(coefficientNames.map((name, column) => [name, x?.[column] ?? 0])) as unknown as Coefficients;
}
