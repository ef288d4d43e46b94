/**
 * Watches over a plan that works: is there a reason to go on with another one?
 *
 *     a device is draining            ──▶ around it, at once
 *     a stage is much slower than it was  ┐
 *     a device came, and could help       ┴──▶ a better plan, when it promises enough and has for a while (controller/recovery/replan-decision.ts)
 *
 * It looks once a second. A wish is made once; whoever carries it out says how that went.
 */
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import type { StageMeasurement } from '../../mesh/measurement.ts';
import { planPeriod } from '../../partition/flow/plan-shape.ts';
import type { Plan } from '../../partition/plan.ts';
import { LOOK_EVERY_MS, ReplanDecider } from '../recovery/replan-decision.ts';
import { SlowWatch } from '../recovery/slow-watch.ts';
import { OutputPace } from './output-pace.ts';
import type { Candidate, Measured } from './replan.ts';

/** The run should go on without devices, or with another plan. */
export interface PlanWish {
  /** For a person. */
  readonly why: string;
  /** Undefined: whatever does without the devices that are to be left. */
  readonly candidate: Candidate | undefined;
}

export interface PlanWatchOptions {
  readonly clock: Clock;
  /** The best other plan that is known. */
  readonly candidate: () => Candidate | undefined;
  /** What is watched. */
  readonly plan: () => Plan;
  /** Frames that are still to come. */
  readonly remaining: () => number;
  /** Milliseconds between frames of an open loop. */
  readonly demandMs: number | undefined;
}

/** What a change costs: no frame leaves the source while the streams of the new plan open. */
const SWITCH_MS = 500;

export class PlanWatch {
  readonly #options: PlanWatchOptions;
  readonly #decider = new ReplanDecider();
  readonly #timer: Timer;
  /** Stage and device → how fast it is. */
  readonly #stages = new Map<string, { readonly device: string; readonly watch: SlowWatch }>();
  #wish = Promise.withResolvers<PlanWish>();
  readonly #pace = new OutputPace();

  constructor(options: PlanWatchOptions) {
    this.#options = options;
    this.#timer = every(options.clock, LOOK_EVERY_MS, () => this.#look());
  }

  /** Resolves with the next wish. */
  get wish(): Promise<PlanWish> {
    return this.#wish.promise;
  }

  /** Devices of the plan are to be left. */
  leave(why: string): void {
    this.#wish.resolve({ why, candidate: undefined });
  }

  /** A frame came out. */
  arrived(): void {
    this.#pace.arrived(this.#options.clock.now());
  }

  add(rows: readonly StageMeasurement[]): void {
    const nowMs = this.#options.clock.now();
    for (const { stage, device, computeUs } of rows) {
      const key = keyOf(stage, device);
      const known = this.#stages.get(key) ?? { device, watch: new SlowWatch() };
      this.#stages.set(key, known);
      known.watch.computed(computeUs / 1000, nowMs);
    }
  }

  /** The run goes on with another plan, by wish or because something broke; or a wish could not be carried out. */
  changed(because: 'decided' | 'broken'): void {
    this.#wish = Promise.withResolvers();
    this.#pace.restart();
    this.#decider.changed(this.#options.clock.now(), because);
  }

  /**
   * Compute times and slowness go together: both are of the same frames. A device that takes three times as long, by times of when it did not yet, would be said
   * to have been three times as fast before.
   */
  measured(): Pick<Measured, 'computeMs' | 'slowness'> {
    const computeMs = this.#options.plan().stages.flatMap(({ id, device }): [string, number][] => {
      const recentMs = this.#stages.get(keyOf(id, device))?.watch.recentMs;
      return recentMs === undefined ? [] : [[id, recentMs]];
    });
    const slowness = new Map<string, number>();
    for (const { device, watch } of this.#stages.values()) slowness.set(device, Math.max(slowness.get(device) ?? 1, watch.ratio));
    return { computeMs: new Map(computeMs), slowness };
  }

  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const { clock, candidate, plan, remaining, demandMs } = this.#options;
    const nowMs = clock.now();
    const presentMs = this.#pace.msSinceLook(planPeriod(plan()));
    const other = candidate();
    const { change, reason } = this.#decider.look({
      nowMs,
      presentMs,
      candidateMs: other === undefined || presentMs === undefined ? undefined : presentMs * other.ratio,
      switchMs: SWITCH_MS,
      remaining: { frames: remaining() },
      ...(demandMs === undefined ? {} : { demandMs }),
    });
    if (change) this.#wish.resolve({ why: `${other!.what} promises ${reason}`, candidate: other });
  }
}

function keyOf(stage: string, device: string): string {
  return `${stage} ${device}`;
}
