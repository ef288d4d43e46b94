/**
 * What must have happened some time after certain faults, looked at then, on devices that nothing else has happened to meanwhile:
 *
 *     controller dies, nobody goes on ── lease, patience ──▶ no stage of its run is there
 *     device is drained               ── a change of plan ──▶ no stage of a run is there that could go elsewhere
 */
import { LEASE_MS } from '../../controller/run/lease.ts';
import type { Checks } from './checks.ts';
import type { TimedFault } from './faults.ts';
import type { Scenario } from './scenario.ts';
import type { SimAgent } from './sim-agent.ts';
import type { SimRun } from './sim-run.ts';
import type { SimWorld } from './sim-world.ts';
import { isQuiet, steadyDevices } from './steady.ts';

/** The last renewal may have been on its way, agents look five times a second and are patient for 2 s. */
const LEFT_MS = LEASE_MS + 4_000;
/** The news, loading, the last frames of the old plan, and a disk that takes seconds to confirm them. */
const DRAINED_MS = 8_000;

export interface Aftermath {
  readonly scenario: Scenario;
  readonly world: SimWorld;
  readonly agents: ReadonlyMap<string, SimAgent>;
  readonly runs: readonly SimRun[];
  readonly checks: Checks;
}

export function aftermath(all: Aftermath): void {
  const { scenario, world } = all;
  for (const fault of scenario.faults) {
    const look = fault.kind === 'controller-crash' ? lookForGhosts : fault.kind === 'drain' ? lookForStayers : undefined;
    const afterMs = fault.kind === 'controller-crash' ? LEFT_MS : DRAINED_MS;
    if (look !== undefined) world.clock.at(fault.atMs + afterMs, 'what has become of it?', () => look(fault, all));
  }
}

function lookForGhosts(fault: TimedFault, { scenario, agents, runs, checks }: Aftermath): void {
  if (fault.kind !== 'controller-crash') return;
  const run = runs.find((each) => each.scenario.run === fault.run);
  // It may have been over before, or not have begun; with a successor its stages are used again.
  if (run?.ended?.how.kind !== 'crashed' || run.ended.atMs !== fault.atMs) return;
  if (!isQuiet(scenario.faults, fault.atMs - LEASE_MS, fault.atMs + LEFT_MS, fault)) return;
  for (const device of scenario.devices) {
    const left = agents.get(device)!.stages.filter((stage) => stage.run === fault.run);
    for (const { process } of left)
      checks.violated('nothing remains', `${process.name} has outlived the controller of run ${fault.run} and its lease`);
  }
}

function lookForStayers(fault: TimedFault, { scenario, agents, runs, checks, world }: Aftermath): void {
  if (fault.kind !== 'drain' || scenario.memoryBytes !== undefined) return;
  const nowMs = world.clock.now();
  const elsewhere = steadyDevices(scenario, nowMs).filter((device) => device !== fault.host);
  // It has been started again by now; or other things keep the runs busy.
  if (fault.forMs <= DRAINED_MS || elsewhere.length === 0 || !isQuiet(scenario.faults, fault.atMs - 10_000, nowMs, fault)) return;
  for (const run of runs) {
    if (run.ended !== undefined || run.scenario.poison.length > 0) continue;
    const staying = agents.get(fault.host)!.stages.filter((stage) => stage.run === run.scenario.run);
    for (const { process } of staying)
      checks.violated('drain', `${process.name} of run ${run.scenario.run} has not left its draining device`);
  }
}
