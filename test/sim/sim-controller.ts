/**
 * The controller of a simulated mesh: the real engine, fleet and replanning in a simulated process; agents, source server, files and outputs around it
 * are simulated or checked.
 *
 *     input (checked: how many are on their way) ──▶ execute(…) ──▶ consumer (checked: once, in order, right bytes)
 */

import type { StreamTaker } from '../../controller/deploy/source-server.ts';
import { Fleet } from '../../controller/devices/fleet.ts';
import { execute } from '../../controller/run/engine.ts';
import type { Executed, Execution, Workplace } from '../../controller/run/execution.ts';
import type { FrameInput } from '../../controller/run/frame-input.ts';
import type { OutputConsumer } from '../../controller/run/sink.ts';
import { asPlanned } from '../../controller/run/steering.ts';
import { betterSeat, substitute } from '../../controller/run/substitute.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { expiry, pause } from '../../mesh/clock.ts';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Checks } from './checks.ts';
import { CONTROLLER_HOST, type Scenario } from './scenario.ts';
import type { SimAgent } from './sim-agent.ts';
import { SimAgentPort } from './sim-agent-port.ts';
import { inputOf, TENSOR_BYTES } from './sim-model.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';
import { between, chance, streamOf } from './streams.ts';

const RUN = 'r';

export interface Staged {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly agents: ReadonlyMap<string, SimAgent>;
  readonly controller: SimProcess;
  readonly checks: Checks;
  /** Stages and agents that were killed so far. */
  readonly kills: () => number;
}

/** Errors: those of `execute`. */
export async function carryOut({ scenario, world, agents, controller, checks, kills }: Staged): Promise<Executed> {
  const { seed, plan, frames, window, rateFps } = scenario;
  const { clock } = controller;
  const random = streamOf(seed, 'controller');
  const subjects = subjectsOf('sim');
  const transferMs = ({ bytes }: { bytes: number }): number => between(random, 1, 10) + bytes / 100_000;
  const ports = new Map(
    [...agents.values()].map((agent) => [
      agent.name,
      new SimAgentPort({ network: world.network, caller: controller, agent, checks, transferMs }),
    ]),
  );
  const bus = world.bus.connect(controller);
  const fleet = new Fleet({
    bus,
    subjects,
    clock,
    answers: async (device) => {
      const timeout = expiry(clock, 1_000, new MeshError('timeout', 'no answer'));
      const answered = await ports
        .get(device)!
        .describe(timeout.signal)
        .then(
          () => true,
          () => false,
        );
      timeout.cancel();
      return answered;
    },
    onPresence: () => {},
    onBad: (error) => {
      throw error;
    },
  });
  const seats = [...ports.keys()].map((name) => ({ name }));
  const takers = new Map<string, StreamTaker>();
  const address = `${CONTROLLER_HOST}:1`;
  world.network.own(address, controller);
  world.links.listen(address, (stream) => {
    const taker = takers.get(stream.open.run);
    if (taker === undefined) throw new MeshError('not-found', `run ${stream.open.run} is not here`);
    taker.accept(stream);
  });
  const place: Workplace = {
    agents: ports,
    bus,
    subjects,
    server: {
      address,
      serveRun: (run, taker) => {
        takers.set(run, taker);
        return () => void takers.delete(run);
      },
    },
    link: world.links.link(controller.name),
    codecs: tensorCodecs,
    deliver: ({ name }, { model }, signal) => ports.get(name)!.fetch(model, signal),
    clock,
    watcher: (event) => {
      if (event.kind !== 'arrival')
        world.clock.note(`run: ${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`);
    },
    signal: new AbortController().signal,
    onDevice: (listener) =>
      fleet.onChange((change) => {
        world.clock.note(`fleet: ${change.device} ${change.kind}`);
        if (change.kind !== 'draining' || change.draining) listener(change);
      }),
    replanner: {
      replan: async (request) => substitute(request, seats),
      improve: (present) => betterSeat(present, seats),
    },
  };
  const input: FrameInput = {
    count: undefined,
    title: 'simulated',
    check: async () => {},
    frame: async (id) => {
      checks.holds('the source', Number(id) - checks.delivered, window + 1);
      return new Map([['x', { dtype: 'uint8', dims: [TENSOR_BYTES], data: inputOf(id) }]]);
    },
    close: async () => {},
  };
  const consumer: OutputConsumer = {
    take: async (id, tensors) => {
      world.clock.note(`the sink takes frame ${id}`);
      checks.delivers(id, tensors);
    },
    skip: async (id) => {
      // Only a stage that died three times with this frame may have been taken to have died of it.
      if (kills() < 3) checks.violated('exactly once', `frame ${id} was given up although stages were killed ${kills()} times`);
      checks.skips(id);
    },
    // A disk that now and then takes seconds: meanwhile frames are committed and not acknowledged, so that they come again after a loss.
    sync: async () => {
      if (chance(random, 0.2)) await pause(clock, chance(random, 0.1) ? between(random, 200, 4_000) : between(random, 0.1, 20));
    },
  };
  const execution: Execution = {
    run: RUN,
    model: 'simulated',
    plan,
    models: modelsOf(scenario),
    input,
    frames,
    consumers: [consumer],
    window,
    rateFps,
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    spares: [],
    weight: 100,
    codecs: asPlanned,
    record: () => {},
  };
  try {
    return await execute(execution, place);
  } finally {
    fleet.close();
    await bus.close();
  }
}

/** Each stage has a file of its own: 1 KB to 1 MB. */
function modelsOf({ plain, seed }: Scenario): Execution['models'] {
  const random = streamOf(seed, 'models');
  return new Map(
    plain.stages.map(({ id }, index) => [
      id,
      { model: { sha256: new Uint8Array(32).fill(index + 1), bytes: Math.round(between(random, 1e3, 1e6)) }, externalData: {} },
    ]),
  );
}
