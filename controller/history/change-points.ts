/**
 * Where the level of a history changed, for good and not by chance.
 *
 *     · · ·  · · ·                     1  weak places, top down: where E-divisive cuts; the re-test moves them to where a step fits best
 *       ·  ·  ·   ·   ·  ·             2  from the weakest on those are dropped that, between their neighbours, do not pass all of:
 *                  · ·  ·  ·  ·           ≥ 3 runs on both sides, medians ≥ 2 % apart, t-test of clipped values, re-test, ranks
 *                 ▲
 *
 * Top down and back is Fleming et al., "Hunter", ICPE 2023, after Matteson, James, JASA 109 (2014): a pulse hides each of its edges from a test of the whole
 * history, and is seen between weak places.
 *
 * A history is looked at again after each run, and a false alarm at any look is one. So the limits of p are far below what one test needs. They were
 * found by simulation (bench/history.ts repeats it): of 300 histories of 100 runs that only vary, at most 9 may raise an alarm at any of the looks.
 *
 *     t-test       2e-4
 *     re-test      from 5e-3 (noise without memory: there the t-test decides) to 4.5e-5 (with), × (6 ÷ n)² for more than 6 runs: noise with memory wanders to
 *                  a new level and stays there, but hardly ever within few runs
 *     ranks        1e-4 for 3 runs, 3e-4 for 4, then 3e-3: spikes come in threes at times, and then many of the old ones are as large
 */
import { medianOf } from '../statistics/band.ts';
import { exactP, mannWhitney } from '../statistics/mann-whitney.ts';
import { clipped, sidesOf } from './clip.ts';
import { clippedT } from './clipped-t.ts';
import { energySplit } from './energy-split.ts';
import { fitStep } from './step-in-autocorrelation.ts';

export const LENGTH_MIN = 3;
export const CHANGE_MIN = 0.02;
/** Runs that are looked at, the newest: a look takes the square of it. */
export const WINDOW = 300;

export interface ChangePoint {
  /** Of the first value of the new level. */
  readonly index: number;
  /** Medians, from the change point before to this one, and from this one to the next. */
  readonly before: number;
  readonly after: number;
  /** After ÷ before. 1.1: ten per cent more. Infinity: from 0. */
  readonly ratio: number;
  /** Of the re-test, for this place alone; that many places are tried at many looks is in the limits. */
  readonly p: number;
}

export interface ChangePointOptions {
  /** Default WINDOW. */
  readonly window?: number;
  /** Runs on either side. Default LENGTH_MIN. */
  readonly lengthMin?: number;
  /** Of the level before. Default CHANGE_MIN. */
  readonly changeMin?: number;
}

/** Clipped wide: what a step tells in noise with memory lies in its first difference. */
const CLIP = 6;
/** A place is weak, and looked at with its neighbours, from here on. */
const WEAK = 5e-3;
const T_TEST = 2e-4;
const RETEST = { without: 5e-3, with: 4.5e-5, phiLow: 0.35, phiHigh: 0.5, few: 6 };
/** By the runs of the shorter side. */
const RANKS = [1e-4, 3e-4, 3e-3];
/** Up to so many runs of the shorter side all orders are counted. */
const COUNTED = 10;

/** Ascending. Error RangeError: a value that is no number. */
export function findChangePoints(values: readonly number[], options: ChangePointOptions = {}): readonly ChangePoint[] {
  const { window = WINDOW, lengthMin = LENGTH_MIN, changeMin = CHANGE_MIN } = options;
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`history: value ${bad} is ${values[bad]}, expected numbers`);
  if (lengthMin < LENGTH_MIN) throw new RangeError(`history: at least ${lengthMin} runs on either side, expected ${LENGTH_MIN} or more`);
  const offset = Math.max(0, values.length - window);
  const recent = values.slice(offset);
  const places: number[] = [];
  addWeak(recent, 0, recent.length, lengthMin, places);
  let tested = between(recent, places, lengthMin, changeMin);
  while (tested.some(({ excess }) => excess > 1)) {
    const worst = tested.reduce((most, each) => (each.excess > most.excess ? each : most));
    tested = between(
      recent,
      tested.filter((each) => each !== worst).map(({ place }) => place),
      lengthMin,
      changeMin,
    );
  }
  return tested.map(({ place, p }, at) => {
    const before = medianOf(recent.slice(tested[at - 1]?.place ?? 0, place));
    const after = medianOf(recent.slice(place, tested[at + 1]?.place ?? recent.length));
    return { index: offset + place, before, after, ratio: after / before, p };
  });
}

/** In ascending order, because the first part is looked through before its end. */
function addWeak(values: readonly number[], start: number, end: number, lengthMin: number, places: number[]): void {
  const first = energySplit(values, start, end, lengthMin);
  if (first === undefined) return;
  const step = stepAbout(values.slice(start, end), first - start, lengthMin);
  if (step === undefined || step.p > WEAK) return;
  const place = start + step.place;
  addWeak(values, start, place, lengthMin, places);
  places.push(place);
  addWeak(values, place, end, lengthMin, places);
}

interface Tested {
  readonly place: number;
  readonly p: number;
  /** Above 1: how far the worst of the tests is from its limit. */
  readonly excess: number;
}

/** Each place with the values between its neighbours. */
function between(values: readonly number[], places: readonly number[], lengthMin: number, changeMin: number): Tested[] {
  return places.map((place, at) => {
    const start = places[at - 1] ?? 0;
    const part = values.slice(start, places[at + 1] ?? values.length);
    const step = stepAbout(part, place - start, lengthMin);
    if (step === undefined) return { place, p: 1, excess: Number.POSITIVE_INFINITY };
    return { place: start + step.place, p: step.p, excess: excessOf(part, step, changeMin) };
  });
}

type Step = NonNullable<ReturnType<typeof stepAbout>>;

function stepAbout(part: readonly number[], place: number, lengthMin: number) {
  const { offsets, spread, spreadLeast } = sidesOf(part, place);
  const limit = CLIP * spread;
  const wide = offsets.map((offset) => clipped(offset, limit));
  return spread === 0 ? undefined : fitStep(wide, lengthMin, spreadLeast);
}

function excessOf(part: readonly number[], { place, p, phiWithout, phiWith }: Step, changeMin: number): number {
  const [before, after] = [part.slice(0, place), part.slice(place)];
  const shorter = Math.min(before.length, after.length);
  const [from, to] = [medianOf(before), medianOf(after)];
  if (Math.abs(to - from) < changeMin * Math.abs(from) || to === from) return Number.POSITIVE_INFINITY;
  const retest = p / retestLimit((phiWithout + phiWith) / 2, shorter);
  if (retest > 1) return retest;
  const { u } = mannWhitney(before, after);
  const ranks = shorter <= COUNTED ? exactP(u, before.length, after.length) : mannWhitney(before, after).p;
  return Math.max(retest, clippedT(part, place) / T_TEST, ranks / RANKS[Math.min(shorter - LENGTH_MIN, RANKS.length - 1)]!);
}

/** `phi`: the mean of the one without the step, which is too large when there is one, and the one with it, too small when there is none. */
function retestLimit(phi: number, shorter: number): number {
  const share = Math.min(1, Math.max(0, (phi - RETEST.phiLow) / (RETEST.phiHigh - RETEST.phiLow)));
  const limit = RETEST.without ** (1 - share) * RETEST.with ** share;
  return limit * Math.min(1, RETEST.few / shorter) ** 2;
}
