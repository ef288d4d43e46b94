/**
 * One stage for each device in their order, each as long as a limit allows; the smallest limit, by bisection.
 * (The profiling-based partitioner of Coral: segments of an Edge TPU pipeline, measured and moved until the slowest is no slower than it must be.)
 */
import type { Costs } from '../costs.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';
import { planOfEnds, prefix } from './prefixes.ts';
import type { Strategy } from './strategy.ts';

/** Bisections until the limit is known as well as the times are. */
const STEPS = 50;

export const coral: Strategy = {
  name: 'coral',
  summary: 'one stage per device in their order, by bisection (Coral)',
  plan: (costs: Costs): PipelinePlan | undefined => {
    const { lattice, fleet } = costs;
    const layers = lattice.workload.flow.count;
    const devices = fleet.devices.map((_, device) => device);
    /** Where cuts are made, in order, and the end. */
    const places = Array.from({ length: layers }, (_, index) => ({ end: index + 1, set: prefix(lattice, index + 1) })).filter(
      (place): place is { end: number; set: number } => place.set !== undefined,
    );
    /** Each device takes layers until the limit; whether all are taken in the end. */
    const fill = (limit: number): readonly number[] | undefined => {
      let taken = 0;
      const ends = devices.map((device) => {
        const from = places[taken - 1]?.set ?? 0;
        const memoryMax = fleet.devices[device]!.memoryBytes;
        const isRoom = (set: number): boolean => lattice.compute(from, set, device) <= limit && lattice.memoryBytes(from, set) <= memoryMax;
        while (taken < places.length && isRoom(places[taken]!.set)) taken += 1;
        return places[taken - 1]?.end ?? 0;
      });
      return taken === places.length ? ends : undefined;
    };
    let [low, high] = [0, Math.max(...devices.map((device) => lattice.computeSum(lattice.last, device)))];
    let best = fill(high);
    for (let step = 0; step < STEPS && best !== undefined; step += 1) {
      const middle = (low + high) / 2;
      const ends = fill(middle);
      if (ends === undefined) low = middle;
      else [best, high] = [ends, middle];
    }
    return best === undefined ? undefined : planOfEnds(lattice, best, devices);
  },
};
