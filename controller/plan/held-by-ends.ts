/**
 * Was it source and sink that kept frames from following each other faster? They were, when no device was busy.
 *
 *     compute × its part of the frames ÷ period     1: the device never rested      0.1: it waited nine tenths of the time
 */
import type { Plan } from '../../partition/plan.ts';

/** When all devices rest for more than this, frames wait for something else. */
const IDLE_SHARE = 0.4;
/** Frames that it takes to say so: the first ones travel alone. */
const FRAMES_MIN = 50;

/** `computeMs`: of each stage for a frame; `periodMs`: between arrivals. */
export function isHeldByEnds({ stages, routes }: Plan, computeMs: ReadonlyMap<string, number>, frames: number, periodMs: number): boolean {
  if (frames < FRAMES_MIN) return false;
  return stages.every(({ id }) => {
    const turns = routes.find(({ to }) => to === id)?.turns;
    const part = turns === undefined ? 1 : turns.at.length / turns.of;
    return ((computeMs.get(id) ?? 0) * part) / periodMs <= 1 - IDLE_SHARE;
  });
}

/**
 * How fast frames can follow each other at most, after a run; `known`: what was thought before. A run that was held shows it; one that was faster than
 * was thought possible, held or not, shows that it was wrong: else no plan that is better would ever be looked for again.
 */
export function frameMsAfter(
  known: number | undefined,
  plan: Plan,
  computeMs: ReadonlyMap<string, number>,
  frames: number,
  periodMs: number,
): number | undefined {
  if (isHeldByEnds(plan, computeMs, frames, periodMs)) return periodMs;
  return known === undefined ? undefined : Math.min(known, periodMs);
}
