/**
 * Carries out a run: a stream of frames through one plan, and through another when the first can't go on or another is better.
 *
 *     source ══ frames ══▶ epoch 1 ══▶ sink          epoch 2 is brought up beside epoch 1 (make before break), then the source goes over:
 *        ╚═══════════════▶ epoch 2 ══▶ ╝                after a loss with everything that is not acknowledged, else with the next frame
 *
 * Source, sink and measurements live as long as the run; a deployment as long as its epoch (epochs.ts). What is lost is found by the deployment's
 * failure watch; recovery decides what to do about it. Whatever happens, the stages are retired in the end.
 */
import { every } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import { flowOf } from '../../partition/flow/flow.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import { abortable } from '../abortable.ts';
import type { FailedFrame } from '../recovery/quarantine.ts';
import { Acknowledgements } from './acknowledgements.ts';
import type { Deployment } from './deployment.ts';
import { DeviceWatch } from './device-watch.ts';
import { EpochLog } from './epoch-log.ts';
import { Epochs } from './epochs.ts';
import type { Executed, Execution, Workplace } from './execution.ts';
import { failureOf, type Verdict } from './failure.ts';
import { Measurements } from './measurements.ts';
import { movesOf } from './moves.ts';
import { PlanWatch, type PlanWish } from './plan-watch.ts';
import type { Planned } from './planned.ts';
import { Recovery } from './recovery.ts';
import type { Measured } from './replan.ts';
import type { Phase } from './run-events.ts';
import { Sink } from './sink.ts';
import { Source } from './source.ts';

const RECORD_MS = 500;

/**
 * Errors: `lost` naming stage and device when nothing is left to go on with; whatever a device refuses a stage with; `cancelled` when the person
 * stopped it.
 */
export async function execute(execution: Execution, place: Workplace): Promise<Executed> {
  const run = new Run(execution, place);
  try {
    return await run.run();
  } finally {
    await run.end();
  }
}

class Run {
  readonly #execution: Execution;
  readonly #place: Workplace;
  /** Ends the run for a reason that no plan can mend: a sink that can't write, the person. */
  readonly #fatal = new AbortController();
  readonly #measurements: Measurements;
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #recovery: Recovery;
  readonly #epochs: Epochs;
  readonly #planWatch: PlanWatch;
  readonly #devices: DeviceWatch;
  readonly #log: EpochLog;
  readonly #failed: FailedFrame[] = [];
  readonly #acknowledgements: Acknowledgements;
  readonly #cleanups: (() => void)[] = [];
  #current: Deployment | undefined;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(execution: Execution, place: Workplace) {
    this.#execution = execution;
    this.#place = place;
    const { plan, run } = execution;
    const { clock, bus, subjects, server } = place;
    const { signal } = this.#fatal;
    this.#log = new EpochLog(clock.now);
    this.#recovery = new Recovery(execution, place, signal);
    this.#measurements = new Measurements(bus, subjects, run, clock);
    this.#source = new Source({ ...execution, flow: flowOf(plan), clock, signal });
    this.#sink = new Sink({
      consumers: execution.consumers,
      ...(execution.first === undefined ? {} : { first: execution.first }),
      indexOf: (id) => this.#source.indexOf(id)!,
      acknowledge: (next) => this.#acknowledge(next),
      onArrival: (frame, atMs) => this.#arrived(frame, atMs),
      onFailed: (error) => this.#fatal.abort(MeshError.from(error)),
      now: clock.now,
    });
    this.#epochs = new Epochs({
      execution,
      place,
      recovery: this.#recovery,
      sink: this.#sink,
      measurements: this.#measurements,
      measured: () => this.#measured,
      signal,
    });
    this.#planWatch = new PlanWatch({
      clock,
      candidate: () => this.#recovery.candidate(this.#current?.planned, this.#measured),
      plan: () => this.#current?.plan ?? plan,
      remaining: () => this.#source.remaining,
      demandMs: execution.rateFps === undefined ? undefined : 1000 / execution.rateFps,
    });
    this.#devices = new DeviceWatch({
      epochs: this.#epochs,
      recovery: this.#recovery,
      planWatch: this.#planWatch,
      plan: () => this.#current?.plan,
    });
    const record = (): void => {
      const rows = this.#measurements.drain();
      execution.record(rows);
      execution.codecs.measured(rows);
      this.#planWatch.add(rows.stages);
    };
    const timer = every(clock, RECORD_MS, record);
    this.#acknowledgements = new Acknowledgements({
      bus,
      subject: subjects.ack(run),
      clock,
      epoch: () => this.#current?.epoch,
      next: () => this.#sink.safe,
    });
    this.#cleanups.push(
      () => timer.cancel(),
      () => this.#acknowledgements.close(),
      record,
      server.serveRun(run, this.#epochs),
      () => this.#planWatch.close(),
      () => this.#measurements.close(),
    );
  }

  async run(): Promise<Executed> {
    this.#listen();
    const { plan, models } = this.#execution;
    this.#say('deploy');
    const first = await this.#epochs.bringUp({ plan, models }, () => this.#sink.next);
    this.#source.replay(first);
    this.#adopt(first, 0, 'the run begins');
    this.#devices.leaveDraining();
    this.#execution.codecs.begin(async (changes) => {
      await this.#epochs.recode(changes);
      return BigInt(this.#source.sent);
    });
    this.#say('stream');
    void this.#epochs.warm(first.planned);
    await this.#stream();
    this.#say('retire');
    this.#epochs.leave(this.#current!);
    await this.#epochs.left();
    const { uses } = this.#epochs;
    const missing = await this.#measurements.complete(uses);
    if (missing.length > 0) {
      const message = `some measurements of ${missing.join(', ')} did not arrive in time; the tables lack them`;
      this.#place.watcher({ kind: 'warning', message });
    }
    return {
      plan: this.#current!.plan,
      delivery: this.#sink.count(this.#source.sent),
      arrivals: this.#source.counts,
      loaded: this.#current!.loaded,
      uses,
      epochs: this.#log.epochs,
      failed: this.#failed,
      elapsedMs: this.#lastMs - (this.#firstMs ?? this.#lastMs),
      window: this.#source.window,
      inputTitle: this.#execution.input.title,
    };
  }

  /** Leaves nothing behind, however the run ended. */
  async end(): Promise<void> {
    await this.#epochs.close();
    for (const cleanup of this.#cleanups) cleanup();
  }

  #listen(): void {
    const { signal, onDevice } = this.#place;
    const stop = (): void => this.#fatal.abort(new MeshError('cancelled', 'interrupted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#cleanups.push(
      () => signal.removeEventListener('abort', stop),
      onDevice((change) => this.#devices.changed(change)),
    );
  }

  /** Until every frame is acknowledged, in however many epochs. */
  async #stream(): Promise<void> {
    const done = this.#source.run().then(() => 'done' as const);
    done.catch(() => {});
    for (;;) {
      // In this order: what is done needs no other plan, and what is lost no better one.
      const happened = await Promise.race([done, this.#current!.lost, this.#planWatch.wish]);
      if (happened === 'done') return;
      if ('kind' in happened) await this.#recover(happened);
      else await this.#change(happened);
    }
  }

  /** The present epoch is lost: nothing of it counts any more, and another one begins again with what is not committed. */
  async #recover(verdict: Verdict): Promise<void> {
    const lost = this.#current!;
    this.#log.lost();
    const next = this.#source.hold();
    lost.cut();
    const standing = { acknowledged: this.#source.acknowledged, next, measured: this.#measured };
    const { planned, failed } = await this.#recovery.after(verdict, lost, standing);
    this.#place.watcher({
      kind: 'lost',
      what: failureOf(verdict, placementOf(lost.plan)).message,
      moves: movesOf(lost.plan, planned.plan),
    });
    if (failed !== undefined) {
      this.#failed.push(failed);
      this.#sink.fail(failed.frame);
    }
    await this.#again(lost, planned, verdict.reason);
  }

  /** The epoch before is cut, and the source holds: with another plan, from what is not committed on. */
  async #again(before: Deployment, planned: Planned, why: string): Promise<void> {
    const { next: sentTo } = this.#source;
    // What is committed is not computed again, also when it is not safe yet and so not acknowledged: stages wait for every frame from the first on.
    let first = this.#sink.next;
    const next = await this.#epochs.bringUp(planned, () => {
      first = this.#sink.next;
      return first;
    });
    const replayed = Number(sentTo > first ? sentTo - first : 0n);
    this.#source.limit(this.#recovery.limit);
    this.#source.replay(next, first);
    this.#adopt(next, replayed, why);
    this.#epochs.leave(before);
    this.#planWatch.changed('broken');
    this.#devices.leaveDraining();
  }

  /** The present epoch is well, but another is wanted: it takes over with the first frame that has not been sent, while the last ones of this epoch leave it. */
  async #change({ why, candidate }: PlanWish): Promise<void> {
    const before = this.#current!;
    const planned =
      candidate === undefined ? await this.#recovery.around(before, this.#measured) : await this.#recovery.carriedOut(candidate, before);
    if (typeof planned !== 'string' && planned.alone === true) {
      this.#source.hold();
      before.cut();
      this.#place.watcher({ kind: 'changed', why, moves: movesOf(before.plan, planned.plan) });
      return await this.#again(before, planned, why);
    }
    const next = typeof planned === 'string' ? planned : await this.#epochs.besides(before, planned, this.#source);
    // A device that is left promises nothing.
    this.#planWatch.changed(candidate === undefined ? 'broken' : 'decided');
    if (typeof next === 'string') return this.#place.watcher({ kind: 'warning', message: `${why}, but the run stays as it is: ${next}` });
    const first = this.#source.next;
    this.#place.watcher({ kind: 'changed', why, moves: movesOf(before.plan, next.plan) });
    this.#source.follow(next);
    this.#adopt(next, 0, why);
    const lost = await abortable(Promise.race([this.#acknowledgements.reach(first), before.lost, next.lost]), this.#fatal.signal);
    this.#epochs.leave(before);
    if (lost !== undefined && this.#source.acknowledged < first) await this.#recover(lost);
  }

  get #measured(): Measured {
    return { ...this.#planWatch.measured(), links: this.#measurements.links };
  }

  /** `replayed`: frames that go again. */
  #adopt(next: Deployment, replayed: number, why: string): void {
    this.#current = next;
    this.#log.begin(next.plan, this.#source.next, replayed, why);
  }

  #acknowledge(next: FrameId): void {
    this.#source.acknowledge(next);
    this.#recovery.acknowledged(next);
    this.#source.limit(this.#recovery.limit);
    this.#acknowledgements.tell();
  }

  #arrived(frame: FrameId, atMs: number): void {
    const startMs = this.#source.startMs(frame);
    // What nobody waits for any more.
    if (startMs === undefined) return;
    this.#firstMs ??= startMs;
    this.#lastMs = atMs;
    this.#planWatch.arrived();
    const recovered = this.#log.arrived(atMs);
    if (recovered !== undefined) this.#place.watcher({ kind: 'recovered', afterMs: recovered.recoveryMs!, replayed: recovered.replayed });
    const latencyMs = atMs - startMs;
    const whence = this.#execution.dropping === undefined ? {} : { index: this.#source.indexOf(frame)! };
    this.#measurements.frames.push({ frame, ...whence, startMs: startMs - this.#firstMs, latencyMs });
    this.#place.watcher({ kind: 'arrival', frame, ...whence, atMs, latencyMs });
  }

  #say(phase: Phase): void {
    const { title, frames } = this.#execution;
    this.#place.watcher({ kind: 'phase', phase, total: frames, ...(title === undefined ? {} : { detail: title }) });
  }
}
