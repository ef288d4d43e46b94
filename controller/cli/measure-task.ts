/**
 * One repeat of a task, by its strategy: on one device, on several at once, or as a pipeline over a mesh.
 *
 *     single_node, inference   one benchmark run
 *     distributed              a run on each device at once: SPLITMESH_RANK, SPLITMESH_WORLD_SIZE, SPLITMESH_HOSTS
 *     mesh                     a run of controller run
 */
import { splitAddress } from '../../mesh/address.ts';
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { parsePattern } from '../descriptor/metric-pattern.ts';
import { discoverAll } from '../devices/discover.ts';
import { joinMesh } from '../devices/mesh-choice.ts';
import { limitsText } from '../report/bench-text.ts';
import type { RunReport } from '../report/run-report.ts';
import { ordered, refusals, type Wanted } from '../task/match-devices.ts';
import { type MeasuredMetric, metricsOf } from '../task/metrics-of.ts';
import { PatternMetrics } from '../task/pattern-metrics.ts';
import { pipelineMetrics } from '../task/pipeline-metrics.ts';
import type { TaskRun } from '../task/task.ts';
import { together } from '../task/together.ts';
import { BenchView } from './bench-view.ts';
import { LiveView } from './live-view.ts';
import { measureBench } from './measure-bench.ts';
import { reportedRun } from './run.ts';
import { runName } from './run-name.ts';
import { parseRunOptions } from './run-options.ts';
import type { TaskDevice, TaskDevices } from './task-devices.ts';
import { keptModel, taskJob } from './task-job.ts';
import { runWordsOf } from './task-options.ts';
import type { TaskSetting } from './task-setting.ts';
import { isComplete } from './verdict.ts';

export interface MeasuredRepeat {
  readonly runs: readonly TaskRun[];
  readonly metrics: readonly MeasuredMetric[];
  /** See SeriesKey. */
  readonly device: string;
  readonly runtime: string;
  readonly limits: string;
  /** Undefined: it went well. */
  readonly failure: string | undefined;
}

/** On devices that are open. */
export async function measureOnDevices(setting: TaskSetting, devices: TaskDevices, repeat: number): Promise<MeasuredRepeat> {
  const { descriptor } = setting;
  const alone = devices.all.length === 1;
  const hosts = devices.all.map(({ device }) => splitAddress(device.address).host).join(',');
  const records = await Promise.all(
    devices.all.map((device, rank) => {
      const env = alone ? {} : { SPLITMESH_RANK: `${rank}`, SPLITMESH_WORLD_SIZE: `${devices.all.length}`, SPLITMESH_HOSTS: hosts };
      return measured(setting, device, { rank, env, alone });
    }),
  );
  const declared = descriptor.metrics.map(({ name, units, better }) => ({ name, unit: units, better }));
  const metrics = together(records.map((record) => metricsOf(record, declared)));
  const [first] = records;
  const bad = records.find(({ outcome }) => outcome.kind !== 'ok');
  const limits = limitsText(first!.limits);
  return {
    runs: records.map(({ run }, rank) => ({ repeat, rank, kind: 'bench', run })),
    metrics,
    device: devices.all.map(({ device }) => device.name).join('+'),
    runtime: descriptor.workload.kind === 'program' ? '' : first!.environment.device.runtimeVersion,
    limits: limits === 'none' ? '' : limits,
    failure: bad === undefined ? missing(descriptor.metrics, metrics) : failureText(bad),
  };
}

function failureText({ outcome, lastWords, environment }: BenchRecord): string {
  const why = outcome.kind === 'refused' ? outcome.why : lastWords.split('\n').slice(-1).join('');
  return `${formatOutcome(outcome)} on ${environment.device.name}${why === '' ? '' : `: ${why}`}`;
}

/** What the descriptor says that it measures, and nobody saw. */
function missing(wanted: TaskSetting['descriptor']['metrics'], found: readonly MeasuredMetric[]): string | undefined {
  const lost = wanted.filter(({ name }) => !found.some((each) => each.name === name)).map(({ name }) => name);
  return lost.length === 0 ? undefined : `it ended well and never said ${lost.join(', ')}`;
}

async function measured(
  setting: TaskSetting,
  { client, device }: TaskDevice,
  { rank, env, alone }: { readonly rank: number; readonly env: Readonly<Record<string, string>>; readonly alone: boolean },
): Promise<BenchRecord> {
  const { descriptor, stored, shelf, bench, io, data } = setting;
  const startedMs = io.wallClock();
  const name = runName(startedMs);
  const { job: made, pageCache, deadlineMs } = await taskJob({ descriptor, stored, shelf, name, data, env, io });
  await using job = made;
  const view = new BenchView(alone ? io : { ...io, terminal: false }, job.kind);
  const patterns = descriptor.metrics.flatMap(({ name: metric, units, pattern }) =>
    pattern === undefined ? [] : [{ name: metric, unit: units, read: parsePattern(pattern) }],
  );
  const seen = new PatternMetrics(patterns, io.now);
  const settings = {
    run: `bench-${name}`,
    ...{
      startedMs,
      limits: descriptor.hardware.limits,
      enforce: device.cgroup !== undefined || Object.keys(descriptor.hardware.limits).length > 0,
    },
    ...{ pageCache, deadlineMs, whenBusy: 'wait' as const, besideStages: false },
  };
  const onRecord = (_title: string, record: BenchRecord): BenchRecord => {
    for (const line of seen.refused) view.say(`${rank > 0 ? `${client.name}: ` : ''}${line}`);
    return { ...record, metrics: [...record.metrics, ...seen.metrics], metricsLost: record.metricsLost + seen.lost };
  };
  try {
    return await measureBench(client, job, settings, { view, store: bench, io, watch: seen.watch, onRecord });
  } finally {
    view.close();
  }
}

/** Over the mesh, or over one of this machine's own when there is none. */
export async function measurePipeline(setting: TaskSetting, repeat: number): Promise<MeasuredRepeat> {
  const { descriptor, choice, data, io } = setting;
  const { workload } = descriptor;
  if (workload.kind !== 'model') throw new MeshError('usage', 'strategy mesh runs a model');
  const model = await keptModel(setting);
  const mesh = choice.nats === undefined ? [] : ['--nats', choice.nats, '--mesh', choice.mesh];
  const devices = await namesOf(setting);
  const on = devices.length === 0 ? [] : ['--on', devices.join(',')];
  const options = parseRunOptions([...runWordsOf({ ...workload, model }), ...on, ...mesh, '--data', data]);
  const view = new LiveView(io);
  try {
    let runtime = '';
    const { report } = await reportedRun(options, io, view, async ({ tools: { mesh } }) => {
      const described = await Promise.all([...mesh.agents.values()].map((agent) => agent.describe(io.signal)));
      runtime = [...new Set(described.map(({ device }) => device.runtimeVersion))].toSorted().join('+');
    });
    const used = [...new Set(report.stages.map(({ device }) => device))].toSorted();
    return {
      runs: [{ repeat, rank: 0, kind: 'run', run: report.run }],
      metrics: pipelineMetrics(report),
      device: used.join('+'),
      ...{ runtime, limits: '' },
      failure: failureOf(report),
    };
  } finally {
    view.close();
  }
}

function failureOf(report: RunReport): string | undefined {
  const { verify, failedFrames = [] } = report;
  if (!verify.passed) return 'verification failed: the pipeline computes something else than the model';
  if (failedFrames.length > 0) return `${failedFrames.length} frames have no outputs`;
  return isComplete(report) ? undefined : 'the output is not complete, each frame once and in order';
}

/** Empty: whoever is there. */
async function namesOf({ descriptor: { hardware }, choice, io }: TaskSetting): Promise<readonly string[]> {
  const wanted: Wanted = hardware;
  const any = wanted.name === undefined && wanted.arch === undefined && wanted.memoryBytesMin === undefined;
  if (any && hardware.count === undefined) return [];
  if (choice.nats === undefined) {
    if (any) return [];
    throw new MeshError('usage', 'the descriptor wants certain devices, and no mesh is configured', {
      hint: 'name its NATS server with --nats URL or NATS_URL',
    });
  }
  const { bus, subjects } = await joinMesh(choice, () => {});
  try {
    const present = await discoverAll({ bus, subjects, signal: io.signal });
    const names = ordered(present, wanted, [])
      .map(({ device }) => device.name)
      .toSorted();
    if (names.length < (hardware.count ?? 1)) {
      const why = refusals(present, wanted).join('; ');
      throw new MeshError(
        'unreachable',
        `${names.length} of ${hardware.count ?? 1} devices of the mesh will do${why === '' ? '' : `: ${why}`}`,
      );
    }
    return any ? [] : names.slice(0, hardware.count ?? names.length);
  } finally {
    await bus.close();
  }
}
