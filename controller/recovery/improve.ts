/**
 * A plan that works, and whether one stage elsewhere would make it faster.
 *
 *     pi1   a b     12 ms per frame ◀── the bottleneck        pi1   a       8 ms ◀── the bottleneck
 *     pi2   c        7 ms                              ──▶    pi2   c       7 ms
 *     pi3            (came back)                              pi3   b       4 ms
 *
 * One move at a time, of a stage on the busiest device: plans that need more moves are reached one after the other, each of which pays. By
 * compute times alone, with the model of seating.ts; what is predicted is a proportion, to be applied to what is measured.
 */
import { SeatCosts, type SeatDevice, type SeatedStage } from './seating.ts';

export interface Improvement {
  readonly stage: string;
  readonly from: string;
  readonly to: string;
  /** Bottleneck after over bottleneck before, below 1. */
  readonly ratio: number;
}

/** The best move; undefined when none makes the bottleneck smaller. Replicas stay: they share their work already. Deterministic. */
export function improve(stages: readonly SeatedStage[], devices: readonly SeatDevice[]): Improvement | undefined {
  const costs = new SeatCosts(stages, devices);
  const before = loadsOf(stages, costs);
  const busiest = [...before].reduce((most, load) => (load[1] > most[1] ? load : most));
  const movable = stages.filter(({ seats }) => seats.length === 1 && seats[0]!.device === busiest[0]);
  let best: Improvement | undefined;
  for (const stage of movable) {
    for (const { name, freeBytes = Number.POSITIVE_INFINITY } of devices) {
      if (name === busiest[0] || (stage.memoryBytes ?? 0) > freeBytes) continue;
      const moved = stages.map((each) => (each === stage ? { ...each, seats: [{ device: name, share: 1 }] } : each));
      const ratio = Math.max(...loadsOf(moved, costs).values()) / busiest[1];
      if (ratio < (best?.ratio ?? 1)) best = { stage: stage.id, from: busiest[0], to: name, ratio };
    }
  }
  return best;
}

/** Device → milliseconds per frame. */
function loadsOf(stages: readonly SeatedStage[], costs: SeatCosts): Map<string, number> {
  const loads = new Map<string, number>();
  for (const { id, seats } of stages) {
    const shares = seats.reduce((sum, { share }) => sum + share, 0);
    for (const { device, share } of seats) loads.set(device, (loads.get(device) ?? 0) + costs.computeMs(id, share / shares, device));
  }
  return loads;
}
