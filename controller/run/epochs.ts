/**
 * The deployments of a run: the present one, one that is brought up beside it, those on their way out.
 *
 *     bringUp ──▶ load ──▶ start ──▶ in use ──▶ leave ──▶ retired        what agents say goes to the deployment of its epoch
 *        └── a device can't: what recovery says instead
 */
import { expiry, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { FrameId } from '../../mesh/frame.ts';
import type { PushStream } from '../../mesh/link/link.ts';
import type { StageUse } from '../../mesh/stage.ts';
import { placementOf } from '../../partition/flow/plan-shape.ts';
import type { StreamTaker } from '../deploy/source-server.ts';
import { AgentWatches } from './agent-watches.ts';
import { Deployment } from './deployment.ts';
import type { Execution, Workplace } from './execution.ts';
import { failureOf } from './failure.ts';
import { Lease } from './lease.ts';
import type { Measurements } from './measurements.ts';
import { movesOf } from './moves.ts';
import type { Planned } from './planned.ts';
import type { Recovery } from './recovery.ts';
import type { Measured } from './replan.ts';
import type { Sink } from './sink.ts';
import type { Source } from './source.ts';
import type { CodecChange } from './steering.ts';

/** How long stages may take to be retired that nobody waits for; an agent that has begun goes on without us. */
const CLEANUP_MS = 150;
/** The same where what they used is to be known. */
const RETIRE_MS = 5_000;
/** How often a device that is gone is asked whether it is back. */
const SEEK_MS = 1_000;

export interface EpochsOptions {
  readonly execution: Execution;
  readonly place: Workplace;
  readonly recovery: Recovery;
  readonly sink: Pick<Sink, 'take'>;
  readonly measurements: Pick<Measurements, 'links' | 'sent'>;
  readonly measured: () => Measured;
  /** Gives up whatever is being brought up. */
  readonly signal: AbortSignal;
}

export class Epochs implements StreamTaker {
  /** What stages of past epochs used. */
  readonly uses: StageUse[] = [];
  readonly #options: EpochsOptions;
  readonly #watches: AgentWatches;
  readonly #lease: Lease;
  readonly #living = new Set<Deployment>();
  readonly #leaving: Promise<void>[] = [];
  readonly #sought = new Set<string>();
  readonly #over = new AbortController();

  constructor(options: EpochsOptions) {
    this.#options = options;
    const { execution, place, recovery } = options;
    const { run } = execution;
    this.#watches = new AgentWatches(run, {
      event: (event) => {
        const { key, device, state } = event;
        // What is twice a second the same is no news.
        if (event.progress === undefined) place.watcher({ kind: 'stage', stage: key.stage, device, state });
        for (const deployment of this.#living) if (deployment.epoch === key.epoch) deployment.told(event);
      },
      gone: (device, error) => {
        recovery.deviceGone(device);
        for (const deployment of this.#living) deployment.gone('device-lost', device, error.message);
        void this.#seek(device);
      },
    });
    this.#lease = new Lease({
      run,
      clock: place.clock,
      // Also those that have loaded some of their stages so far, and those that are lost: the next epoch finds their processes.
      holders: () => new Set([...this.#living].flatMap(({ agents }) => agents)),
      onLost: (device, error) => {
        for (const deployment of this.#living) if (deployment.held) deployment.gone('stages-gone', device, error.message);
      },
    });
  }

  /** A consumer of the source. Error `conflict` when its epoch is over. */
  accept(stream: PushStream): void {
    const { run, epoch } = stream.open;
    const taker = [...this.#living].find((deployment) => deployment.epoch === epoch);
    if (taker === undefined) throw new MeshError('conflict', `epoch ${epoch} of run ${run} is over`);
    taker.accept(stream);
  }

  /** Somebody else has seen that a device is gone. */
  deviceGone(device: string, error: MeshError): void {
    this.#watches.lost(device, error);
  }

  /** Loads and starts a plan, or what takes its place when a device can't. `first`: the first frame that will be sent. */
  async bringUp(wanted: Planned, first: () => FrameId): Promise<Deployment> {
    const { recovery, measured, signal, place } = this.#options;
    for (let planned = wanted; ; ) {
      if (planned.alone === true) await this.#clear();
      const next = this.#deployment(planned);
      try {
        await unlessLost(next, next.load(signal));
        await unlessLost(next, next.start(first(), signal));
        return next;
      } catch (thrown) {
        this.leave(next);
        signal.throwIfAborted();
        const error = MeshError.from(thrown);
        if (error.code !== 'exhausted' && next.refusedBy !== undefined) void this.#seek(next.refusedBy);
        planned = await recovery.instead(next, error, measured());
        place.watcher({ kind: 'lost', what: error.message, moves: movesOf(next.plan, planned.plan) });
      }
    }
  }

  /** Brings a plan up beside the present one, to take over with the next frame of the source. A text: why it can't be brought up. */
  async besides(present: Deployment, planned: Planned, source: Pick<Source, 'hold' | 'release' | 'next'>): Promise<Deployment | string> {
    const { signal, execution } = this.#options;
    const next = this.#deployment(planned);
    // Only where frames are put in order it has to be known which will be the first, so that no other may leave meanwhile.
    const inTurns = planned.plan.routes.some(({ turns }) => turns !== undefined);
    try {
      await unlessLost(present, unlessLost(next, next.load(signal)));
      await unlessLost(present, unlessLost(next, next.start(inTurns ? source.hold() : source.next, signal)));
      return next;
    } catch (error) {
      this.leave(next);
      execution.codecs.follow(present.plan);
      source.release();
      signal.throwIfAborted();
      return MeshError.from(error).message;
    }
  }

  /** Brings the models of all stages to the spare devices. One that can't have them is none. */
  async warm({ models }: Planned): Promise<void> {
    const { execution, place, signal } = this.#options;
    await Promise.all(
      execution.spares.map(async (device) => {
        try {
          for (const model of models.values()) await place.deliver(place.agents.get(device)!, model, signal);
        } catch (error) {
          if (!signal.aborted) place.watcher({ kind: 'warning', message: `${device} is no spare: ${MeshError.from(error).message}` });
        }
      }),
    );
  }

  /** Nothing of the run is on any device any more: none of it was of use. */
  async #clear(): Promise<void> {
    for (const deployment of this.#living) this.leave(deployment);
    await this.left();
  }

  /** Tells producers of whatever is loaded how frames travel from now on. */
  async recode(changes: readonly CodecChange[]): Promise<void> {
    await Promise.all([...this.#living].map((each) => (each.held ? each.recode(changes, this.#options.signal) : undefined)));
  }

  /** Ends an epoch while the run goes on. */
  leave(deployment: Deployment): void {
    if (!this.#living.delete(deployment)) return;
    const retired = this.#retire(deployment, RETIRE_MS).then(
      (uses) => void this.uses.push(...uses),
      // A device that does not answer ends its stages when their lease does.
      () => {},
    );
    this.#leaving.push(retired);
  }

  /** All that were left are retired, or do not answer. */
  async left(): Promise<void> {
    await Promise.all(this.#leaving);
  }

  /** Ends what is left when the run has failed; an agent that does not answer any more is not waited for. */
  async close(): Promise<void> {
    const ends = [...this.#living].map((each) => this.#retire(each, CLEANUP_MS));
    this.#living.clear();
    await Promise.allSettled([...ends, ...(ends.length > 0 ? [] : this.#leaving)]);
    this.#over.abort();
    this.#watches.close();
    this.#lease.close();
  }

  /**
   * A device that was cut off may be there again without anybody telling: it is asked until it answers. What it is asked is to end what it
   * may still have of epochs that are over, so that its ghosts are gone before their lease.
   */
  async #seek(device: string): Promise<void> {
    if (this.#sought.has(device)) return;
    this.#sought.add(device);
    const { execution, place, recovery } = this.#options;
    const { signal } = this.#over;
    const over = Math.max(...[...this.#living].map(({ epoch }) => Number(epoch)), 0);
    try {
      while (recovery.gone.has(device)) {
        await pause(place.clock, SEEK_MS, signal);
        const answered = await place.agents
          .get(device)
          ?.retire(execution.run, BigInt(over), signal)
          .catch(() => undefined);
        if (answered !== undefined) recovery.deviceBack(device);
      }
    } catch {
      // The run is over.
    } finally {
      this.#sought.delete(device);
    }
  }

  async #retire(deployment: Deployment, withinMs: number): Promise<StageUse[]> {
    const late = expiry(this.#options.place.clock, withinMs, new MeshError('timeout', `no answer within ${withinMs} ms`));
    try {
      return await deployment.retire(late.signal, this.#options.recovery.gone);
    } finally {
      late.cancel();
    }
  }

  #deployment(planned: Planned): Deployment {
    const { execution, place, sink, measurements } = this.#options;
    execution.codecs.follow(planned.plan);
    measurements.links.follow(planned.plan);
    const deployment = new Deployment({
      execution,
      place,
      planned,
      onFrame: (frame) => sink.take(frame),
      onTransfer: (transfer) => measurements.sent(planned.plan.epoch, transfer),
    });
    this.#living.add(deployment);
    for (const agent of deployment.agents) this.#watches.watch(agent);
    return deployment;
  }
}

/** Settles like `work`, or rejects when the deployment is lost meanwhile. */
async function unlessLost(deployment: Deployment, work: Promise<void>): Promise<void> {
  work.catch(() => {});
  const verdict = await Promise.race([work, deployment.lost]);
  if (verdict !== undefined) throw failureOf(verdict, placementOf(deployment.plan));
}
