/**
 * One run of the whole mesh in virtual time: the real engine with its source, ledger and sink, real supervisors, heartbeats and stage programs, over the
 * simulated network and bus, while a schedule of faults is carried out.
 *
 *     scenario ──▶ world · agents · controller ──▶ execute(…) ──▶ outcome: violations, trace hash, how it ended
 *
 * It throws nothing for a violated property; whoever asks reads the outcome.
 */
import process from 'node:process';
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
import { Checks, type Violation } from './checks.ts';
import { inject } from './inject.ts';
import { RealWork } from './real-work.ts';
import { CONTROLLER_HOST, formatScenario, type Scenario } from './scenario.ts';
import { SimAgent } from './sim-agent.ts';
import { SimAgentPort } from './sim-agent-port.ts';
import { BROKER_HOST } from './sim-bus.ts';
import { expectedOutputs, inputOf, TENSOR_BYTES } from './sim-model.ts';
import type { SimProcess } from './sim-process.ts';
import { SimWorld } from './sim-world.ts';
import { steadyDevices } from './steady.ts';
import { between, chance, streamOf } from './streams.ts';
import { Trace } from './trace.ts';

export interface Outcome {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  /** How the run ended. */
  readonly ended:
    | { readonly kind: 'complete'; readonly epochs: number }
    | { readonly kind: 'failed'; readonly error: MeshError }
    | { readonly kind: 'endless' };
  /** Virtual time at which it did, milliseconds. */
  readonly endedMs: number;
  readonly events: number;
  readonly traceHash: string;
  readonly checks: Checks;
}

const RUN = 'r';
/** A run may take so long after the last fault: leases, keepalives, deadlines and a few attempts. */
const END_MS_MAX = 120_000;
/** Leases end within 10 s, what they end within seconds. */
const AFTERMATH_MS = 30_000;

export async function simulate(scenario: Scenario, print?: (line: string) => void): Promise<Outcome> {
  const { seed, devices, plain, frames } = scenario;
  const trace = new Trace(print);
  const world = new SimWorld(seed, [...devices, CONTROLLER_HOST, BROKER_HOST], trace);
  const { clock } = world;
  const checks = new Checks({
    now: clock.now,
    expected: (id) => expectedOutputs(plain, id),
    onViolation: ({ property, what }) => clock.note(`VIOLATED ${property}: ${what}`),
  });
  const subjects = subjectsOf('sim');
  const agents = new Map(
    devices.map((name) => {
      const random = streamOf(seed, `device ${name}`);
      return [name, new SimAgent({ world, name, subjects, random, checks, computeMs: scenario.computeMs.get(name)! })] as const;
    }),
  );
  const work = new RealWork();
  const stray = (error: unknown): void => checks.violated('no stray errors', textOfError(error));
  process.on('unhandledRejection', stray);
  const go = async (untilMs: number, done: () => boolean): Promise<void> => {
    for (;;) {
      try {
        return await clock.run({ untilMs, done, check: work.check, turn: work.turn });
      } catch (error) {
        // What an event throws ends the process it happens in, as a rule. Here it is a bug, and the rest still shows what comes of it.
        work.check();
        stray(error);
      }
    }
  };
  try {
    for (const agent of agents.values()) agent.boot();
    const controller = world.start(CONTROLLER_HOST, 'controller');
    let kills = 0;
    const onKill = (): void => {
      kills += 1;
    };
    inject(scenario.faults, { world, agents, random: streamOf(seed, 'hits'), onKill });
    let ended: Outcome['ended'] | undefined;
    carryOut({ scenario, world, agents, controller, checks, kills: () => kills }).then(
      ({ epochs }) => {
        checks.complete(frames);
        ended = { kind: 'complete', epochs: epochs.length };
      },
      (thrown: unknown) => {
        ended = { kind: 'failed', error: MeshError.from(thrown) };
      },
    );
    await go(scenario.calmMs + END_MS_MAX, () => ended !== undefined);
    const endedMs = clock.now();
    if (ended === undefined) checks.violated('the run ends', `${checks.delivered} of ${frames} frames came out, and it goes on`);
    else if (ended.kind === 'failed') judge(ended.error, scenario, endedMs, checks);
    await go(Math.max(endedMs, scenario.calmMs) + AFTERMATH_MS, () => false);
    for (const agent of agents.values())
      for (const { process } of agent.stages) checks.violated('nothing remains', `${process.name} is still there`);
    return {
      scenario,
      violations: checks.violations,
      ended: ended ?? { kind: 'endless' },
      endedMs,
      events: trace.events,
      traceHash: trace.hash,
      checks,
    };
  } finally {
    process.off('unhandledRejection', stray);
    work.stop();
  }
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** A run may give up only when it has nothing left, and has to say why. */
function judge(error: MeshError, scenario: Scenario, endedMs: number, checks: Checks): void {
  // Before the first frame a person is there who chose the devices, and is told what is wrong with one.
  if (checks.delivered === 0 && error.message !== '') return;
  const steady = steadyDevices(scenario, endedMs);
  if (steady.length > 0)
    checks.violated('the run ends', `it gave up although nothing has happened to ${steady.join(', ')}: ${error.message}`);
  else if (error.message === '') checks.violated('the run ends', 'it gave up without a cause');
}

interface Staged {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly agents: ReadonlyMap<string, SimAgent>;
  readonly controller: SimProcess;
  readonly checks: Checks;
  /** Stages and agents that were killed so far. */
  readonly kills: () => number;
}

async function carryOut({ scenario, world, agents, controller, checks, kills }: Staged): Promise<Executed> {
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
    replan: async (request) => substitute(request, seats),
    improve: (request) => betterSeat(request, seats),
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

export function formatOutcome({ scenario, violations, ended, endedMs, events, traceHash, checks }: Outcome): string {
  const how =
    ended.kind === 'complete'
      ? `complete in ${ended.epochs} epochs`
      : ended.kind === 'failed'
        ? `failed: ${ended.error.code}: ${ended.error.message}`
        : 'never ended';
  return [
    formatScenario(scenario),
    `  ${how} at +${(endedMs / 1000).toFixed(3)} s; ${checks.delivered} frames, ${checks.computed} computations, ${events} events, trace ${traceHash}`,
    ...violations.slice(0, 10).map(({ property, what, atMs }) => `  VIOLATED at +${(atMs / 1000).toFixed(3)} s: ${property}: ${what}`),
  ].join('\n');
}
