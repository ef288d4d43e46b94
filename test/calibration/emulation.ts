/**
 * A topology for real: agents in network namespaces, each in a cgroup with its quota, cables shaped by tbf, far devices behind relays; the
 * controller runs as a person would run it.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunReport } from '../../controller/report/run-report.ts';
import { makePlan } from '../../controller/run/make-plan.ts';
import { placesOf, prepareRun } from '../../controller/run/prepare.ts';
import { cacheFolder } from '../../controller/store/folders.ts';
import type { FrameMeasurement } from '../../mesh/measurement.ts';
import { flowOf } from '../../partition/flow/flow.ts';
import { resolveModel } from '../../partition/load.ts';
import type { Plan } from '../../partition/plan.ts';
import { type CpuTimes, cpuTimes } from '../helpers/cpu-time.ts';
import { putFar } from '../helpers/far-host.ts';
import { serveFirst } from '../helpers/first-served.ts';
import { foreignCores, markCpu } from '../helpers/foreign-load.ts';
import { type Mesh, startMesh } from '../helpers/mesh-harness.ts';
import { type Host, Network } from '../helpers/network.ts';
import type { Scope } from '../helpers/scope.ts';
import { sharedCache } from '../helpers/shared-cache.ts';
import { type Topology, windowOf } from './topologies.ts';

/** Before all that has no group of its own on this machine. */
const PRIORITY = -19;
const LOOK_EVERY_MS = 100;
/** Of those that travel alone, only the last are looked at: before, the programs are still being compiled. */
export const STEADY_SHARE = 0.6;

export interface Emulation {
  readonly plan: Plan;
  /** Frames one at a time, and what CPU time they took. */
  calibrate(frames: number): Promise<Observed>;
  run(rateFps: number | undefined): Promise<Measured>;
}

export interface Measured {
  readonly frames: readonly FrameMeasurement[];
  /** What others used of this machine meanwhile. */
  readonly foreignCores: number;
}

export interface Observed {
  readonly report: RunReport;
  /** Stage → what its session took for each frame, of the last frames. */
  readonly computeMs: ReadonlyMap<string, readonly number[]>;
  /** Of the same frames. */
  readonly latencyMs: readonly number[];
  /** From a frame's start to that of the next, mean. */
  readonly periodMs: number;
  /** Stage, `controller`, or a device for its agent → CPU times while frames were flowing, oldest first. */
  readonly cpu: ReadonlyMap<string, readonly CpuTimes[]>;
}

export async function emulate(t: Scope, topology: Topology): Promise<Emulation> {
  setPriority(PRIORITY);
  const network = Network.create(t);
  const mesh = await startMesh(t, { nats: { host: network.address } });
  const hosts: Host[] = [];
  for (const [name, cpuQuota] of Object.entries(topology.quotas)) {
    const host = network.addHost(name);
    hosts.push(host);
    const far = topology.far?.[name];
    const advertise = far === undefined ? [] : ['--advertise', (await putFar(t, network, host, far)).address];
    const agent = await mesh.addAgent({
      name,
      cpuQuota,
      listen: `${host.address}:0`,
      prefix: host.prefix,
      args: ['--insecure', ...advertise],
    });
    serveFirst(agent.pid);
  }
  const { plan, flags } = await planned(topology, mesh);
  const common = [
    'run',
    ...flags,
    '--listen',
    `${network.address}:0`,
    '--insecure',
    '--codec',
    'none',
    '--verify',
    'off',
    '--threads',
    '1',
    '--json',
  ];
  const start = (frames: number, window: number | 'auto', more: readonly string[] = []) =>
    mesh.startController([...common, '--frames', `${frames}`, '--window', `${window}`, ...more]);
  const finish = async (controller: ReturnType<typeof start>): Promise<RunReport> => {
    const { code } = await controller.exit;
    if (code !== 0) throw new Error(`${topology.title}: ${controller.lastWords()}`);
    return JSON.parse(controller.stdout.text) as RunReport;
  };
  // Models are brought to their devices before the cables become narrow.
  await finish(start(2, 1));
  if (topology.bitsPerS !== undefined) for (const host of hosts) network.limit(host, topology.bitsPerS);
  const ours = (): number[] => [mesh.nats!.process.pid, ...mesh.agents.map(({ pid }) => pid)];
  return {
    plan,
    async calibrate(frames) {
      const folder = join(mesh.folder, 'alone');
      const controller = start(frames, 1, ['--report', folder]);
      const cpu = watchCpu(mesh, plan, controller.pid, controller.exit);
      const report = await finish(controller);
      const rows = readRows(await readFile(join(folder, 'frames.csv'), 'utf8')).slice(-Math.floor(frames * STEADY_SHARE));
      const computeMs = new Map(plan.stages.map(({ id }) => [id, rows.map((row) => row[`${id}_compute_us`]! / 1000)]));
      const periodMs = (rows.at(-1)!.start_ms! - rows[0]!.start_ms!) / (rows.length - 1);
      return { report, computeMs, latencyMs: rows.map((row) => row.latency_ms!), periodMs, cpu: await cpu };
    },
    async run(rateFps) {
      const folder = join(mesh.folder, 'report');
      const before = markCpu(ours());
      await finish(
        start(topology.frames, windowOf(topology, flowOf(plan).depth), [
          '--report',
          folder,
          ...(rateFps === undefined ? [] : ['--rate', `${rateFps}`]),
        ]),
      );
      const foreign = foreignCores(before, markCpu(ours()));
      return { foreignCores: foreign, frames: readFrames(await readFile(join(folder, 'frames.csv'), 'utf8')) };
    },
  };
}

async function planned(topology: Topology, mesh: Mesh): Promise<{ plan: Plan; flags: readonly string[] }> {
  const file = join(mesh.folder, 'plan.json');
  const { split, stages, on } = topology;
  if (stages !== undefined) await writeFile(file, JSON.stringify({ stages }));
  const wish = { split, plan: stages === undefined ? undefined : file, input: undefined, seed: 1, frames: 1 };
  const cacheDir = cacheFolder({ ...process.env, XDG_CACHE_HOME: sharedCache() });
  const prepared = await prepareRun(wish, (name) => resolveModel(name, { cacheDir }));
  const cut = prepared.cut!;
  const places = placesOf(
    cut,
    cut.planned.map((device, seat) => device ?? on[seat]!),
  );
  const placed = stages === undefined ? ['--on', on.join(',')] : ['--plan', file];
  return { plan: makePlan(cut.split, places, 'none', 1n), flags: ['--split', split, ...placed] };
}

/** Looks again and again while the run lasts. Stages of one device are told apart by the order in which they were loaded. */
async function watchCpu(mesh: Mesh, plan: Plan, controller: number, ended: Promise<unknown>): Promise<Map<string, CpuTimes[]>> {
  const seen = new Map<string, CpuTimes[]>();
  const note = (name: string, pid: number): void => {
    const times = cpuTimes(pid);
    if (times !== undefined) seen.set(name, [...(seen.get(name) ?? []), times]);
  };
  let running = true;
  void ended.then(() => {
    running = false;
  });
  while (running) {
    note('controller', controller);
    for (const agent of mesh.agents) {
      note(agent.name, agent.pid);
      const stages = plan.stages.filter(({ device }) => device === agent.name);
      const processes = agent.stages().sort((a, b) => a.pid - b.pid);
      if (processes.length === stages.length) for (const [index, { id }] of stages.entries()) note(id, processes[index]!.pid);
    }
    await delay(LOOK_EVERY_MS);
  }
  return seen;
}

/** Columns by name; what is empty or no number is NaN. */
function readRows(csv: string): Record<string, number>[] {
  const [head, ...lines] = csv.trim().split('\n');
  const names = head!.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] === '' ? Number.NaN : Number(cells[index])]));
  });
}

function readFrames(csv: string): FrameMeasurement[] {
  return readRows(csv).map((row) => ({ frame: BigInt(row.frame!), startMs: row.start_ms!, latencyMs: row.latency_ms! }));
}
