/**
 * What a run does about a loss: who is to blame, who is not used any more, with which plan it goes on.
 *
 *     device lost            ──▶ without the device, until it is heard of again
 *     stage failed by itself ──▶ again; the second time without progress rather elsewhere; its frames one at a time (quarantine)
 *     stream lost            ──▶ again; the second time without progress rather elsewhere
 *
 * It gives up when there is nothing to go on with, or when a stage fails again and again without getting anything done.
 */
import { pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import { termOf } from '../../mesh/run-order.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import { abortable, Bell } from '../abortable.ts';
import { type FailedFrame, Quarantine } from '../recovery/quarantine.ts';
import type { Deployment } from './deployment.ts';
import type { Execution, Workplace } from './execution.ts';
import { failureOf, type Verdict } from './failure.ts';
import type { Planned } from './planned.ts';
import type { Candidate, Measured, ReplanRequest } from './replan.ts';

/** Failures of a stage on one device without any progress, from which on another device is preferred. */
const AVOID_AFTER = 2;
/** Failures without any progress, from which on the run gives up; those of one stage when no frame has ever come out: then the model is to blame. */
const GIVE_UP_AFTER = 6;
/** And not before so long without progress: a link may be cut for some seconds. */
const GIVE_UP_AFTER_MS = 15_000;
/** How long devices that are gone are waited for when nothing fits without them. */
const RETURN_MS = 3_000;
const GIVE_UP_AT_FIRST_AFTER = 2;
/** Frames in a row that killed their stage: then it is not the frames. */
const FAILED_FRAMES_MAX = 3;

/** How the run goes on. */
export interface Course {
  readonly planned: Planned;
  /** To be committed as failed: it killed its stage again and again. */
  readonly failed: FailedFrame | undefined;
}

/** Where the run stands when something is lost. */
export interface Standing {
  /** All frames below are acknowledged. */
  readonly acknowledged: FrameId;
  /** The first frame that has not been sent in this epoch. */
  readonly next: FrameId;
  readonly measured: Measured;
}

type RecoveryExecution = Pick<Execution, 'model' | 'plan' | 'spares'>;
type RecoveryPlace = Pick<Workplace, 'clock' | 'replanner'>;

export class Recovery {
  readonly #execution: RecoveryExecution;
  readonly #place: RecoveryPlace;
  readonly #quarantine = new Quarantine();
  readonly #gone = new Set<string>();
  /** Device, and stage with its device → failures since the last progress. */
  readonly #strikes = new Map<string, number>();
  #strikesInAll = 0;
  /** When the first failure since the last progress was. */
  #stuckSinceMs: number | undefined;
  readonly #signal: AbortSignal;
  readonly #returns = new Bell();
  #acknowledged: FrameId = 0n;
  #epoch: Epoch;

  /** `signal` gives up waiting. */
  constructor(execution: RecoveryExecution, place: RecoveryPlace, signal: AbortSignal) {
    this.#signal = signal;
    this.#execution = execution;
    this.#place = place;
    this.#epoch = execution.plan.epoch;
  }

  /** Devices that do not answer. */
  get gone(): ReadonlySet<string> {
    return this.#gone;
  }

  /** How many frames may be on their way; undefined: no matter. */
  get limit(): number | undefined {
    return this.#quarantine.windowMax;
  }

  deviceGone(device: string): void {
    this.#gone.add(device);
  }

  /** It is heard of again. */
  deviceBack(device: string): void {
    this.#gone.delete(device);
    this.#returns.ring();
    for (const key of this.#strikes.keys()) if (key === device || key.endsWith(`@${device}`)) this.#strikes.delete(key);
  }

  acknowledged(next: FrameId): void {
    if (next <= this.#acknowledged) return;
    this.#acknowledged = next;
    this.#quarantine.acknowledged(next);
    this.#strikes.clear();
    this.#strikesInAll = 0;
    this.#stuckSinceMs = undefined;
  }

  /** A running epoch was lost. Error `lost`, naming stage and device, when there is nothing to go on with. */
  async after(verdict: Verdict, { plan, planned }: Deployment, standing: Standing): Promise<Course> {
    const failure = failureOf(verdict, placementOf(plan));
    let failed: FailedFrame | undefined;
    if (verdict.kind === 'device-lost') this.deviceGone(verdict.device);
    else {
      this.#strike(verdict.device, verdict.stage);
      if (verdict.kind === 'stage-failed') {
        failed = this.#quarantine.crashed(standing.acknowledged, standing.next - 1n, verdict.reason);
        if (this.#quarantine.failedInARow >= FAILED_FRAMES_MAX) throw failure;
      }
      const ofStage = verdict.kind === 'stage-failed' ? this.#strikesOf(`${verdict.stage}@${verdict.device}`) : 0;
      const hopeless = standing.acknowledged === 0n && ofStage >= GIVE_UP_AT_FIRST_AFTER;
      if (failed === undefined && (hopeless || this.#stuck)) throw failure;
    }
    const next = await this.#replan(planned, standing.measured, failure);
    // One that hangs, or that others lost, may be there still; that it answers now would prove nothing.
    const distrusted = verdict.kind === 'stalled' || verdict.kind === 'peer-lost' ? verdict.stage : undefined;
    return { planned: distrusted === undefined ? next : { ...next, fresh: new Set([distrusted]) }, failed };
  }

  /** A plan could not be brought up. Throws `error` when that is no reason to try another. */
  async instead(
    { plan, planned, refusedBy }: Pick<Deployment, 'plan' | 'planned' | 'refusedBy'>,
    error: MeshError,
    measured: Measured,
  ): Promise<Planned> {
    const unanswered = error.code === 'lost' || error.code === 'unreachable' || error.code === 'timeout';
    const full = error.code === 'exhausted' || error.code === 'denied' || error.code === 'conflict';
    // What ran before and ends while it is loaded was killed, as a rule.
    const died = error.code === 'failed';
    // At the beginning a person is there who chose the devices and can choose others; where a later process goes on with a run nobody is.
    const chosen = plan.epoch === this.#execution.plan.epoch && termOf(plan.epoch) === 1;
    if (!unanswered && (!(full || died) || chosen)) throw error;
    if (refusedBy === undefined || died) {
      if (refusedBy === undefined) this.#struck();
      else this.#strike(refusedBy, undefined);
      if (this.#stuck) throw error;
    } else this.deviceGone(refusedBy);
    return await this.#replan(planned, measured, error);
  }

  /** Devices are to be left that work: with which plan. A text: why there is none. */
  async around({ planned }: Deployment, measured: Measured): Promise<Planned | string> {
    return await this.#ask(planned, measured, () => false);
  }

  /** A plan that is better than the present one, if one is known. */
  candidate(planned: Planned | undefined, measured: Measured): Candidate | undefined {
    if (planned === undefined) return undefined;
    return this.#place.replanner.improve({ ...measured, planned, without: this.#gone });
  }

  /** What a candidate promised, to be carried out; or why it can't be: also because the present plan was lost meanwhile. */
  async carriedOut({ make }: Candidate, present: Deployment): Promise<Planned | string> {
    try {
      const made = await abortable(Promise.race([make(), present.lost]), this.#signal);
      if ('kind' in made) return made.reason;
      this.#epoch += 1n;
      return { ...made, plan: { ...made.plan, epoch: this.#epoch } };
    } catch (error) {
      this.#signal.throwIfAborted();
      return MeshError.from(error).message;
    }
  }

  async #replan(planned: Planned, measured: Measured, failure: MeshError): Promise<Planned> {
    const disliked = (stage: string, device: string): boolean =>
      this.#strikesOf(device) >= AVOID_AFTER || this.#strikesOf(`${stage}@${device}`) >= AVOID_AFTER;
    let why = '';
    const waitUntilMs = this.#place.clock.now() + RETURN_MS;
    for (let attempt = 0; ; attempt += 1) {
      const avoid = attempt === 0 ? disliked : () => false;
      const found = await this.#ask(planned, measured, avoid);
      if (typeof found !== 'string') return found;
      why = found;
      if (attempt > 0 && !(await this.#anyBack(waitUntilMs))) break;
    }
    throw new MeshError(failure.code, `${failure.message}; ${this.#execution.model} can't go on without it: ${why}`, {
      cause: failure,
      ...(failure.hint === undefined ? {} : { hint: failure.hint }),
    });
  }

  /** For a plan of a new epoch. */
  #ask(planned: Planned, measured: Measured, avoid: ReplanRequest['avoid']): Promise<Planned | string> {
    this.#epoch += 1n;
    const { spares } = this.#execution;
    return this.#place.replanner.replan({ ...measured, planned, epoch: this.#epoch, without: this.#gone, avoid, spares });
  }

  /** Whether a device came back before then; false at once when none is gone. */
  async #anyBack(untilMs: number): Promise<boolean> {
    const { clock } = this.#place;
    const leftMs = untilMs - clock.now();
    if (this.#gone.size === 0 || leftMs <= 0) return false;
    const over = new AbortController();
    const late = pause(clock, leftMs, over.signal).then(
      () => false,
      () => false,
    );
    const back = this.#returns.wait().then(() => true);
    return await abortable(Promise.race([back, late]), this.#signal).finally(() => over.abort());
  }

  get #stuck(): boolean {
    const { clock } = this.#place;
    return this.#strikesInAll >= GIVE_UP_AFTER && clock.now() - (this.#stuckSinceMs ?? clock.now()) >= GIVE_UP_AFTER_MS;
  }

  #struck(): void {
    this.#strikesInAll += 1;
    this.#stuckSinceMs ??= this.#place.clock.now();
  }

  #strikesOf(key: string): number {
    return this.#strikes.get(key) ?? 0;
  }

  #strike(device: string, stage: string | undefined): void {
    const key = stage === undefined ? device : `${stage}@${device}`;
    this.#strikes.set(key, (this.#strikes.get(key) ?? 0) + 1);
    this.#struck();
  }
}
