/** `controller status`: the detached runs of a mesh. */
import type { RunRecord } from '../../mesh/run-order.ts';
import { STREAM_OUTPUT } from '../../mesh/run-order.ts';
import { MeshRuns } from '../detached/mesh-runs.ts';
import { type FoundRun, isAbandoned } from '../detached/run-records.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import { duration, threeDigits } from '../text/format.ts';
import { type Column, formatTable } from '../text/table.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';

const help = `Lists the detached runs of a mesh, newest first (of this machine's own runs: controller runs).

Usage: controller status [RUN] [--json] [--nats URL] [--mesh NAME]

  RUN          only this one, with what it has to say
  --json       one JSON array on stdout
  --nats URL   the mesh's NATS server (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)

"silent" is a run whose process has not been heard of for 10 s: controller attach RUN --take-over starts it elsewhere.
`;

const head: readonly Column[] = [
  { title: 'RUN' },
  { title: 'MODEL', flexible: true },
  { title: 'STATE' },
  { title: 'KEPT BY' },
  { title: 'FRAMES', align: 'right' },
  { title: 'FPS', align: 'right' },
  { title: 'EPOCH', align: 'right' },
  { title: 'STARTED' },
];

export const statusCommand: Command = {
  help,
  async run(argv, io) {
    const { values, positionals } = parseOptions('status', argv, { json: 'flag', nats: 'text', mesh: 'text' }, 1);
    await using mesh = await MeshRuns.open(chooseMesh(values, io.env), io.signal);
    const { records } = mesh;
    const wanted = positionals[0];
    const warn = (error: Error): void => io.stderr(`controller: warning: ${error.message}\n`);
    const runs = wanted === undefined ? await records.list(warn) : [await records.find(wanted)];
    if (values.json === true) io.stdout(`${JSON.stringify(runs.map(toJson), undefined, 2)}\n`);
    else if (runs.length === 0) io.stdout('there are no detached runs: try controller run --detach --split resnet@layer12\n');
    else
      io.stdout(
        `${[...formatTable(head, runs.map(row), io.tableColumns), ...(wanted === undefined ? [] : wordsOf(runs[0]!.record))].join('\n')}\n`,
      );
    return 0;
  },
};

function row(found: FoundRun): string[] {
  const { order, model, device, next, frames, fps, epoch, startedMs } = found.record;
  return [
    order.run,
    model,
    stateOf(found),
    device,
    frames === undefined ? `${next}` : `${next}/${frames}`,
    fps === undefined ? '–' : threeDigits(fps),
    `${epoch}`,
    new Date(startedMs).toISOString().slice(0, 16).replace('T', ' '),
  ];
}

function stateOf(found: FoundRun): string {
  return isAbandoned(found) ? `silent ${duration(found.silentMs)}` : found.record.state;
}

function wordsOf({ order, note, error, hint }: RunRecord): string[] {
  const output = order.output === STREAM_OUTPUT ? `controller outputs ${order.run} --output FILE.npy` : order.output;
  const lines = [
    output === undefined ? '' : `output  ${output}`,
    note === '' ? '' : `note    ${note}`,
    error === '' ? '' : `error   ${error}`,
    hint,
  ];
  return lines.filter((line) => line !== '');
}

function toJson({ record, silentMs }: FoundRun): unknown {
  const { order, device, term, state, epoch, next, frames, fps, model, startedMs, error, note } = record;
  return {
    ...{ run: order.run, model, state, device, silentMs, term, startedMs, note },
    epoch: Number(epoch),
    next: Number(next),
    frames: frames ?? null,
    fps: fps ?? null,
    output: order.output ?? null,
    error: error === '' ? null : error,
  };
}
