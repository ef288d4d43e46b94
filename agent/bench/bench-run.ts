/**
 * One benchmark run on this device, from its order to its record. Around the measurement:
 *
 *     files ──▶ page cache ──▶ too little to tell anything? refused ──▶ load beside it ──▶ the device as it is ──▶ group ──▶ measurement.ts ──▶ record
 *                                                                                             ◀── load, group and files are gone ──
 */
import type { BenchEvent } from '../../mesh/bench/event.ts';
import type { BenchOrder } from '../../mesh/bench/order.ts';
import type { BenchEnvironment, BenchRecord } from '../../mesh/bench/record.ts';
import type { Clock } from '../../mesh/clock.ts';
import type { Device } from '../../mesh/device.ts';
import { optional } from '../../mesh/wire-number.ts';
import type { DeviceGroup } from '../cgroup/device-group.ts';
import { readPageBytes } from '../hardware.ts';
import { lookAtRest } from './at-rest.ts';
import { EnergyMeter } from './energy.ts';
import { belowFloor } from './floors.ts';
import { LoadGenerator } from './load-generator.ts';
import { readMachineState } from './machine-state.ts';
import { Measurement } from './measurement.ts';
import { dropFiles, warmFiles } from './page-cache.ts';
import type { Workplace, Workplaces } from './workplace.ts';

export interface BenchTools {
  readonly device: () => Device;
  /** Undefined: this agent may not make groups, and is asked for none. */
  readonly group: DeviceGroup | undefined;
  readonly workplaces: Workplaces;
  /** The Node that runs the program of background load, and that. */
  readonly node: string;
  readonly loadProgram: string;
  readonly stageEnv: Readonly<Record<string, string>>;
  /** Stages that are on the device. */
  readonly stages: () => number;
  /** `/`, or a folder that stands for it in a test. */
  readonly root: string;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/**
 * Its turn has come. What the run itself does wrong is in its record; what the agent can't do is an error: `denied` (a limit can't be enforced), `not-found`
 * (a blob, a program), `exhausted` (disk). When `signal` aborts before its process has begun, that is the error; later all of it is killed, and the record
 * says so.
 */
export async function benchRun(
  order: BenchOrder,
  tools: BenchTools,
  tell: (event: BenchEvent) => void,
  signal: AbortSignal,
): Promise<BenchRecord> {
  const workplace = await tools.workplaces.prepare(order);
  try {
    const warnings = await setPageCache(order, workplace.files, signal);
    const environment = environmentOf(order, workplace, tools);
    if ((order.limits.swapBytes ?? 0) > 0 && environment.swapTotalBytes === 0)
      warnings.push('the device has no swap: it made no difference');
    const why =
      tooFewThreads(order, environment) ??
      belowFloor(order.limits, { cores: environment.device.cores, pageBytes: readPageBytes(tools.root) });
    if (why !== undefined) return refused(order, environment, why, warnings, tools.wallClock());
    const energy = new EnergyMeter(tools.root);
    const load = await startLoad(order, tools, signal);
    try {
      return await measured(order, workplace, tools, { environment, warnings, energy, load }, tell, signal);
    } finally {
      await load?.stop();
    }
  } finally {
    await workplace.remove();
  }
}

async function startLoad(
  { backgroundLoad, enforce }: BenchOrder,
  tools: BenchTools,
  signal: AbortSignal,
): Promise<LoadGenerator | undefined> {
  if (backgroundLoad === undefined) return undefined;
  const { node, loadProgram, stageEnv, clock } = tools;
  const options = { node, program: loadProgram, env: stageEnv, group: enforce ? tools.group : undefined, clock };
  return await LoadGenerator.start(backgroundLoad, options, signal);
}

interface Prepared {
  readonly environment: BenchEnvironment;
  /** Those that are found are added. */
  readonly warnings: string[];
  readonly energy: EnergyMeter;
  readonly load: LoadGenerator | undefined;
}

async function measured(
  order: BenchOrder,
  workplace: Workplace,
  tools: BenchTools,
  { environment, warnings, energy, load }: Prepared,
  tell: (event: BenchEvent) => void,
  signal: AbortSignal,
): Promise<BenchRecord> {
  const { watts, busyCores } = await lookAtRest(energy, tools.root, tools.clock, signal);
  const group = order.enforce ? tools.group!.addBench(order.limits) : undefined;
  try {
    warnings.push(...(group?.warnings ?? []));
    const measurement = new Measurement({
      ...{ order, workplace, group, energy, idleW: watts, tell, warnings },
      environment: { ...environment, ...optional('cpuBusyCores', busyCores) },
      ...{ root: tools.root, clock: tools.clock, wallClock: tools.wallClock },
    });
    const record = await measurement.run(signal);
    if (load?.died !== true) return record;
    return { ...record, warnings: [...record.warnings, 'the background load ended before the run'] };
  } finally {
    group?.remove();
  }
}

/** Threads of a process of Node's besides those that compute: with fewer it aborts or hangs (Node 24 ran with 8, hung with 4). */
const THREADS_OWN = 12;

function tooFewThreads({ workload, limits }: BenchOrder, { intraOpThreads = 1 }: BenchEnvironment): string | undefined {
  const least = THREADS_OWN + intraOpThreads;
  if (workload.kind === 'command' || limits.pids === undefined || limits.pids >= least) return undefined;
  return `${limits.pids} processes and threads were asked for, and a model wants ${least}: those that compute, and Node's own`;
}

/** Returns what could not be done, for a person. */
async function setPageCache({ pageCache, workload }: BenchOrder, files: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (pageCache === 'as-is') return [];
  // What a program reads is its own business: it would be wrong to say that all of it is warm or cold.
  const unknown =
    workload.kind === 'command' && files.length === 0
      ? [`the page cache is as it was, not ${pageCache}: no files came along, and what else the program reads is not known`]
      : [];
  if (pageCache === 'cold') return [...unknown, ...(await dropFiles(files, signal))];
  await warmFiles(files, signal);
  return unknown;
}

function environmentOf(order: BenchOrder, { intraOpThreads, heapMiBMax, env, folder }: Workplace, tools: BenchTools): BenchEnvironment {
  return {
    device: tools.device(),
    ...readMachineState(tools.root),
    ...(order.enforce && tools.group !== undefined ? { cgroup: tools.group.version } : {}),
    ...optional('intraOpThreads', intraOpThreads),
    ...optional('heapMiBMax', heapMiBMax),
    pageCache: order.pageCache,
    stages: tools.stages(),
    env,
    workingFolder: folder,
  };
}

function refused(
  { run, limits, backgroundLoad }: BenchOrder,
  environment: BenchEnvironment,
  why: string,
  warnings: readonly string[],
  startedMs: number,
): BenchRecord {
  return {
    ...{ run, limits, environment, startedMs, warnings },
    ...optional('backgroundLoad', backgroundLoad),
    outcome: { kind: 'refused', why },
    ...{ exit: {}, phases: [], use: {}, series: [], metrics: [], metricsLost: 0, lastWords: '' },
  };
}
