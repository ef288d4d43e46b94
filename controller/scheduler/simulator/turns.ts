/** Turns of a plan's routes: which frames go where, as masks over the frames after which everything repeats. */
import { MeshError } from '../../../mesh/error.ts';
import type { Plan, Route } from '../../../partition/plan.ts';

/** Which frames a route carries: those whose id modulo `of` is in `at`. Absent: all of them. */
export interface Turns {
  readonly of: number;
  readonly at: readonly number[];
}

/** Longer patterns are refused: nobody could tell what they are for. */
const PERIOD_MAX = 65_536;

export function turnsOf(route: Route): Turns | undefined {
  return (route as Route & { readonly turns?: Turns }).turns;
}

export function sameTurns(a: Turns | undefined, b: Turns | undefined): boolean {
  return a?.of === b?.of && a?.at.join() === b?.at.join();
}

/** How much of all frames goes this way. */
export function portionOf(turns: Turns | undefined): number {
  return turns === undefined ? 1 : turns.at.length / turns.of;
}

/** Frames after which all turns of the plan repeat; 1 without any. */
export function periodOf({ routes }: Plan): number {
  let period = 1;
  for (const route of routes) {
    const of = turnsOf(route)?.of ?? 1;
    period = (period / divisor(period, of)) * of;
    if (period > PERIOD_MAX)
      throw new MeshError('invalid', `the turns of this plan repeat only every ${period} frames, at most ${PERIOD_MAX}`);
  }
  return period;
}

/** The frames of a period that a stage gets: 1 where it does. */
export function framesAt(plan: Plan, stage: string, period: number): Uint8Array {
  const mask = new Uint8Array(period);
  for (const route of plan.routes) {
    if (route.to !== stage) continue;
    const turns = turnsOf(route);
    for (const frame of mask.keys()) if (turns === undefined || turns.at.includes(frame % turns.of)) mask[frame] = 1;
  }
  return mask;
}

function divisor(a: number, b: number): number {
  return b === 0 ? a : divisor(b, a % b);
}
