/**
 * How frames flow through a plan, as far as whoever feeds it must know.
 *
 *     ways    frames that pass the same stages; one way without replicas, else as many as there are combinations of turns
 *     ahead   frames that may wait at the source's routes at once: one, or as many as bring each replica one, so that a replica that is
 *             late does not keep the others waiting
 *     probes  the first frames travel alone, for the latency of an empty pipeline: each stage gets some of them. Frames that never meet at a
 *             stage may do so at the same time
 */
import { type FrameId, SOURCE } from '../../mesh/frame.ts';
import type { Plan } from '../plan.ts';
import { aheadFrom, depthOfPlan, detourTo, framesAt, planPeriod } from './plan-shape.ts';
import { PROBE_FRAMES, stageWindow } from './window.ts';

export interface Flow {
  /** See depthOfPlan. */
  readonly depth: number;
  readonly ahead: number;
  readonly probeFrames: number;
  readonly probesAtOnce: number;
  readonly ways: (id: FrameId) => number;
}

/** More would take longer than they are worth. */
const PROBE_FRAMES_MAX = 16;

/** Without replicas. */
export function oneWay(depth: number): Flow {
  return { depth, ahead: 1, probeFrames: PROBE_FRAMES, probesAtOnce: 1, ways: () => 0 };
}

export function flowOf(plan: Plan): Flow {
  const depth = depthOfPlan(plan);
  const period = planPeriod(plan);
  if (period === 1) return oneWay(depth);
  const frames = plan.stages.map(({ id }) => framesAt(plan, id, period));
  const wayAt = waysOf(frames, period);
  const apart = frames.map((mask) => Math.floor(period / mask.reduce((sum, each) => sum + each, 0)));
  return {
    depth,
    ahead: aheadFrom(plan, SOURCE),
    probeFrames: probeFrames(frames, period),
    probesAtOnce: Math.min(...apart),
    ways: (id) => wayAt[Number(id % BigInt(period))]!,
  };
}

/** Frames that a stage may hold of each route. */
export function stageWindowOf(plan: Plan, stage: string): number {
  return stageWindow(detourTo(plan, stage), aheadFrom(plan, stage));
}

/** Frame of the period → number of its way. */
function waysOf(frames: readonly Uint8Array[], period: number): number[] {
  const ways = new Map<string, number>();
  return Array.from({ length: period }, (_, frame) => {
    const passed = frames.map((mask) => mask[frame]).join('');
    const way = ways.get(passed) ?? ways.size;
    ways.set(passed, way);
    return way;
  });
}

/** So many that each stage gets PROBE_FRAMES. */
function probeFrames(frames: readonly Uint8Array[], period: number): number {
  const got = frames.map(() => 0);
  let count = 0;
  while (count < PROBE_FRAMES_MAX && got.some((each) => each < PROBE_FRAMES)) {
    for (const [index, mask] of frames.entries()) got[index]! += mask[count % period]!;
    count += 1;
  }
  return count;
}
