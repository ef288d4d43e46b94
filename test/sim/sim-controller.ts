/**
 * The controller of one run of a simulated mesh: the real admission, engine, fleet and replanning in a simulated process; agents, source server and files
 * around it are simulated.
 *
 *     fits? ──▶ input (checked: how many are on their way) ──▶ execute(…) ──▶ consumer
 */

import type { StreamTaker } from '../../controller/deploy/source-server.ts';
import { Fleet } from '../../controller/devices/fleet.ts';
import { execute } from '../../controller/run/engine.ts';
import type { Executed, Execution, Workplace } from '../../controller/run/execution.ts';
import type { FrameInput } from '../../controller/run/frame-input.ts';
import { MeshReplanner } from '../../controller/run/mesh-replanner.ts';
import type { Planned } from '../../controller/run/planned.ts';
import { refuseMisfit, SeatDevices } from '../../controller/run/rooms.ts';
import type { RunEvent } from '../../controller/run/run-events.ts';
import type { OutputConsumer } from '../../controller/run/sink.ts';
import { asPlanned } from '../../controller/run/steering.ts';
import { substitute } from '../../controller/run/substitute.ts';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { expiry } from '../../mesh/clock.ts';
import { tensorCodecs } from '../../mesh/codec/registry.ts';
import { MeshError } from '../../mesh/error.ts';
import type { Epoch, FrameId } from '../../mesh/frame.ts';
import { NOTHING_MEASURED } from '../helpers/nothing-measured.ts';
import type { Checks } from './checks.ts';
import { countedLink } from './counted-link.ts';
import type { RunChecks } from './run-checks.ts';
import type { RunScenario } from './run-scenario.ts';
import type { SimAgent } from './sim-agent.ts';
import { SimAgentPort } from './sim-agent-port.ts';
import { inputOf, TENSOR_BYTES } from './sim-model.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';
import { between, streamOf } from './streams.ts';

const ANSWER_MS = 1_000;

export interface Stage {
  readonly world: SimWorld;
  readonly agents: ReadonlyMap<string, SimAgent>;
  readonly checks: Checks;
}

export interface Staged extends Stage {
  readonly scenario: RunScenario;
  readonly controller: SimProcess;
  /** The first frame that is not in the outputs yet, and the first epoch that this process may use. */
  readonly first: FrameId;
  readonly epoch: Epoch;
  readonly consumer: OutputConsumer;
  readonly signal: AbortSignal;
}

/** Errors: `exhausted` when it does not fit; those of `execute`. */
export async function carryOut(staged: Staged): Promise<Executed> {
  const { scenario, world, agents, controller, checks, first, consumer, signal } = staged;
  const { clock } = controller;
  const random = streamOf(world.seed, `controller of ${scenario.run}`);
  const transferMs = ({ bytes }: { bytes: number }): number => between(random, 1, 10) + bytes / 100_000;
  const ports = new Map(
    [...agents.values()].map((agent) => [
      agent.name,
      new SimAgentPort({ network: world.network, caller: controller, agent, checks, transferMs }),
    ]),
  );
  const bus = world.bus.connect(controller);
  const fleet = fleetOf(staged, bus, ports);
  const mesh = { agents: ports, fleet };
  const seats = new SeatDevices(mesh, clock);
  const ofRun = checks.run(scenario.run);
  const planned = await plannedBy(staged, ports, seats).catch(async (error: unknown) => {
    fleet.close();
    await bus.close();
    throw error;
  });
  const execution: Execution = {
    run: scenario.run,
    model: 'simulated',
    ...planned,
    input: inputOfRun(scenario, ofRun, checks),
    frames: scenario.frames,
    first,
    consumers: [consumer],
    window: scenario.window,
    rateFps: scenario.rateFps,
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    spares: scenario.spares,
    weight: 100,
    speedProbe: undefined,
    codecs: asPlanned,
    record: () => {},
  };
  const place: Workplace = {
    agents: ports,
    bus,
    subjects: subjectsOf('sim'),
    server: serverOf(staged),
    link: countedLink(
      world.links.link(controller.name),
      () => {},
      (route) => checks.takesAfterClose(route),
    ),
    codecs: tensorCodecs,
    deliver: ({ name }, { model }, until) => ports.get(name)!.fetch(model, until),
    clock,
    watcher: (event) => watch(event, ofRun, world),
    signal,
    onDevice: (listener) =>
      fleet.onChange((change) => {
        world.clock.note(`fleet of ${scenario.run}: ${change.device} ${change.kind}`);
        if (change.kind !== 'draining' || change.draining) listener(change);
      }),
    replanner: new MeshReplanner(mesh, clock, undefined),
  };
  try {
    await refuseMisfit(execution, 'simulated', { mesh, clock, signal });
    return await execute(execution, place);
  } finally {
    fleet.close();
    await bus.close();
  }
}

/** A person has chosen the devices; a process that goes on with a run plans anew, with those that are there. Errors: `unreachable` when there are none, `exhausted` when they are too small. */
async function plannedBy(
  { scenario, epoch, signal }: Staged,
  ports: ReadonlyMap<string, SimAgentPort>,
  seats: SeatDevices,
): Promise<Planned> {
  const planned = { plan: { ...scenario.plan, epoch }, models: modelsOf(scenario) };
  if (epoch === scenario.plan.epoch) return planned;
  const asked = [...ports].map(async ([device, port]) => {
    const isThere = await port.describe(signal).then(
      ({ draining }) => !draining,
      () => false,
    );
    return isThere ? [] : [device];
  });
  const without = new Set((await Promise.all(asked)).flat());
  const request = { ...NOTHING_MEASURED, planned, epoch, without, avoid: () => false, spares: scenario.spares };
  const found = substitute(request, await seats.ask(without));
  if (typeof found === 'string') throw new MeshError(/ needs /.test(found) ? 'exhausted' : 'unreachable', found);
  return found;
}

/** Runs have files of their own. */
export function modelsOf({ run, plain, modelBytes }: RunScenario): Execution['models'] {
  return new Map(
    plain.stages.map(({ id }, index) => {
      const sha256 = new Uint8Array(32).fill(index + 1);
      sha256[0] = run.charCodeAt(0);
      return [id, { model: { sha256, bytes: modelBytes.get(id)! }, externalData: {} }];
    }),
  );
}

function fleetOf({ controller }: Staged, bus: Workplace['bus'], ports: ReadonlyMap<string, SimAgentPort>): Fleet {
  const { clock } = controller;
  return new Fleet({
    bus,
    subjects: subjectsOf('sim'),
    clock,
    answers: async (device) => {
      const timeout = expiry(clock, ANSWER_MS, new MeshError('timeout', 'no answer'));
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
}

/** Each process listens at an address of its own. */
function serverOf({ world, controller }: Staged): Workplace['server'] {
  const takers = new Map<string, StreamTaker>();
  const address = `${controller.host.name}:${controller.name.split('.').at(-1)}`;
  world.network.own(address, controller);
  const stop = world.links.listen(address, (stream) => {
    const taker = takers.get(stream.open.run);
    if (taker === undefined) throw new MeshError('not-found', `run ${stream.open.run} is not here`);
    taker.accept(stream);
  });
  controller.onEnd(stop);
  return {
    address,
    serveRun: (run, taker) => {
      takers.set(run, taker);
      return () => void takers.delete(run);
    },
  };
}

function inputOfRun({ run, window }: RunScenario, ofRun: RunChecks, checks: Checks): FrameInput {
  return {
    count: undefined,
    title: 'simulated',
    check: async () => {},
    frame: async (id) => {
      checks.holds(`the source of run ${run}`, Number(id) - ofRun.delivered, window + 1);
      ofRun.made(id);
      return new Map([['x', { dtype: 'uint8', dims: [TENSOR_BYTES], data: inputOf(run, id) }]]);
    },
    close: async () => {},
  };
}

function watch(event: RunEvent, ofRun: RunChecks, { clock }: SimWorld): void {
  if (event.kind === 'lost') ofRun.lost();
  if (event.kind !== 'arrival')
    clock.note(`run ${ofRun.run}: ${JSON.stringify(event, (_, value) => (typeof value === 'bigint' ? `${value}` : value))}`);
}
