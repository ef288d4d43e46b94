/**
 * `controller attach`: watches a detached run until it ends, then prints its report. With --take-over it is first
 * started on another device: one whose process is dead, or, when the device is named, any.
 */
import { clockOf, pause } from '../../mesh/clock.ts';
import { MeshError } from '../../mesh/error.ts';
import { isOver, type RunRecord } from '../../mesh/run-order.ts';
import { MeshRuns } from '../detached/mesh-runs.ts';
import { type FoundRun, isAbandoned } from '../detached/run-records.ts';
import { takeOver } from '../detached/take-over.ts';
import { chooseMesh } from '../devices/mesh-choice.ts';
import type { RunReport } from '../report/run-report.ts';
import { runText } from '../report/run-text.ts';
import { duration, threeDigits } from '../text/format.ts';
import type { Command, Io } from './command.ts';
import { needed, parseOptions } from './options.ts';
import { verdict } from './verdict.ts';

const usage = 'controller attach RUN [--take-over [--at DEV]]';

const help = `Watches a detached run until it ends, then prints its report. Ctrl-C ends the watching; the run goes on.

Usage: ${usage} [--json] [--nats URL] [--mesh NAME]

  RUN          a run's name: controller status lists them
  --take-over  the run's process is dead (nothing was heard of it for 10 s): start it on another device. It goes on with the first frame
               that is not committed. A run that reads or writes files of a device can't leave it
  --at DEV     where to (default: a device that has nothing to do). A run that lives is moved there
  --json       the report as JSON on stdout, and nothing else
  --nats URL   the mesh's NATS server (default: NATS_URL)
  --mesh NAME  which mesh of several that share the server (default: default)

Exit code: 0 the run is complete, 1 it failed or was stopped.
`;

const LOOK_MS = 500;
const CLEAR_LINE = '\r\x1b[K';

export const attachCommand: Command = {
  help,
  async run(argv, io) {
    const kinds = { 'take-over': 'flag', at: 'text', json: 'flag', nats: 'text', mesh: 'text' } as const;
    const { values, positionals } = parseOptions('attach', argv, kinds, 1);
    const run = needed(positionals[0], 'the run', usage);
    if (values.at !== undefined && values['take-over'] !== true) throw new MeshError('usage', '--at is for --take-over', { hint: usage });
    await using mesh = await MeshRuns.open(chooseMesh(values, io.env), io.signal);
    if (values['take-over'] === true) {
      const found = await mesh.records.find(run);
      const { at } = values;
      const device = await takeOver(mesh, found, { at, alive: at !== undefined && at !== found.record.device, signal: io.signal });
      io.stderr(`controller: ${device} takes over run ${run}\n`);
    }
    const record = await follow(mesh, run, io).catch((error: unknown) => {
      if (!io.signal.aborted) throw error;
      return undefined;
    });
    if (record !== undefined) return show(record, values.json === true, io);
    io.stderr(`controller: run ${run} goes on\n`);
    return 0;
  },
};

async function follow(mesh: MeshRuns, run: string, io: Io): Promise<RunRecord> {
  const clock = clockOf(io.now);
  let found = await mesh.records.find(run);
  let warned = false;
  try {
    while (!isOver(found.record)) {
      if (io.terminal) io.stderr(`${CLEAR_LINE}${lineOf(found, io.columns)}`);
      if (isAbandoned(found) && !warned) {
        warned = true;
        const { device } = found.record;
        io.stderr(
          `controller: warning: nothing was heard of run ${run} for ${duration(found.silentMs)}: its agent on ${device} starts it again, or\n`,
        );
        io.stderr(`controller: hint: controller attach ${run} --take-over starts it on another device\n`);
      }
      await pause(clock, LOOK_MS, io.signal);
      // A server that is away comes back; a store that is lost is written again.
      found = (await mesh.records.get(run).catch(() => undefined)) ?? found;
    }
    return found.record;
  } finally {
    if (io.terminal) io.stderr(CLEAR_LINE);
  }
}

function lineOf({ record }: FoundRun, columns: number): string {
  const { order, device, state, next, frames, fps, note } = record;
  const parts = [
    `${order.run} on ${device}: ${state}`,
    `${next}/${frames ?? '?'}`,
    fps === undefined ? '' : `${threeDigits(fps)} fps`,
    note,
  ];
  const line = parts.filter((part) => part !== '').join('  ');
  return [...line].slice(0, columns - 1).join('');
}

function show({ order: { run }, state, next, error, hint, report }: RunRecord, json: boolean, io: Io): number {
  if (state === 'failed') throw new MeshError('failed', error, hint === '' ? {} : { hint });
  if (state === 'stopped') throw new MeshError('cancelled', `run ${run} was stopped after ${next} frames`);
  const found = JSON.parse(report) as RunReport;
  io.stdout(json ? `${JSON.stringify(found, undefined, 2)}\n` : runText(found, io.tableColumns));
  return verdict(found, io);
}
