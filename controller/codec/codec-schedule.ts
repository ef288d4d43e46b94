/**
 * Which frames of a route travel how: the codec in use, now and then another one, and the shadow frames without loss.
 *
 *     ids   c c c c x c c s c c c c c c c s …      c: in use, x: tried, s: shadow, at the end of each period
 *              never next to each other ─┘         the frame before a shadow is compared with it: it travels as chosen
 *
 * Where devices take turns a route sees only some ids. The length of a cycle has no divisor in common with the turns', so that in the end every entry
 * comes by on every route.
 */
import { CODEC_CYCLE_MAX, type CodecCycle } from '../../mesh/codec-cycle.ts';
import { greatestDivisor } from '../../mesh/turns.ts';

/** One frame in so many tries another codec. */
const TRY_EVERY = 64;
/** Shorter ones have no room for a frame that is neither a shadow nor compared with one. */
const PERIOD_WITH_ROOM = 3;

export interface CodecSchedule {
  readonly codec: string;
  /** To be tried now and then. */
  readonly others: readonly string[];
  /** Ids after which shadows repeat, without a divisor in common with the turns, and what they travel with. */
  readonly shadow: { readonly period: number; readonly codec: string } | undefined;
  /** Frames after which the turns of this route repeat; 1: it gets every frame. */
  readonly turnsOf: number;
}

export function scheduled({ codec, others, shadow, turnsOf }: CodecSchedule): CodecCycle {
  const period = shadow?.period ?? 1;
  const tried = shadow === undefined || period >= PERIOD_WITH_ROOM ? others : [];
  const length = period * periodsFor(Math.ceil((tried.length * TRY_EVERY) / period), Math.floor(CODEC_CYCLE_MAX / period), turnsOf);
  const cycle = new Array<string>(length).fill(codec);
  if (shadow !== undefined) for (let end = period; end <= length; end += period) cycle[end - 1] = shadow.codec;
  for (const [index, other] of tried.entries()) {
    const at = Math.floor(((index + 0.5) * length) / tried.length);
    const comparedBy = shadow === undefined ? 0 : Math.max(0, (at % period) + PERIOD_WITH_ROOM - period);
    cycle[at - comparedBy] = other;
  }
  return cycle.every((each) => each === codec) ? [codec] : cycle;
}

/** All of them in turns, one right after the other. */
export function inTurns(codecs: readonly string[], turnsOf: number): CodecCycle {
  const length = periodsFor(codecs.length, CODEC_CYCLE_MAX, turnsOf);
  return Array.from({ length }, (_, index) => codecs[index] ?? codecs[0]!);
}

/** As many as wanted or a few more, and no divisor in common with the turns; less where more than `most` were needed. */
export function periodsFor(wanted: number, most: number, turnsOf: number): number {
  const least = Math.min(Math.max(1, wanted), most);
  for (let count = least; count <= most; count += 1) if (greatestDivisor(count, turnsOf) === 1) return count;
  for (let count = least; count > 1; count -= 1) if (greatestDivisor(count, turnsOf) === 1) return count;
  return 1;
}
