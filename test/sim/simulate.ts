/**
 * A whole mesh in virtual time: real engines with their sources, ledgers and sinks, real supervisors, heartbeats and stage programs, over the
 * simulated network and bus, while a schedule of faults is carried out.
 *
 *     scenario ──▶ world · agents · runs ──▶ execute(…) each ──▶ outcome: violations, trace hash, how they ended
 *
 * It throws nothing for a violated property; whoever asks reads the outcome.
 */
import process from 'node:process';
import { subjectsOf } from '../../mesh/bus/subjects.ts';
import { aftermath } from './aftermath.ts';
import { Checks, type Violation } from './checks.ts';
import type { Ended } from './ended.ts';
import { inject } from './inject.ts';
import { judge, judgeSpares } from './judge.ts';
import { RealWork } from './real-work.ts';
import { RunChecks } from './run-checks.ts';
import { CONTROLLER_HOST, formatScenario, type Scenario, SECOND_HOST } from './scenario.ts';
import { SimAgent } from './sim-agent.ts';
import { BROKER_HOST } from './sim-bus.ts';
import { SimRun } from './sim-run.ts';
import { SimStore } from './sim-store.ts';
import { SimWorld } from './sim-world.ts';
import { streamOf } from './streams.ts';
import { Trace } from './trace.ts';

export interface Outcome {
  readonly scenario: Scenario;
  readonly violations: readonly Violation[];
  /** How each run ended, in the order of the scenario. */
  readonly ended: readonly Ended[];
  /** Virtual time at which the last did, milliseconds. */
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
  const { seed, devices, faults } = scenario;
  const trace = new Trace(print);
  const world = new SimWorld(seed, [...devices, CONTROLLER_HOST, SECOND_HOST, BROKER_HOST], trace);
  const { clock } = world;
  const checks = new Checks({ now: clock.now, onViolation: ({ property, what }) => clock.note(`VIOLATED ${property}: ${what}`) });
  let kills = 0;
  const violated = checks.violated.bind(checks);
  for (const run of scenario.runs) checks.add(new RunChecks({ scenario: run, kills: () => kills, violated }));
  const agents = agentsOf(scenario, world, checks);
  const store = new SimStore(world);
  const runs = scenario.runs.map((run) => new SimRun({ world, agents, checks, store, scenario: run }));
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
    const onKill = (): void => {
      kills += 1;
    };
    inject(faults, { world, agents, runs, store, random: streamOf(seed, 'hits'), onKill });
    aftermath({ scenario, world, agents, runs, checks });
    for (const run of runs) {
      if (run.scenario.startMs === 0) run.begin();
      else clock.at(run.scenario.startMs, `run ${run.scenario.run}`, () => run.begin());
    }
    await go(scenario.calmMs + END_MS_MAX, () => runs.every(({ ended }) => ended !== undefined));
    const endedMs = clock.now();
    for (const run of runs) {
      judge(run, scenario, checks);
      judgeSpares(run, scenario, agents, checks);
    }
    await go(Math.max(endedMs, scenario.calmMs) + AFTERMATH_MS, () => false);
    for (const agent of agents.values()) {
      for (const { process: left } of agent.stages) checks.violated('nothing remains', `${left.name} is still there`);
      const reservedBytes = agent.process === undefined ? 0 : agent.supervisor.memory.reservedBytes;
      if (reservedBytes > 0) checks.violated('nothing remains', `${reservedBytes} bytes are still reserved on ${agent.name}`);
    }
    return {
      scenario,
      violations: checks.violations,
      ended: runs.map(({ ended }) => ended?.how ?? { kind: 'endless' }),
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

function agentsOf({ seed, devices, computeMs, memoryBytes, faults }: Scenario, world: SimWorld, checks: Checks): Map<string, SimAgent> {
  const subjects = subjectsOf('sim');
  return new Map(
    devices.map((name) => {
      const own = { computeMs: computeMs.get(name)!, memoryBytes: memoryBytes?.get(name), disturbances: faults.length };
      return [name, new SimAgent({ world, name, subjects, random: streamOf(seed, `device ${name}`), checks, ...own })];
    }),
  );
}

function textOfError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

export function formatOutcome({ scenario, violations, ended, endedMs, events, traceHash, checks }: Outcome): string {
  const how = ended.map((each, index) => `${scenario.runs[index]!.run} ${formatEnded(each)}`).join('; ');
  const delivered = scenario.runs.reduce((sum, { run }) => sum + checks.run(run).delivered, 0);
  return [
    formatScenario(scenario),
    `  ${how} at +${(endedMs / 1000).toFixed(3)} s; ${delivered} frames, ${checks.computed} computations, ${events} events, trace ${traceHash}`,
    ...violations.slice(0, 10).map(({ property, what, atMs }) => `  VIOLATED at +${(atMs / 1000).toFixed(3)} s: ${property}: ${what}`),
  ].join('\n');
}

function formatEnded(ended: Ended): string {
  switch (ended.kind) {
    case 'complete':
      return `complete in ${ended.epochs} epochs`;
    case 'failed':
      return `failed: ${ended.error.code}: ${ended.error.message}`;
    case 'crashed':
      return 'crashed';
    case 'endless':
      return 'never ended';
  }
}
