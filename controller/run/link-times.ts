/**
 * What the run's frames say of links: rows are of routes between stages, and the plan of their epoch says between which devices those are.
 *
 *     epoch 2, stage1 → stage2: 800 kB in 9 ms ──▶ pa → pc: 89 kB/ms          (controller/recovery/link-watch.ts)
 *                                             └──▶ stage1 → stage2: 800 kB a frame, wherever they sit
 */
import type { Epoch } from '../../mesh/frame.ts';
import type { LinkMeasurement } from '../../mesh/measurement.ts';
import { median } from '../../mesh/ranked.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import type { Plan } from '../../partition/plan.ts';
import { LARGE_BYTES_MIN, type LinkSpeed, LinkWatch } from '../recovery/link-watch.ts';
import type { RunLinks } from './replan.ts';

/** Epochs whose last rows may still come. */
const PLANS_MAX = 8;
const RECENT_FRAMES = 32;

/** Of the stages of a plan. */
interface Names {
  /** Stage → device. */
  readonly placement: ReadonlyMap<string, string>;
  /** Replica → the stage that it is one of. */
  readonly groups: ReadonlyMap<string, string>;
}

export class LinkTimes implements RunLinks {
  readonly #now: () => number;
  readonly #watch = new LinkWatch();
  readonly #plans = new Map<Epoch, Names>();
  /** Stage or source → stage or sink, as they are without replicas → wire bytes of its last frames. */
  readonly #bytes = new Map<string, Map<string, number[]>>();

  /** `now`: milliseconds, monotonic. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Rows of this plan's epoch come from now on. */
  follow(plan: Plan): void {
    const groups = new Map(plan.stages.map(({ id, replicaOf }) => [id, replicaOf ?? id]));
    this.#plans.set(plan.epoch, { placement: placementOf(plan), groups });
    if (this.#plans.size > PLANS_MAX) this.#plans.delete(this.#plans.keys().next().value!);
  }

  /** A row of that epoch. */
  add(epoch: Epoch, row: LinkMeasurement): void {
    const { from, to, rawBytes, wireBytes, occupiedUs, encodeUs } = row;
    const plan = this.#plans.get(epoch);
    if (plan === undefined || rawBytes < LARGE_BYTES_MIN) return;
    const { placement, groups } = plan;
    const [p, q] = [placement.get(from) ?? from, placement.get(to) ?? to];
    // A frame that travels alone occupies the route while it is encoded, too; that is not the link's doing.
    const us = Math.max(occupiedUs - encodeUs, occupiedUs / 4);
    if (p !== q) this.#watch.travelled(p, q, { rawBytes, wireBytes, occupiedMs: us / 1000 }, this.#now());
    const [a, b] = [groups.get(from) ?? from, groups.get(to) ?? to];
    const ofRoute = this.#bytes.get(a) ?? new Map<string, number[]>();
    this.#bytes.set(a, ofRoute.set(b, [...(ofRoute.get(b) ?? []), wireBytes].slice(-RECENT_FRAMES)));
  }

  bytes(from: string, to: string): number | undefined {
    const recent = this.#bytes.get(from)?.get(to);
    return recent === undefined ? undefined : median(recent);
  }

  speed(from: string, to: string): LinkSpeed | undefined {
    return this.#watch.speed(from, to, this.#now());
  }

  estimate(from: string, to: string): number | undefined {
    return this.#watch.estimate(from, to, this.#now());
  }
}
