/**
 * Carries out one plan over a stream of frames. A chain is not a special case: every stage gets its routes, and fires when all its inputs
 * for a frame are there.
 *
 *     watch + lease ──▶ fetch models ──▶ load all stages ──▶ start ──▶ source ══ frames ══▶ sink ──▶ retire ──▶ last measurements
 *                                                                         ▲── acks over the bus ──┘
 *
 * Whatever fails on the way is found by the failure watch, which ends all waits; the stages are retired in every case.
 */
import { decodeAck, encodeAck } from '../../mesh/bus/messages.ts';
import { MeshError } from '../../mesh/error.ts';
import { type Epoch, SINK, SOURCE } from '../../mesh/frame.ts';
import { Inbox } from '../../mesh/link/inbox.ts';
import { Outbox } from '../../mesh/link/outbox.ts';
import type { StageUse } from '../../mesh/stage.ts';
import { flowOf } from '../../partition/flow/flow.ts';
import { placementOf, routesFrom, routesInto } from '../../partition/flow/plan-shape.ts';
import { SINK_WINDOW } from '../../partition/flow/window.ts';
import type { Stage } from '../../partition/plan.ts';
import { abortable } from '../abortable.ts';
import type { AgentClient } from '../deploy/agent-client.ts';
import type { LoadedStage } from '../deploy/stage-order.ts';
import type { Executed, Execution, Workplace } from './execution.ts';
import { FailureWatch } from './failure-watch.ts';
import { inTurns } from './in-turns.ts';
import { Lease } from './lease.ts';
import { Measurements } from './measurements.ts';
import { notLoaded } from './not-loaded.ts';
import { orderOf } from './order-of.ts';
import { recode } from './recode.ts';
import type { Phase } from './run-events.ts';
import { Sink } from './sink.ts';
import { Source } from './source.ts';

/** On each device: a dozen stages that start at once would keep it from answering. */
const LOADS_AT_ONCE = 2;
/** A lost acknowledgement (the bus is at most once) is made good this often. */
const ACK_REPEAT_MS = 200;
const RECORD_MS = 500;
/** How long a failed run waits for its stages to be retired; an agent that has begun goes on without us. */
const CLEANUP_MS = 150;

/** Errors: `lost` naming stage and device; whatever a device refuses a stage with; `cancelled` when the person stopped it. */
export async function execute(execution: Execution, place: Workplace): Promise<Executed> {
  const attempt = new Attempt(execution, place);
  try {
    return await attempt.run();
  } finally {
    await attempt.end();
  }
}

class Attempt {
  readonly #execution: Execution;
  readonly #place: Workplace;
  readonly #agents: readonly AgentClient[];
  readonly #failure: FailureWatch;
  readonly #lease: Lease;
  readonly #measurements: Measurements;
  readonly #source: Source;
  readonly #sink: Sink;
  readonly #outbox: Outbox;
  readonly #cleanups: (() => void)[] = [];
  readonly #loaded = new Set<string>();
  /** Devices that are gone. */
  readonly #silent = new Set<string>();
  #inbox: Inbox | undefined;
  #retired = false;
  #firstMs: number | undefined;
  #lastMs = 0;

  constructor(execution: Execution, place: Workplace) {
    this.#execution = execution;
    this.#place = place;
    const { plan, run } = execution;
    const { now, bus, subjects, codecs, server } = place;
    this.#agents = [...new Set(plan.stages.map((stage) => agentOf(place, stage)))];
    this.#failure = new FailureWatch(placementOf(plan));
    this.#lease = new Lease(run, this.#agents, (device, error) =>
      this.#failure.report({ kind: 'stages-gone', device, reason: error.message }),
    );
    this.#measurements = new Measurements(bus, subjects, run);
    this.#outbox = new Outbox({
      run,
      epoch: plan.epoch,
      producer: SOURCE,
      routes: routesFrom(plan, SOURCE).map((route) => ({ ...route, codecs: execution.codecs.cycleOf(route) })),
      codecs,
      now,
      onTransfer: ({ to, ...transfer }) => this.#measurements.links.push({ from: SOURCE, to, ...transfer }),
      onLost: (peer, error) => this.#failure.report({ kind: 'stream-lost', peer, reason: error.message }),
    });
    this.#source = new Source({ ...execution, flow: flowOf(plan), outbox: this.#outbox, now, signal: this.#failure.signal });
    this.#sink = new Sink({
      consumers: execution.consumers,
      acknowledge: (next) => bus.publish(subjects.ack(run), encodeAck({ epoch: plan.epoch, next })),
      onArrival: (frame, atMs) => this.#arrived(frame, atMs),
      onFailed: (error) => this.#failure.fail(MeshError.from(error)),
      now,
    });
    const record = (): void => {
      const rows = this.#measurements.drain();
      execution.record(rows);
      execution.codecs.measured(rows);
    };
    const recording = setInterval(record, RECORD_MS);
    this.#cleanups.push(
      () => clearInterval(recording),
      record,
      server.serveRun(run, this.#outbox),
      () => this.#lease.close(),
      () => this.#measurements.close(),
      () => this.#outbox.close(),
      () => this.#inbox?.close(),
    );
  }

  async run(): Promise<Executed> {
    this.#listen();
    const loaded = await this.#load();
    await this.#start(loaded);
    this.#say('stream');
    const streaming = new AbortController();
    this.#cleanups.unshift(() => streaming.abort());
    this.#execution.codecs.begin(async (changes) => {
      const signal = AbortSignal.any([streaming.signal, this.#failure.signal]);
      await recode(changes, this.#execution, this.#place, this.#outbox, signal);
      return BigInt(this.#source.sent);
    });
    await abortable(this.#source.run(), this.#failure.signal);
    streaming.abort();
    // From here on streams end because they should.
    this.#failure.close();
    this.#say('retire');
    const uses = await this.#retire();
    const missing = await this.#measurements.complete(uses);
    if (missing.length > 0) {
      this.#place.watcher({
        kind: 'warning',
        message: `some measurements of ${missing.join(', ')} did not arrive in time; the tables lack them`,
      });
    }
    return {
      delivery: this.#sink.count(this.#source.sent),
      loaded,
      measurements: this.#measurements,
      uses,
      elapsedMs: this.#lastMs - (this.#firstMs ?? this.#lastMs),
      window: this.#source.window,
      inputTitle: this.#execution.input.title,
    };
  }

  #say(phase: Phase): void {
    const { title, frames } = this.#execution;
    this.#place.watcher({ kind: 'phase', phase, total: frames, ...(title === undefined ? {} : { detail: title }) });
  }

  /** Leaves nothing behind, however the run ended. */
  async end(): Promise<void> {
    this.#failure.close();
    if (!this.#retired) {
      // The run has failed already: an agent that does not answer any more is not waited for; it retires its stages when the lease ends.
      const answering = this.#agents.filter((agent) => !this.#silent.has(agent.name));
      await Promise.allSettled(answering.map((agent) => agent.retire(this.#execution.run, this.#epoch, AbortSignal.timeout(CLEANUP_MS))));
    }
    for (const cleanup of this.#cleanups) cleanup();
  }

  get #epoch(): Epoch {
    return this.#execution.plan.epoch;
  }

  /** Everything that can say that something went wrong, and the acknowledgements. */
  #listen(): void {
    const { bus, subjects, signal, onMeshDeath, watcher } = this.#place;
    const { run } = this.#execution;
    const stop = (): void => this.#failure.fail(new MeshError('cancelled', 'interrupted'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    onMeshDeath((device, error) => (device === undefined ? this.#failure.fail(error) : this.#gone(device, error.message)));
    for (const agent of this.#agents) {
      const watching = agent.watch(
        run,
        (event) => {
          watcher({ kind: 'stage', stage: event.key.stage, device: event.device, state: event.state });
          // One that fails while it is loaded is reported by the answer to Load.
          if (event.state === 'failed' && this.#loaded.has(event.key.stage))
            this.#failure.report({ kind: 'stage-failed', ...event, stage: event.key.stage });
          if (event.state === 'retired' && this.#loaded.has(event.key.stage))
            this.#failure.report({
              kind: 'stages-gone',
              device: event.device,
              reason: `its agent retired ${event.key.stage}: ${event.reason}`,
            });
        },
        (error) => this.#gone(agent.name, error.message),
      );
      this.#cleanups.push(() => watching.close());
    }
    const acks = bus.subscribe(subjects.ack(run), (payload) => {
      const ack = decodeAck(payload);
      if (ack.epoch === this.#epoch) this.#source.acknowledge(ack.next);
    });
    const repeat = setInterval(
      () => bus.publish(subjects.ack(run), encodeAck({ epoch: this.#epoch, next: this.#sink.safe })),
      ACK_REPEAT_MS,
    );
    this.#cleanups.push(
      () => signal.removeEventListener('abort', stop),
      () => acks.close(),
      () => clearInterval(repeat),
    );
  }

  /** The device itself does not answer any more. */
  #gone(device: string, reason: string): void {
    this.#silent.add(device);
    this.#failure.report({ kind: 'device-lost', device, reason });
  }

  async #load(): Promise<Map<string, LoadedStage>> {
    const { plan } = this.#execution;
    this.#say('deploy');
    const loading = inTurns(
      plan.stages,
      ({ device }) => device,
      LOADS_AT_ONCE,
      (stage) => this.#loadStage(stage),
    );
    const loaded = await abortable(loading, this.#failure.signal);
    this.#lease.held();
    return new Map(plan.stages.map(({ id }, index) => [id, loaded[index]!]));
  }

  async #loadStage(stage: Stage): Promise<LoadedStage> {
    const { signal } = this.#failure;
    const agent = agentOf(this.#place, stage);
    await this.#place.deliver(agent, this.#execution.models.get(stage.replicaOf ?? stage.id)!, signal);
    try {
      const loaded = await agent.load(orderOf(this.#execution, stage), signal);
      this.#loaded.add(stage.id);
      return loaded;
    } catch (error) {
      throw notLoaded(this.#execution, stage, MeshError.from(error));
    }
  }

  async #start(loaded: ReadonlyMap<string, LoadedStage>): Promise<void> {
    const { plan, run } = this.#execution;
    const { server, link, codecs, now } = this.#place;
    const inputsOf = (consumer: string) =>
      routesInto(plan, consumer).map(({ to: _, ...route }) => ({
        ...route,
        address: route.from === SOURCE ? server.address : loaded.get(route.from)!.address,
      }));
    const starts = plan.stages.map((stage) =>
      agentOf(this.#place, stage).start({ run, stage: stage.id, epoch: plan.epoch }, inputsOf(stage.id), 0n, this.#failure.signal),
    );
    this.#inbox = new Inbox({
      run,
      epoch: plan.epoch,
      consumer: SINK,
      first: 0n,
      routes: inputsOf(SINK),
      windowFrames: SINK_WINDOW.frames,
      windowBytes: SINK_WINDOW.bytes,
      link,
      codecs,
      now,
      onFrame: (frame) => this.#sink.take(frame),
      onLost: (peer, error) => this.#failure.report({ kind: 'stream-lost', peer, reason: error.message }),
    });
    this.#inbox.start();
    await abortable(Promise.all(starts), this.#failure.signal);
  }

  #arrived(frame: bigint, atMs: number): void {
    const startMs = this.#source.startMs(frame);
    this.#firstMs ??= this.#source.startMs(0n);
    this.#lastMs = atMs;
    const latencyMs = atMs - startMs;
    this.#measurements.frames.push({ frame, startMs: startMs - this.#firstMs, latencyMs });
    this.#place.watcher({ kind: 'arrival', frame, atMs, latencyMs });
  }

  async #retire(): Promise<StageUse[]> {
    // Consumers first: whoever ends in order is not lost.
    this.#inbox?.close();
    this.#outbox.close();
    const uses = await Promise.all(this.#agents.map((agent) => agent.retire(this.#execution.run, this.#epoch, this.#place.signal)));
    this.#retired = true;
    return uses.flat();
  }
}

function agentOf(place: Workplace, stage: Stage): AgentClient {
  const agent = place.agents.get(stage.device);
  if (agent === undefined) throw new MeshError('not-found', `${stage.id} is planned for ${stage.device}, which is not in the mesh`);
  return agent;
}
