/**
 * Carries out a run: a stream of frames through one plan, and through another when the first can't go on.
 *
 *     source ══ frames ══▶ epoch 1 ══▶ sink          epoch 2 is brought up beside epoch 1 (make before break), then the source goes over:
 *        ╚═══════════════▶ epoch 2 ══▶ ╝                after a loss with everything that is not acknowledged, else from a frame on
 *
 * Source, sink and measurements live as long as the run; a deployment as long as its epoch. What is lost is found by the deployment's failure
 * watch; recovery decides what to do about it. Whatever happens, the stages are retired in the end.
 */
import { encodeAck } from '../../mesh/bus/messages.ts';
import { every } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { type FrameId, SOURCE } from '../../mesh/frame.ts';
import type { StageUse } from '../../mesh/stage.ts';
import { flowOf } from '../../partition/flow/flow.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import type { FailedFrame } from '../recovery/quarantine.ts';
import { AgentWatches } from './agent-watches.ts';
import { Deployment, type Planned } from './deployment.ts';
import { EpochLog } from './epoch-log.ts';
import type { Executed, Execution, Workplace } from './execution.ts';
import { failureOf, type Verdict } from './failure.ts';
import { Lease } from './lease.ts';
import { Measurements } from './measurements.ts';
import { movesOf } from './moves.ts';
import { Recovery } from './recovery.ts';
import type { Phase } from './run-events.ts';
import { Sink } from './sink.ts';
import { Source } from './source.ts';

/** A lost acknowledgement (the bus is at most once) is made good this often. */
const ACK_REPEAT_MS = 200;
const RECORD_MS = 500;
/** How long stages that nobody waits for may take to be retired; an agent that has begun goes on without us. */
const CLEANUP_MS = 150;

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
  readonly #watches: AgentWatches;
  readonly #lease: Lease;
  readonly #measurements: Measurements;
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #recovery: Recovery;
  readonly #log: EpochLog;
  readonly #cleanups: (() => void)[] = [];
  /** Epochs that are not retired yet, oldest first. */
  readonly #deployments = new Set<Deployment>();
  /** Epochs on their way out. */
  readonly #retiring: Promise<void>[] = [];
  readonly #uses: StageUse[] = [];
  readonly #failed: FailedFrame[] = [];
  #codecsBegun = false;
  #current: Deployment | undefined;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(execution: Execution, place: Workplace) {
    this.#execution = execution;
    this.#place = place;
    const { plan, run } = execution;
    const { clock, bus, subjects, server } = place;
    this.#log = new EpochLog(clock.now);
    this.#recovery = new Recovery(execution, place);
    this.#watches = new AgentWatches(run, {
      event: (event) => {
        place.watcher({ kind: 'stage', stage: event.key.stage, device: event.device, state: event.state });
        for (const deployment of this.#deployments) if (deployment.epoch === event.key.epoch) deployment.told(event);
      },
      gone: (device, error) => {
        this.#recovery.deviceGone(device);
        for (const deployment of this.#deployments) deployment.gone('device-lost', device, error.message);
      },
    });
    this.#lease = new Lease({
      run,
      clock,
      holders: () => new Set([...this.#deployments].filter(({ held }) => held).flatMap(({ agents }) => agents)),
      onLost: (device, error) => {
        for (const deployment of this.#deployments) if (deployment.held) deployment.gone('stages-gone', device, error.message);
      },
    });
    this.#measurements = new Measurements(bus, subjects, run, clock);
    this.#source = new Source({ ...execution, flow: flowOf(plan), clock, signal: this.#fatal.signal });
    this.#sink = new Sink({
      consumers: execution.consumers,
      acknowledge: (next) => this.#acknowledge(next),
      onArrival: (frame, atMs) => this.#arrived(frame, atMs),
      onFailed: (error) => this.#fatal.abort(MeshError.from(error)),
      now: clock.now,
    });
    const record = (): void => {
      const rows = this.#measurements.drain();
      execution.record(rows);
      execution.codecs.measured(rows);
    };
    const timers = [every(clock, RECORD_MS, record), every(clock, ACK_REPEAT_MS, () => this.#publishAck(this.#sink.safe))];
    const unserve = server.serveRun(run, {
      accept: (stream) => {
        const taker = [...this.#deployments].find(({ epoch }) => epoch === stream.open.epoch);
        if (taker === undefined) throw new MeshError('conflict', `epoch ${stream.open.epoch} of run ${run} is over`);
        taker.accept(stream);
      },
    });
    this.#cleanups.push(
      () => {
        for (const timer of timers) timer.cancel();
      },
      record,
      unserve,
      () => this.#watches.close(),
      () => this.#lease.close(),
      () => this.#measurements.close(),
    );
  }

  async run(): Promise<Executed> {
    const { signal, onDevice, watcher } = this.#place;
    const stop = (): void => this.#fatal.abort(new MeshError('cancelled', 'interrupted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    this.#cleanups.push(() => signal.removeEventListener('abort', stop));
    this.#cleanups.push(
      onDevice((change) => {
        if (change.kind === 'gone') this.#watches.lost(change.device, change.error);
        else this.#recovery.deviceBack(change.device);
      }),
    );
    const { plan, models } = this.#execution;
    this.#say('deploy');
    const first = await this.#bringUp({ plan, models });
    this.#source.replay(first);
    this.#adopt(first, 0, 'the run begins');
    this.#say('stream');
    await this.#stream();
    this.#say('retire');
    await this.#retire();
    const missing = await this.#measurements.complete(this.#uses);
    if (missing.length > 0) {
      watcher({ kind: 'warning', message: `some measurements of ${missing.join(', ')} did not arrive in time; the tables lack them` });
    }
    return {
      plan: this.#current!.plan,
      delivery: this.#sink.count(this.#source.sent),
      loaded: this.#current!.loaded,
      measurements: this.#measurements,
      uses: this.#uses,
      epochs: this.#log.epochs,
      failed: this.#failed,
      elapsedMs: this.#lastMs - (this.#firstMs ?? this.#lastMs),
      window: this.#source.window,
      inputTitle: this.#execution.input.title,
    };
  }

  /** Leaves nothing behind, however the run ended. */
  async end(): Promise<void> {
    // The run has failed when epochs are left: an agent that does not answer any more is not waited for; it retires its stages when the lease ends.
    const left = [...this.#deployments];
    const cleaning = left.map((each) => each.retire(AbortSignal.timeout(CLEANUP_MS), this.#recovery.gone));
    await Promise.allSettled([...cleaning, ...this.#retiring]);
    for (const cleanup of this.#cleanups) cleanup();
  }

  /** Until every frame is acknowledged, in however many epochs. */
  async #stream(): Promise<void> {
    const done = this.#source.run().then(() => 'done' as const);
    done.catch(() => {});
    for (;;) {
      const happened = await Promise.race([done, this.#current!.lost]);
      if (happened === 'done') return;
      await this.#recover(happened);
    }
  }

  /** The present epoch is lost: nothing of it counts any more, and another one begins again with what is not acknowledged. */
  async #recover(verdict: Verdict): Promise<void> {
    const lost = this.#current!;
    const { next: sentTo } = this.#source;
    this.#log.lost();
    this.#source.hold();
    lost.cut();
    const { acknowledged, computeMs } = { acknowledged: this.#source.acknowledged, computeMs: this.#measurements.computeMs() };
    const { planned, failed } = await this.#recovery.after(verdict, lost, { acknowledged, next: sentTo, computeMs });
    this.#place.watcher({
      kind: 'lost',
      what: failureOf(verdict, placementOf(lost.plan)).message,
      moves: movesOf(lost.plan, planned.plan),
    });
    if (failed !== undefined) {
      this.#failed.push(failed);
      this.#sink.fail(failed.frame);
    }
    const next = await this.#bringUp(planned);
    const replayed = Number(sentTo - this.#source.acknowledged);
    this.#source.limit(this.#recovery.limit);
    this.#source.replay(next);
    this.#adopt(next, replayed, verdict.reason);
    this.#leave(lost);
  }

  /** Loads and starts a plan, or what takes its place when a device can't. */
  async #bringUp(wanted: Planned): Promise<Deployment> {
    for (let planned = wanted; ; ) {
      const { plan } = planned;
      this.#execution.codecs.follow(plan);
      const next = new Deployment({
        execution: this.#execution,
        place: this.#place,
        planned,
        onFrame: (frame) => this.#sink.take(frame),
        onTransfer: ({ to, ...transfer }) => this.#measurements.links.push({ from: SOURCE, to, ...transfer }),
      });
      this.#deployments.add(next);
      for (const agent of next.agents) this.#watches.watch(agent);
      try {
        await unlessLost(next, next.load(this.#fatal.signal));
        await unlessLost(next, next.start(this.#source.acknowledged, this.#fatal.signal));
        return next;
      } catch (error) {
        this.#leave(next);
        this.#fatal.signal.throwIfAborted();
        planned = await this.#recovery.instead(next, MeshError.from(error), this.#measurements.computeMs());
      }
    }
  }

  /** `replayed`: frames that go again. */
  #adopt(next: Deployment, replayed: number, why: string): void {
    this.#current = next;
    this.#log.begin(next.plan, this.#source.next, replayed, why);
    if (this.#codecsBegun) return;
    this.#codecsBegun = true;
    this.#execution.codecs.begin(async (changes) => {
      await this.#current!.recode(changes, this.#fatal.signal);
      return BigInt(this.#source.sent);
    });
  }

  /** Retires an epoch while the run goes on. */
  #leave(deployment: Deployment): void {
    this.#deployments.delete(deployment);
    deployment.cut();
    const retired = deployment.retire(AbortSignal.timeout(CLEANUP_MS * 20), this.#recovery.gone).then(
      (uses) => void this.#uses.push(...uses),
      // A device that does not answer ends its stages when their lease does.
      () => {},
    );
    this.#retiring.push(retired);
  }

  async #retire(): Promise<void> {
    const current = this.#current!;
    this.#leave(current);
    await Promise.all(this.#retiring);
  }

  #acknowledge(next: FrameId): void {
    this.#source.acknowledge(next);
    this.#recovery.acknowledged(next);
    this.#source.limit(this.#recovery.limit);
    this.#publishAck(next);
  }

  #publishAck(next: FrameId): void {
    const { bus, subjects } = this.#place;
    if (this.#current !== undefined) bus.publish(subjects.ack(this.#execution.run), encodeAck({ epoch: this.#current.epoch, next }));
  }

  #arrived(frame: FrameId, atMs: number): void {
    const startMs = this.#source.startMs(frame);
    // What nobody waits for any more.
    if (startMs === undefined) return;
    this.#firstMs ??= startMs;
    this.#lastMs = atMs;
    const recovered = this.#log.arrived(atMs);
    if (recovered !== undefined) this.#place.watcher({ kind: 'recovered', afterMs: recovered.recoveryMs!, replayed: recovered.replayed });
    const latencyMs = atMs - startMs;
    this.#measurements.frames.push({ frame, startMs: startMs - this.#firstMs, latencyMs });
    this.#place.watcher({ kind: 'arrival', frame, atMs, latencyMs });
  }

  #say(phase: Phase): void {
    const { title, frames } = this.#execution;
    this.#place.watcher({ kind: 'phase', phase, total: frames, ...(title === undefined ? {} : { detail: title }) });
  }
}

/** Settles like `work`, or rejects when the deployment is lost meanwhile. */
async function unlessLost(deployment: Deployment, work: Promise<void>): Promise<void> {
  work.catch(() => {});
  const verdict = await Promise.race([work, deployment.lost]);
  if (verdict !== undefined) throw failureOf(verdict, placementOf(deployment.plan));
}
