/**
 * What one seed means: devices, one run or several (run-scenario.ts), and what goes wrong. Plain data, to be printed and to be changed by hand.
 *
 *     seed ──▶ 2 to 6 devices, now and then with little memory · 1 to 3 runs · faults
 */
import type { Random } from '../../mesh/random.ts';
import { STAGE_PROCESS_BYTES } from '../../mesh/stage-memory.ts';
import { type FaultPlan, faultsOf, formatFault, type TimedFault } from './faults.ts';
import { formatRun, type RunScenario, randomSuccessor, runScenarioOf } from './run-scenario.ts';
import { BROKER_HOST } from './sim-bus.ts';
import { between, chance, pick, streamOf } from './streams.ts';

export const CONTROLLER_HOST = 'c';
/** Where somebody takes over. */
export const SECOND_HOST = 'c2';

export interface Scenario {
  readonly seed: number;
  readonly devices: readonly string[];
  readonly runs: readonly RunScenario[];
  /** Device → memory for stages, bytes. Undefined: more than they all need. */
  readonly memoryBytes: ReadonlyMap<string, number> | undefined;
  /** Device → how long a stage takes for a frame there, milliseconds. */
  readonly computeMs: ReadonlyMap<string, number>;
  readonly faults: readonly TimedFault[];
  /** Nothing goes wrong any more after this virtual time, milliseconds. */
  readonly calmMs: number;
}

/** Names of runs, in the order they begin. */
const RUNS = ['r', 'q', 'p'];
/** What a stage takes at most: its process, its model (at most 1 MB) and its window. */
const STAGE_BYTES_MAX = STAGE_PROCESS_BYTES + 2 * 2 ** 20;

export function scenarioOf(seed: number): Scenario {
  const random = streamOf(seed, 'scenario');
  const devices = Array.from({ length: 2 + random.below(5) }, (_, index) => `d${index + 1}`);
  const calmMs = between(random, 2_000, 20_000);
  const computeMs = new Map(devices.map((name) => [name, between(random, 1, 60)]));
  const mean = pick(random, [0, 2, 4, 8]);
  const count = chance(random, 0.2) ? 2 + random.below(2) : 1;
  const starts = RUNS.slice(0, count).map((run, index) => ({
    run,
    startMs: index === 0 || chance(random, 0.4) ? 0 : between(random, 0, calmMs),
  }));
  const asked = starts.map((start) => runScenarioOf({ seed, devices, calmMs, ...start }));
  const isTight = chance(random, count > 1 ? 0.5 : 0.08);
  const memoryBytes = isTight ? littleMemory(random, devices, asked[0]!) : undefined;
  const runs = memoryBytes === undefined || !chance(random, 0.4) ? asked : [...asked.slice(0, -1), tooBig(asked.at(-1)!, memoryBytes)];
  const around: FaultPlan = { devices, others: [CONTROLLER_HOST, BROKER_HOST], fromMs: 0, calmMs, mean };
  const faults = faultsOf(streamOf(seed, 'faults'), around);
  if (!chance(random, 0.2)) return { seed, devices, runs, memoryBytes, computeMs, faults, calmMs };
  const { crash, dying } = controllerCrash(random, runs, calmMs);
  return {
    ...{ seed, devices, memoryBytes, computeMs, calmMs },
    runs: runs.map((run) => (run.run === dying.run ? dying : run)),
    faults: [...faults, crash].sort((a, b) => a.atMs - b.atMs),
  };
}

export function formatScenario({ seed, devices, runs, memoryBytes, faults, calmMs }: Scenario): string {
  const memory =
    memoryBytes === undefined
      ? ''
      : ` with ${[...memoryBytes.values()].map((bytes) => Math.floor(bytes / STAGE_BYTES_MAX)).join('/')} places`;
  return [
    `seed ${seed}: ${devices.length} devices${memory}; calm from +${(calmMs / 1000).toFixed(3)} s`,
    ...runs.map((run) => `  ${formatRun(run)}`),
    ...faults.map((fault) => `  ${formatFault(fault)}`),
  ].join('\n');
}

/** The controller of a run dies; more often than not somebody goes on with it. */
function controllerCrash(
  random: Random,
  runs: readonly RunScenario[],
  calmMs: number,
): { readonly crash: TimedFault; readonly dying: RunScenario } {
  const run = pick(random, runs);
  const successor = run.successor ?? (chance(random, 0.5) ? randomSuccessor(random) : undefined);
  const atMs = between(random, Math.min(run.startMs, calmMs / 2), calmMs);
  return { crash: { kind: 'controller-crash', run: run.run, atMs }, dying: { ...run, successor } };
}

/** Enough for the first run, and not for much more. */
function littleMemory(random: Random, devices: readonly string[], { plan }: RunScenario): Map<string, number> {
  return new Map(
    devices.map((name) => {
      const used = plan.stages.filter(({ device }) => device === name).length;
      return [name, (used + (used === 0 ? 1 : 0) + random.below(3)) * STAGE_BYTES_MAX];
    }),
  );
}

/** One of its stages fits nowhere. */
function tooBig(run: RunScenario, memoryBytes: ReadonlyMap<string, number>): RunScenario {
  const [first] = [...run.modelBytes.keys()];
  return { ...run, modelBytes: new Map([...run.modelBytes, [first!, Math.max(...memoryBytes.values()) * 2]]) };
}
