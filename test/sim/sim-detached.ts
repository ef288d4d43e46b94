/**
 * A detached run: its process claims it in the registry, goes on where its outputs end, and says so about once a second. When it dies its agent starts
 * it again on the same host; or somebody on another host sees the record grow old and takes over, as `controller attach --take-over` does.
 *
 *     host c    process ──▶ claim, term 1 ──▶ carryOut from frame 0 ──▶ ✕
 *     host c2   record silent for 10 s? ──▶ hand it over ──▶ process ──▶ claim, term 2 ──▶ carryOut from the end of the outputs, epochs from 1001
 *
 * The process on c may only have stood still: then there are two, until the first finds out.
 */
import { ContinuedOutput } from '../../controller/detached/continued-output.ts';
import { Holder } from '../../controller/detached/holder.ts';
import { isAbandoned, RunRecords } from '../../controller/detached/run-records.ts';
import { StreamOutput } from '../../controller/detached/stream-output.ts';
import { every } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { firstEpoch, isOver, type RunOrder } from '../../mesh/run-order.ts';
import type { Ended } from './ended.ts';
import type { RunScenario } from './run-scenario.ts';
import { CONTROLLER_HOST, SECOND_HOST } from './scenario.ts';
import { carryOut, type Stage } from './sim-controller.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimStore } from './sim-store.ts';

/** As the agent does (agent/runs). */
const RESTART_MS = { first: 500, most: 30_000 };
const DEATHS_MAX = 10;
const LOOK_MS = 1_000;
/** Without a record nobody can take a run over: it is given up then. */
const FORGOTTEN_MS = 30_000;

export interface DetachedOptions extends Stage {
  readonly scenario: RunScenario;
  readonly store: SimStore;
  readonly successor: 'same host' | 'other host';
  readonly onEnd: (how: Ended) => void;
}

export class DetachedRun {
  readonly #options: DetachedOptions;
  /** Host → the term it knows of, as in the run's folder there. */
  readonly #terms = new Map<string, number>();
  #process: SimProcess | undefined;
  #deaths = 0;
  #over = false;

  constructor(options: DetachedOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#start(CONTROLLER_HOST);
    if (this.#options.successor === 'other host') this.#attach();
  }

  /** Of the process that was started last. */
  crash(): void {
    const process = this.#process;
    if (process?.alive === true) this.#died(process);
  }

  #start(host: string): void {
    const { world, scenario } = this.#options;
    if (this.#over) return;
    const process = world.start(host, `run-${scenario.run}`);
    this.#process = process;
    this.#hosted(process).then(
      () => process.end(),
      () => this.#died(process),
    );
  }

  /** Its agent starts it again, where there is one that would. */
  #died(process: SimProcess): void {
    const { world, scenario, successor } = this.#options;
    const host = process.host.name;
    process.end();
    this.#deaths += 1;
    if (this.#deaths >= DEATHS_MAX) {
      this.#end({ kind: 'failed', error: new MeshError('failed', `its process died ${DEATHS_MAX} times`) });
      return;
    }
    if (successor === 'other host' && host === CONTROLLER_HOST) return;
    const waitMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** (this.#deaths - 1));
    world.clock.at(world.clock.now() + waitMs, `run ${scenario.run} is started again on ${host}`, () => this.#start(host));
  }

  /** Rejects when the process dies of it. */
  async #hosted(process: SimProcess): Promise<void> {
    const { scenario, store, checks } = this.#options;
    const { clock } = process;
    const host = process.host.name;
    const ofRun = checks.run(scenario.run);
    const holder = await Holder.claim({
      records: new RunRecords(store.registry(process)),
      order: orderOf(scenario),
      device: host,
      incarnation: process.name,
      termKnown: this.#terms.get(host) ?? 0,
      clock,
      wallClock: clock.now,
    });
    if (holder === undefined) return;
    const { term } = holder.record;
    this.#terms.set(host, term);
    if (term > 1) ofRun.handedOver();
    try {
      const writer = await store.writer(process, ofRun, term);
      const onReplaced = (): void => holder.replace();
      const target = new StreamOutput({ writer, clock, signal: holder.replaced, onWait: (note) => holder.say({ note }), onReplaced });
      const first = BigInt(target.next);
      holder.say({ frames: scenario.frames, next: first });
      const committed = (next: bigint): void => holder.say({ next, state: 'streaming' });
      const consumer = new ContinuedOutput(target, first, committed, () => false);
      const { epochs, failed } = await carryOut({
        ...this.#options,
        ...{ controller: process, first, epoch: firstEpoch(term), consumer, signal: holder.replaced },
      });
      ofRun.complete(new Map(failed.map(({ frame, cause }) => [frame, cause])));
      await holder.finish({ state: 'done', fps: undefined });
      this.#end({ kind: 'complete', epochs: epochs.length });
    } catch (thrown) {
      const error = MeshError.from(thrown);
      if (holder.replaced.aborted) return;
      if (term > 1 && (error.code === 'unreachable' || error.code === 'timeout')) throw error;
      await holder.finish({ state: 'failed', error: error.message, fps: undefined });
      if (!holder.replaced.aborted) this.#end({ kind: 'failed', error });
    } finally {
      await holder.close();
    }
  }

  /** Somebody who would like to see the run go on. */
  #attach(): void {
    const { world, scenario, store } = this.#options;
    const person = world.start(SECOND_HOST, `attach-${scenario.run}`);
    const records = new RunRecords(store.registry(person));
    let knownMs = person.clock.now();
    let looking = false;
    const look = async (): Promise<void> => {
      const found = await records.get(scenario.run);
      if (found !== undefined) knownMs = person.clock.now();
      else if (this.#process?.alive !== true && person.clock.now() - knownMs > FORGOTTEN_MS) this.#end({ kind: 'crashed' });
      if (found === undefined || isOver(found.record) || !isAbandoned(found)) return;
      await records.put({ ...found.record, device: SECOND_HOST, incarnation: '', state: 'starting' }, found.revision);
      looker.cancel();
      this.#start(SECOND_HOST);
    };
    const looker = every(person.clock, LOOK_MS, () => {
      if (looking || this.#over) return;
      looking = true;
      // The registry does not answer, or somebody else was faster: it looks again.
      look()
        .catch(() => {})
        .finally(() => {
          looking = false;
        });
    });
  }

  #end(how: Ended): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd(how);
  }
}

function orderOf({ run, frames, window, rateFps }: RunScenario): RunOrder {
  return {
    ...{ run, frames, window, rateFps, model: 'simulated', modelFile: undefined, cuts: '', plan: undefined, objective: 'throughput' },
    ...{ on: [], spares: 0, weight: 100, threads: undefined, input: undefined, seed: 1, output: 'stream', keepFrames: undefined },
    ...{ codec: 'none', errorBudget: undefined, shadowEvery: 20, verify: 'off' },
  };
}
