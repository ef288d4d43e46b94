/** `controller bench sweep`: the same workload again and again while one limit changes. */
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import { MeshError } from '../../mesh/error.ts';
import { hexOf } from '../../mesh/files/blob.ts';
import { inferWorkload } from '../bench/infer-workload.ts';
import { rowOrder } from '../bench/row-order.ts';
import { isMeasured, plannedRows, runSweep } from '../bench/run-sweep.ts';
import type { Sweep, SweepRow, SweepSpec } from '../bench/sweep.ts';
import { BenchDevice } from '../deploy/bench-device.ts';
import { chooseMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { bringFiles } from '../files/bring-files.ts';
import { sweepReportOf } from '../report/sweep-report.ts';
import { sweepRowsText, sweepSummaryText } from '../report/sweep-text.ts';
import { valueText, variantText } from '../report/sweep-words.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import { BenchView } from './bench-view.ts';
import type { Command, Io } from './command.ts';
import { watched } from './live-view.ts';
import { loadModel } from './load-model.ts';
import { parseOptions } from './options.ts';
import { runName } from './run-name.ts';
import { parseSweep, type SweepValues, sweepHelp, sweepKinds } from './sweep-options.ts';
import { asked } from './usage.ts';

export const benchSweepCommand: Command = {
  help: sweepHelp,
  async run(argv, io) {
    const { values } = parseOptions('bench sweep', argv, sweepKinds, 0);
    const choice = chooseMesh(values, io.env);
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const begun = values.resume === undefined ? begin(values, io) : await goOn(values, values.resume, store);
    const done = await carryOut(begun, { values, choice, store, io });
    const report = sweepReportOf(done.sweep, done.rows);
    const { tableColumns } = io;
    if (values.json === true) io.stdout(`${JSON.stringify(report, undefined, 2)}\n`);
    else
      io.stdout(
        `${sweepRowsText(report, tableColumns)}\n${sweepSummaryText(report, tableColumns)}\nto see it        controller report --sweep ${done.sweep.sweep} --open\n`,
      );
    return done.rows.some(({ record }) => record?.outcome.kind === 'ok') ? 0 : 1;
  },
};

interface Begun {
  readonly sweep: Sweep;
  readonly rows: readonly SweepRow[];
}

function begin(values: SweepValues, io: Io): Begun {
  const spec = parseSweep(values);
  const startedMs = io.wallClock();
  const sweep: Sweep = { sweep: runName(startedMs), startedMs, spec, status: 'unfinished', error: undefined };
  return { sweep, rows: plannedRows(spec) };
}

async function goOn(values: SweepValues, name: string, store: BenchStore): Promise<Begun> {
  const own = new Set(['resume', 'nats', 'mesh', 'data', 'json', 'refuse']);
  const alien = Object.keys(values).find((option) => !own.has(option));
  if (alien !== undefined) throw new MeshError('usage', `--${alien} can't be changed in a sweep that is resumed`);
  const sweep = await store.findSweep(name);
  const rows = await store.sweepRows(sweep.sweep);
  if (sweep.status === 'done')
    throw new MeshError('usage', `${sweep.sweep} is complete`, { hint: `controller report --sweep ${sweep.sweep} shows it` });
  return { sweep, rows };
}

interface Setting {
  readonly values: SweepValues;
  readonly choice: MeshChoice;
  readonly store: BenchStore;
  readonly io: Io;
}

async function carryOut({ sweep, rows }: Begun, { values, choice, store, io }: Setting): Promise<Begun> {
  const { signal, now } = io;
  const { workload } = sweep.spec;
  const resolved = await watched(io, (watch) => asked(() => loadModel(workload.model, io, watch)));
  const session = { intraOpThreads: workload.threads, spinning: false, graphOptimization: 'all' } as const;
  const prepared = await inferWorkload(resolved, { session, load: workload.load, findPeak: false, seed: workload.seed }, signal);
  const sha256 = hexOf(prepared.workload.model.sha256);
  if (workload.sha256 !== '' && workload.sha256 !== sha256)
    throw new MeshError('conflict', `${workload.model} is not the model that the sweep began with`, { hint: 'begin a new sweep' });
  const view = new BenchView(io, 'inference');
  try {
    view.begin(resolved.name);
    await using device = await BenchDevice.open({ on: sweep.spec.device || undefined, choice, commands: false, env: io.env, signal });
    const { client } = device;
    const spec: SweepSpec = { ...sweep.spec, device: client.name, workload: { ...workload, sha256 } };
    await store.beginSweep({ ...sweep, spec }, rows);
    await store.reopenSweep(sweep.sweep);
    view.say(
      `sweep ${sweep.sweep} on ${client.name}: ${amountOf(spec, rows)}; Ctrl-C keeps what was measured, --resume ${sweep.sweep} goes on`,
    );
    const end = (status: 'done' | 'failed' | 'cancelled', error?: string) => store.endSweep(sweep.sweep, status, error);
    try {
      await bringFiles(client, prepared.paths, { signal, now, onProgress: (done, total) => view.transfer(done, total) });
      const done = await runSweep(spec, rows, {
        measure: (row) => {
          view.begin(titleOf(spec, row));
          const whenBusy = values.refuse === true ? 'refuse' : 'wait';
          return client.run(rowOrder(sweep.sweep, spec, row, prepared.workload, whenBusy), view.watch, signal);
        },
        keep: async (row) => {
          await store.addSweepRow(sweep.sweep, row);
          const { outcome } = row.record!;
          view.say(`${titleOf(spec, row)}: ${formatOutcome(outcome)}${outcome.kind === 'refused' ? `, ${outcome.why}` : ''}`);
        },
      });
      await end('done');
      return { sweep: { ...sweep, spec, status: 'done', error: undefined }, rows: done };
    } catch (error) {
      await end(signal.aborted ? 'cancelled' : 'failed', MeshError.from(error).message);
      throw error;
    }
  } finally {
    view.close();
  }
}

function titleOf({ limit, variants }: SweepSpec, { value, variant, repeat }: SweepRow): string {
  const index = variants.findIndex(({ pageCache, swapBytes }) => pageCache === variant.pageCache && swapBytes === variant.swapBytes);
  return `${valueText({ limit }, value)}, ${variantText({ variants: variants.map((each) => ({ ...each, swapBytes: each.swapBytes ?? null })) }, index)}, repeat ${repeat}`;
}

function amountOf({ search, variants }: SweepSpec, rows: readonly SweepRow[]): string {
  if (search.kind === 'minimum') return `at most 12 runs for each of ${variants.length}`;
  const left = rows.filter((row) => !isMeasured(row)).length;
  return left === rows.length ? `${rows.length} runs` : `${left} of ${rows.length} runs are left`;
}
