/**
 * Turns: which of a run's frames go one way, when several ways share them.
 *
 *     frame      0 1 2 3 4 5 …
 *     to pi1     ● ●   ● ●          of 3, at 0 and 1
 *     to pi2         ●     ●        of 3, at 2
 *
 * Frame ids go on without end, so a pattern repeats: frame `id` goes this way when `id` modulo `of` is in `at`. No turns at all (undefined)
 * stand for every frame. Pure.
 */
import { MeshError } from './error.ts';
import type { FrameId } from './frame.ts';

export interface Turns {
  /** Frames after which the pattern repeats, at least 1. */
  readonly of: number;
  /** Ascending, each at least 0 and less than `of`; never empty. */
  readonly at: readonly number[];
}

/** The longest pattern that can be written down. */
export const TURNS_OF_MAX = 1024;
/** The longest pattern of several taken together. */
export const PERIOD_MAX = 65_536;

/** Returns `turns` when they are as described above. Error `invalid` otherwise; `what` says whose they are. */
export function checkTurns(turns: Turns, what: string): Turns {
  const { of, at } = turns;
  const wrong = (why: string): MeshError => new MeshError('invalid', `the turns of ${what} make no sense: ${why}`);
  if (!Number.isInteger(of) || of < 1 || of > TURNS_OF_MAX) throw wrong(`they repeat every ${of} frames, expected 1 to ${TURNS_OF_MAX}`);
  if (at.length === 0) throw wrong('they hold no frame');
  for (const [index, each] of at.entries()) {
    if (!Number.isInteger(each) || each < 0 || each >= of) throw wrong(`${each} is not between 0 and ${of - 1}`);
    if (index > 0 && each <= at[index - 1]!) throw wrong(`${each} comes after ${at[index - 1]}, expected ascending numbers`);
  }
  return turns;
}

/** Tells of each frame whether it goes this way; worked out once, because it is asked for every frame. */
export function carrier(turns: Turns | undefined): (id: FrameId) => boolean {
  if (turns === undefined) return () => true;
  const of = BigInt(turns.of);
  const mask = maskOf(turns, turns.of);
  return (id) => mask[Number(id % of)] === 1;
}

/** The first `period` frames: 1 where one goes this way. `period`: a multiple of the pattern's. */
export function maskOf(turns: Turns | undefined, period: number): Uint8Array {
  const mask = new Uint8Array(period);
  if (turns === undefined) return mask.fill(1);
  for (let start = 0; start < period; start += turns.of) for (const each of turns.at) mask[start + each] = 1;
  return mask;
}

/** Turns as short as they can be written; undefined for every frame. Error `invalid` when that is longer than TURNS_OF_MAX. */
export function turnsOfMask(mask: Uint8Array): Turns | undefined {
  const of = repeats(mask);
  if (of > TURNS_OF_MAX) {
    throw new MeshError('invalid', `these turns repeat only every ${of} frames, at most ${TURNS_OF_MAX} are possible`, {
      hint: 'shares with a smaller sum, or with the same sum for stages next to each other, repeat sooner',
    });
  }
  const at = [...mask.subarray(0, of).keys()].filter((each) => mask[each] === 1);
  return at.length === of ? undefined : { of, at };
}

/** Frames that go both ways; undefined: every frame; 'none' when there are none. Errors: those of `periodOf` and `turnsOfMask`. */
export function sharedTurns(a: Turns | undefined, b: Turns | undefined): Turns | undefined | 'none' {
  const period = periodOf([a, b]);
  const other = maskOf(b, period);
  const mask = maskOf(a, period).map((each, index) => each & other[index]!);
  return mask.includes(1) ? turnsOfMask(mask) : 'none';
}

export function sameTurns(a: Turns | undefined, b: Turns | undefined): boolean {
  return a?.of === b?.of && a?.at.join() === b?.at.join();
}

/** How much of all frames goes this way, above 0 to 1. */
export function portionOf(turns: Turns | undefined): number {
  return turns === undefined ? 1 : turns.at.length / turns.of;
}

/** Frames after which all patterns together repeat. Error `invalid` when that is more than PERIOD_MAX. */
export function periodOf(all: Iterable<Turns | undefined>): number {
  let period = 1;
  for (const turns of all) {
    if (turns === undefined) continue;
    period = (period / greatestDivisor(period, turns.of)) * turns.of;
    if (period > PERIOD_MAX) {
      throw new MeshError('invalid', `these turns repeat only every ${period} frames taken together, at most ${PERIOD_MAX} are possible`, {
        hint: 'shares with the same sum repeat together',
      });
    }
  }
  return period;
}

/** `of 3 at 0,1`; `every frame`. */
export function formatTurns(turns: Turns | undefined): string {
  return turns === undefined ? 'every frame' : `of ${turns.of} at ${turns.at.join(',')}`;
}

export function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function repeats(mask: Uint8Array): number {
  const length = mask.length;
  for (let of = 1; of < length; of += 1) {
    if (length % of === 0 && mask.every((each, index) => each === mask[index % of])) return of;
  }
  return length;
}
