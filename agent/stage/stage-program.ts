/**
 * What a stage process does: obeys the orders of protocol.ts. One session, loaded once; through it one flow per epoch, so that a new plan finds the
 * weights where they are:
 *
 *     epoch 1  ──▶ flow ──┐                         retired, or its peer lost: this flow ends, the session stays
 *                         ├──▶ session
 *     epoch 2  ──▶ flow ──┘                         opened while epoch 1 still runs
 *
 * A stream goes to the flow of its epoch; there is none for an epoch that is over. The server, the session, the link and the clock are passed in, so
 * that a simulation runs the same code.
 */
import { type Clock, every, type Timer } from '../../mesh/clock.ts';
import type { Codec } from '../../mesh/codec.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch } from '../../mesh/frame.ts';
import type { Link, PushStream } from '../../mesh/link/link.ts';
import type { SessionFacts } from '../../mesh/session-facts.ts';
import { within } from '../../mesh/within.ts';
import { MeasureBatcher } from './measure-batcher.ts';
import type { Failure, LoadOrder, OpenOrder, Order, Report } from './protocol.ts';
import type { Session } from './session.ts';
import { type FlowFailure, StageFlow } from './stage-flow.ts';

export interface StageProgramOptions {
  /** Errors are reported as the stage's failure. */
  readonly openSession: (order: LoadOrder) => Promise<OpenSession>;
  /** Begins to serve Pull. */
  readonly serve: (order: LoadOrder, accept: (stream: PushStream) => void) => Promise<Served>;
  readonly link: Link;
  readonly codecs: ReadonlyMap<string, Codec>;
  readonly clock: Clock;
  /** To the agent; `then` is called when it has been handed over. */
  readonly report: (report: Report, then?: () => void) => void;
  /** Ends the process: it is the last thing done. */
  readonly exit: (code: number) => void;
}

export interface OpenSession {
  readonly session: Session;
  readonly facts: SessionFacts;
}

export interface Served {
  readonly port: number;
  /** Resolves when all streams have ended. */
  close(): Promise<void>;
}

/** How often measurements and progress go to the agent. */
const REPORT_INTERVAL_MS = 500;
/** How long an orderly end may take at each of its two steps. */
const FINISH_TIMEOUT_MS = 500;

interface OpenFlow {
  readonly flow: StageFlow;
  readonly measures: MeasureBatcher;
}

interface Loaded extends OpenSession {
  readonly order: LoadOrder;
  readonly served: Served;
}

export class StageProgram {
  readonly #options: StageProgramOptions;
  /** Undefined: ordered, and waiting for the session. */
  readonly #flows = new Map<Epoch, OpenFlow | undefined>();
  #loading: Promise<Loaded> | undefined;
  #reporting: Timer | undefined;
  #ending = false;

  constructor(options: StageProgramOptions) {
    this.#options = options;
  }

  obey(order: Order): void {
    this.#carryOut(order).catch((error: unknown) => this.fail(MeshError.from(error)));
  }

  /** The process can't go on: tells the agent why and ends. */
  fail(error: MeshError): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#reportFlows();
    this.#stop();
    this.#options.report({ kind: 'failed', ...failureOf(error) }, () => this.#options.exit(1));
  }

  /** Ends at once and says nothing: what a simulation does instead of a SIGKILL. */
  kill(): void {
    this.#ending = true;
    this.#stop();
    for (const opened of this.#flows.values()) opened?.flow.close(new MeshError('lost', 'the stage process is gone'));
    this.#flows.clear();
  }

  async #carryOut(order: Order): Promise<void> {
    switch (order.kind) {
      case 'load':
        this.#loading ??= this.#load(order);
        await this.#loading;
        return;
      case 'open':
        await this.#open(order);
        return;
      case 'start':
        this.#flows.get(order.epoch)?.flow.start(order);
        return;
      case 'recode':
        this.#flows.get(order.epoch)?.flow.recode(order);
        return;
      case 'retire':
        await this.#retire(order.epoch);
        return;
      case 'end':
        await this.#end();
    }
  }

  async #load(order: LoadOrder): Promise<Loaded> {
    const { openSession, serve, report, clock } = this.#options;
    const opened = await openSession(order);
    const served = await serve(order, (stream) => this.#accept(order, stream));
    if (this.#ending) return { ...opened, order, served };
    this.#reporting = every(clock, REPORT_INTERVAL_MS, () => this.#reportFlows());
    report({ kind: 'ready', port: served.port, ...opened.facts });
    return { ...opened, order, served };
  }

  async #open(order: OpenOrder): Promise<void> {
    const { epoch } = order;
    if (this.#loading === undefined) throw new MeshError('invalid', `epoch ${epoch} is opened before anything is loaded`);
    this.#flows.set(epoch, undefined);
    // That it failed is said where it was ordered.
    const loaded = await this.#loading.catch(() => undefined);
    if (loaded === undefined || this.#ending || !this.#flows.has(epoch)) return;
    const { link, codecs, clock, report } = this.#options;
    const measures = new MeasureBatcher();
    const flow: StageFlow = new StageFlow({
      stage: loaded.order,
      order,
      session: loaded.session,
      link,
      codecs,
      measures,
      now: clock.now,
      onFailed: (failure) => this.#flowFailed(epoch, { flow, measures }, failure),
    });
    this.#flows.set(epoch, { flow, measures });
    report({ kind: 'opened', epoch });
  }

  /** Error `conflict` when no flow of that epoch is here: it is over, or it has never been. */
  #accept({ run, stage }: LoadOrder, stream: PushStream): void {
    const { epoch, consumer } = stream.open;
    const opened = this.#flows.get(epoch);
    if (opened === undefined) {
      const epochs = [...this.#flows.keys()].join(' and ');
      throw new MeshError(
        'conflict',
        `${consumer} pulls for epoch ${epoch}, but ${stage} of run ${run} ${epochs === '' ? 'has no flow left' : `is at epoch ${epochs}`}`,
      );
    }
    opened.flow.accept(stream);
  }

  async #retire(epoch: Epoch): Promise<void> {
    const opened = this.#flows.get(epoch);
    this.#flows.delete(epoch);
    if (this.#ending) return;
    if (opened !== undefined) {
      const { flow, measures } = opened;
      // The measurements of the last frames are complete when their consumers have confirmed them; a consumer that hangs does not hold this up.
      await within(this.#options.clock, FINISH_TIMEOUT_MS, flow.finish());
      flow.close();
      this.#reportMeasures(epoch, measures);
    }
    this.#options.report({ kind: 'retired', epoch, frames: opened?.flow.progress.frames ?? 0 });
  }

  async #end(): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#stop();
    for (const opened of this.#flows.values()) opened?.flow.close();
    // One that is still loading has nobody connected.
    const closed = this.#loading?.then(({ served }) => served.close()).catch(() => {});
    if (closed !== undefined && this.#reporting !== undefined) await within(this.#options.clock, FINISH_TIMEOUT_MS, closed);
    this.#options.exit(0);
  }

  #flowFailed(epoch: Epoch, { flow, measures }: OpenFlow, { error, lostPeer, ofSession }: FlowFailure): void {
    if (ofSession) {
      this.fail(error);
      return;
    }
    this.#flows.delete(epoch);
    this.#reportFlow(epoch, { flow, measures });
    flow.close(error);
    this.#options.report({ kind: 'failed', epoch, ...failureOf(error), ...(lostPeer === undefined ? {} : { lostPeer }) });
  }

  #reportFlows(): void {
    for (const [epoch, opened] of this.#flows) if (opened !== undefined) this.#reportFlow(epoch, opened);
  }

  #reportFlow(epoch: Epoch, { flow, measures }: OpenFlow): void {
    this.#reportMeasures(epoch, measures);
    this.#options.report({ kind: 'progress', epoch, ...flow.progress });
  }

  #reportMeasures(epoch: Epoch, measures: MeasureBatcher): void {
    const batch = measures.take();
    if (batch !== undefined) this.#options.report({ kind: 'measure', epoch, batch });
  }

  #stop(): void {
    this.#reporting?.cancel();
  }
}

function failureOf(error: MeshError): Failure {
  return { code: error.code, reason: error.message };
}
