/** `controller bench run`: one workload under limits, and all it used. */
import type { BenchOrder, Workload } from '../../mesh/bench/order.ts';
import type { Parsed } from '../../mesh/command-line.ts';
import { MeshError } from '../../mesh/error.ts';
import { graphOptimizations } from '../../mesh/session-settings.ts';
import { inferWorkload, type PreparedWorkload } from '../bench/infer-workload.ts';
import { BenchDevice } from '../deploy/bench-device.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { bringFiles } from '../files/bring-files.ts';
import { benchText } from '../report/bench-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import {
  busyKinds,
  deadlineOf,
  limitKinds,
  loadHelp,
  loadKinds,
  parseLimits,
  parseLoad,
  parsePageCache,
  parseSeed,
  parseThreads,
  placeHelp,
  placeKinds,
} from './bench-options.ts';
import { BenchView } from './bench-view.ts';
import type { Command, Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { oneOf, parseOptions } from './options.ts';
import { programKinds, programOf, programWorkload } from './program-workload.ts';
import { runName } from './run-name.ts';
import { asked } from './usage.ts';

const help = `Measures a model or a program on a device, under limits: its outcome, its times and all it used.

Usage: controller bench run --model MODEL [OPTION]...
       controller bench run [OPTION]... -- PROGRAM [ARGUMENT]...

Limits, enforced by a control group of the run's own (default: the device's own)
  --memory SIZE        memory with page cache, at which it is killed; 256MiB for example
  --memory-high SIZE   memory above which it is slowed down (cgroup v2)
  --swap SIZE          how much of it may be swapped out beyond --memory (default 0)
  --cpu CORES          CPU time per time: 0.5 is half a core
  --cpus LIST          on these CPUs only: 0-1,3
  --pids N             processes and threads at once
  --no-limits          without a control group, where the agent may make none
  --page-cache STATE   of the files it reads: as-is (default), warm (read before) or cold (dropped before)

A model
${loadHelp}
  --optimization LEVEL of the graph: disabled, basic, extended or all (default)
  --find-peak          server: look for the highest rate that is valid

A program: the agent must have been started with --allow-commands (this machine's own is). No shell sees it; it runs in a new, empty folder, with PATH, HOME,
TMPDIR, LANG and what --env says. A line {"metric": "loss", "value": 0.5, "unit": "1", "labels": {"epoch": "3"}} on its standard output is a metric.
It is killed after an hour, unless --timeout says otherwise.
  --with FILE,FILE…    files of this machine that are copied into its folder
  --env NAME=VALUE,…   more environment

Where and when
${placeHelp}

Results
  --json               the record as JSON, with its time series
  --data DIR           where it is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Exit code: 0 ok, 1 whatever else came of it, 2 usage.
`;

const kinds = {
  ...placeKinds,
  ...busyKinds,
  ...limitKinds,
  ...loadKinds,
  'no-limits': 'flag',
  'page-cache': 'text',
  'find-peak': 'flag',
  optimization: 'text',
  ...programKinds,
} as const;

type Values = Parsed<typeof kinds>['values'];
type Words = Pick<Parsed<typeof kinds>, 'positionals' | 'behind'>;

const DURATIONS = { durationMs: 10_000, durationMsMax: 120_000 };
/** What nobody knows of a program: with what is added to it, an hour. */
const PROGRAM_MS_MAX = 29.5 * 60_000;
/** Runs of a search for the peak, at most. */
const PEAK_RUNS = 24;

export const benchRunCommand: Command = {
  help,
  async run(argv, io) {
    const { values, ...words } = parseOptions('bench run', argv, kinds, Number.POSITIVE_INFINITY);
    const limits = parseLimits(values);
    const enforce = values['no-limits'] !== true;
    if (!enforce && Object.keys(limits).length > 0) throw new MeshError('usage', '--no-limits with limits: which of them?');
    const pageCache = parsePageCache('--page-cache', values['page-cache'] ?? 'as-is');
    const choice = chooseMesh(values, io.env);
    const prepared = await prepare(values, words, io);
    const { workload } = prepared;
    const startedMs = io.wallClock();
    const order: BenchOrder = {
      run: `bench-${runName(startedMs)}`,
      ...{ workload, limits, enforce, pageCache },
      deadlineMs: deadlineOf(values.timeout, longestMs(workload)),
      whenBusy: values.refuse === true ? 'refuse' : 'wait',
      besideStages: values['beside-stages'] === true,
    };
    const view = new BenchView(io, workload.kind === 'command');
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    try {
      view.begin(prepared.title);
      await using device = await BenchDevice.open({
        on: values.on,
        choice,
        commands: workload.kind === 'command',
        env: io.env,
        signal: io.signal,
      });
      const { signal, now } = io;
      await bringFiles(device.client, prepared.paths, { signal, now, onProgress: (done, total) => view.transfer(done, total) });
      const record = await device.client.run(order, view.watch, signal);
      view.close();
      const { title } = prepared;
      // Shown first: what can't be stored is not lost.
      io.stdout(
        values.json === true ? `${JSON.stringify({ title, ...record }, undefined, 2)}\n` : benchText(title, record, io.tableColumns),
      );
      await store.addBench({ bench: record.run, startedMs, title, device: device.client.name, record });
      return record.outcome.kind === 'ok' ? 0 : 1;
    } finally {
      view.close();
    }
  },
};

async function prepare(values: Values, { positionals, behind }: Words, io: Io): Promise<PreparedWorkload<Workload>> {
  if (values.model === undefined) {
    const argv = programOf(positionals, behind);
    refuse(values, [...keysOf(loadKinds), 'optimization', 'find-peak'], 'is for models, not for programs');
    return await programWorkload(argv, values.with, values.env, io.signal);
  }
  if (positionals.length > 0)
    throw new MeshError('usage', `"${positionals[0]}" was not expected here: --model and a program are two benchmarks`);
  refuse(values, keysOf(programKinds), 'is for programs, not for models');
  oneOf('--mode', values.mode ?? 'infer', ['infer']);
  const load = parseLoad(values, DURATIONS);
  const findPeak = values['find-peak'] === true;
  if (findPeak && load.scenario.kind !== 'server') throw new MeshError('usage', '--find-peak wants --scenario server');
  const seed = parseSeed(values.seed);
  const graphOptimization = oneOf('--optimization', values.optimization ?? 'all', graphOptimizations);
  const session = { intraOpThreads: parseThreads(values.threads), spinning: false, graphOptimization };
  const resolved = await watched(io, (watch) => asked(() => loadModel(values.model!, io, watch)));
  return await inferWorkload(resolved, { session, load, findPeak, seed }, io.signal);
}

/** How long its measuring may take. */
function longestMs(workload: Workload): number {
  if (workload.kind === 'command') return PROGRAM_MS_MAX;
  return workload.load.durationMsMax * (workload.findPeak ? PEAK_RUNS : 1);
}

function keysOf<K extends object>(kinds: K): (keyof K)[] {
  return Object.keys(kinds) as (keyof K)[];
}

/** Error `usage` when one of the options was given. */
function refuse(values: Values, options: readonly (keyof Values)[], why: string): void {
  const alien = options.find((option) => values[option] !== undefined);
  if (alien !== undefined) throw new MeshError('usage', `--${alien} ${why}`);
}
