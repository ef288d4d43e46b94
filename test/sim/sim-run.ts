/**
 * One run of a simulated mesh from its beginning to its end, whoever carries it out: a controller in the foreground, which takes its run along when it
 * dies, or one that others succeed (sim-detached.ts).
 *
 *     begin ──▶ controller process ──▶ complete │ failed │ crashed
 */
import type { OutputConsumer } from '../../controller/run/sink.ts';
import { pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Ended } from './ended.ts';
import type { RunScenario } from './run-scenario.ts';
import { CONTROLLER_HOST } from './scenario.ts';
import { carryOut, type Stage } from './sim-controller.ts';
import { DetachedRun } from './sim-detached.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimStore } from './sim-store.ts';
import { between, chance, streamOf } from './streams.ts';

export interface RunOptions extends Stage {
  readonly scenario: RunScenario;
  readonly store: SimStore;
}

export class SimRun {
  readonly scenario: RunScenario;
  readonly #options: RunOptions;
  #controller: SimProcess | undefined;
  #detached: DetachedRun | undefined;
  #ended: { readonly how: Ended; readonly atMs: number } | undefined;

  constructor(options: RunOptions) {
    this.#options = options;
    this.scenario = options.scenario;
  }

  get ended(): { readonly how: Ended; readonly atMs: number } | undefined {
    return this.#ended;
  }

  begin(): void {
    const { world, scenario } = this.#options;
    if (scenario.successor === undefined) this.#foreground();
    else {
      this.#detached = new DetachedRun({ ...this.#options, successor: scenario.successor, onEnd: (how) => this.#end(how) });
      this.#detached.begin();
    }
    world.clock.note(`run ${scenario.run} begins`);
  }

  /** SIGKILL for its controller. */
  crash(): void {
    if (this.#ended !== undefined) return;
    if (this.#detached !== undefined) this.#detached.crash();
    else if (this.#controller !== undefined) {
      this.#controller.end();
      this.#end({ kind: 'crashed' });
    }
  }

  #foreground(): void {
    const { world, scenario, checks } = this.#options;
    const controller = world.start(CONTROLLER_HOST, 'controller');
    this.#controller = controller;
    const consumer = this.#checked(controller);
    const signal = new AbortController().signal;
    const { epoch } = scenario.plan;
    carryOut({ ...this.#options, controller, first: 0n, epoch, consumer, signal }).then(
      ({ epochs, failed }) => {
        checks.run(scenario.run).complete(new Map(failed.map(({ frame, cause }) => [frame, cause])));
        this.#end({ kind: 'complete', epochs: epochs.length });
      },
      (thrown: unknown) => this.#end({ kind: 'failed', error: MeshError.from(thrown) }),
    );
  }

  #checked({ clock }: SimProcess): OutputConsumer {
    const { world, scenario, checks } = this.#options;
    const random = streamOf(world.seed, `outputs of ${scenario.run}`);
    const ofRun = checks.run(scenario.run);
    return {
      take: async (id, tensors) => {
        world.clock.note(`the sink of ${scenario.run} takes frame ${id}`);
        ofRun.delivers(id, tensors);
      },
      skip: async (id) => ofRun.skips(id),
      // A disk that now and then takes seconds: meanwhile frames are committed and not acknowledged, so that they come again after a loss.
      sync: async () => {
        if (chance(random, 0.2)) await pause(clock, chance(random, 0.1) ? between(random, 200, 4_000) : between(random, 0.1, 20));
      },
    };
  }

  #end(how: Ended): void {
    const { clock } = this.#options.world;
    this.#ended ??= { how, atMs: clock.now() };
    clock.note(`run ${this.scenario.run} ends: ${how.kind}`);
    // A command that is done is a process that is gone.
    if (this.#detached === undefined) this.#controller?.end();
  }
}
