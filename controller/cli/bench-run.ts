/** `controller bench run`: one workload under limits, and all it used. */
import type { BenchRecord } from '../../mesh/bench/record.ts';
import { MeshError } from '../../mesh/error.ts';
import { BenchDevice } from '../deploy/bench-device.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { benchText } from '../report/bench-text.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import { type BenchRunValues, benchJob, benchRunKinds } from './bench-job.ts';
import { deadlineOf, loadHelp, modelHelp, parseLimits, parsePageCache, placeHelp } from './bench-options.ts';
import { BenchView } from './bench-view.ts';
import type { Command } from './command.ts';
import { measureBench } from './measure-bench.ts';
import { parseOptions } from './options.ts';
import { type RunDescriptorValues, runDescriptor } from './run-descriptor.ts';
import { runName } from './run-name.ts';
import { trainingHelp } from './training-options.ts';

const help = `Measures a model or a program on a device, under limits: its outcome, its times and all it used.

Usage: controller bench run --model MODEL [OPTION]...
       controller bench run --mode train --model MODEL [OPTION]...
       controller bench run --resume TRAINING [OPTION]...
       controller bench run [OPTION]... -- PROGRAM [ARGUMENT]...
       controller bench run FILE.toml [--now] [--nats URL] [--mesh NAME] [--data DIR] [--json]
       controller bench run TASK [--nats URL] [--mesh NAME] [--data DIR] [--json]

A descriptor
  FILE.toml            a benchmark as docs/descriptors.md describes it: all its combinations and repeats, its history, its alarms
  TASK                 the very same again, with the files that it read then: a task's or submission's name, the beginning of it, or "last"
  --now                at once, although it has a schedule

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
${modelHelp}
  --optimization LEVEL of the graph: disabled, basic, extended or all (default)

Inference: --mode infer
${loadHelp}
  --find-peak          server: look for the highest rate that is valid

Training: --mode train, with the vibration models (mlp1d, cnn1d, lenet1d, alexnet1d, resnet1d, bilstm1d, sae1d, ae1d), or any classifier
${trainingHelp}
  --resume TRAINING    go on with one that was stopped or killed: its name, the beginning of it, or "last"; limits may be others

A program: the agent must have been started with --allow-commands (this machine's own is). No shell sees it; it runs in a new, empty folder, with PATH, HOME,
TMPDIR, LANG and what --env says. A line {"metric": "loss", "value": 0.5, "unit": "1", "labels": {"epoch": "3"}} on its standard output is a metric.
A program is killed after an hour, unless --timeout says otherwise.
  --with FILE,FILE…    files of this machine that are copied into its folder
  --env NAME=VALUE,…   more environment

Where and when
${placeHelp}

Results
  --json               the record as JSON, with its time series
  --data DIR           where it is stored (default: SPLITMESH_DATA, or ~/.local/share/splitmesh)

Exit code: 0 ok, 1 whatever else came of it, 2 usage, 3 (descriptors) an alarm was raised.
`;

export const benchRunCommand: Command = {
  help,
  async run(argv, io) {
    const { values, ...words } = parseOptions('bench run', argv, benchRunKinds, Number.POSITIVE_INFINITY);
    const [descriptor] = words.behind === undefined ? words.positionals : [];
    if (descriptor !== undefined) return await runDescriptor(descriptor, onlyDescriptor(values, words.positionals), io);
    if (values.now === true) throw new MeshError('usage', '--now is for a descriptor: controller bench run FILE.toml --now');
    const limits = parseLimits(values);
    const enforce = values['no-limits'] !== true;
    if (!enforce && Object.keys(limits).length > 0) throw new MeshError('usage', '--no-limits with limits: which of them?');
    const pageCache = parsePageCache('--page-cache', values['page-cache'] ?? 'as-is');
    const choice = chooseMesh(values, io.env);
    const startedMs = io.wallClock();
    const name = runName(startedMs);
    await using job = await benchJob(values, words, name, io);
    const deadlineMs = deadlineOf(values.timeout, job.longestMs);
    const view = new BenchView(io, job.kind);
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    try {
      await using device = await BenchDevice.open({
        on: values.on,
        choice,
        commands: job.kind === 'command',
        folder: job.agentFolder,
        env: io.env,
        signal: io.signal,
      });
      const settings = {
        run: `bench-${name}`,
        ...{ startedMs, limits, enforce, pageCache, deadlineMs },
        whenBusy: values.refuse === true ? ('refuse' as const) : ('wait' as const),
        besideStages: values['beside-stages'] === true,
      };
      const onRecord = (title: string, record: BenchRecord): BenchRecord => {
        io.stdout(
          values.json === true ? `${JSON.stringify({ title, ...record }, undefined, 2)}\n` : benchText(title, record, io.tableColumns),
        );
        return record;
      };
      const record = await measureBench(device.client, job, settings, { view, store, io, onRecord });
      return record.outcome.kind === 'ok' ? 0 : 1;
    } finally {
      view.close();
    }
  },
};

const descriptorOptions: readonly string[] = ['nats', 'mesh', 'data', 'json', 'now'] satisfies (keyof RunDescriptorValues)[];

/** Error `usage`: the descriptor says all the rest. */
function onlyDescriptor(values: BenchRunValues, positionals: readonly string[]): RunDescriptorValues {
  const [what, stray] = positionals;
  if (stray !== undefined)
    throw new MeshError('usage', `"${stray}" was not expected here: one descriptor, or one task`, {
      hint: `a program stands behind --: controller bench run -- ${positionals.join(' ')}`,
    });
  const alien = Object.keys(values).find((option) => !descriptorOptions.includes(option));
  if (alien !== undefined)
    throw new MeshError('usage', `--${alien} can't be given with ${what}: the descriptor says it`, {
      hint: `a program stands behind --: controller bench run --${alien} … -- ${what}`,
    });
  return values;
}
