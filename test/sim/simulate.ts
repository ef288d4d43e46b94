/**
 * One run of the whole mesh in virtual time: the real engine with its source, ledger and sink, real supervisors, heartbeats and stage programs, over the
 * simulated network and bus, while a schedule of faults is carried out.
 *
 *     scenario ──▶ world · agents · controller ──▶ execute(…) ──▶ outcome: violations, trace hash, how it ended
 *
 * It throws nothing for a violated property; whoever asks reads the outcome.
 */
import process from 'node:process';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { MeshError } from '../../mesh/error.ts';
import { Checks, type Violation } from './checks.ts';
import { inject } from './inject.ts';
import { RealWork } from './real-work.ts';
import { CONTROLLER_HOST, formatScenario, type Scenario } from './scenario.ts';
import { SimAgent } from './sim-agent.ts';
import { BROKER_HOST } from './sim-bus.ts';
import { carryOut } from './sim-controller.ts';
import { expectedOutputs } from './sim-model.ts';
import { SimWorld } from './sim-world.ts';
import { steadyDevices } from './steady.ts';
import { streamOf } from './streams.ts';
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
