/** `controller bench sweep`: the same workload again and again while one limit changes. */
import { formatOutcome } from '../../mesh/bench/outcome.ts';
import { MeshError } from '../../mesh/error.ts';
import { rowOrder } from '../bench/row-order.ts';
import { isMeasured, plannedRows, runSweep } from '../bench/run-sweep.ts';
import type { Sweep, SweepRow, SweepSpec } from '../bench/sweep.ts';
import { BenchDevice } from '../deploy/bench-device.ts';
import { chooseMesh, type MeshChoice } from '../devices/mesh-choice.ts';
import { bringFiles } from '../files/bring-files.ts';
import { studyReportOf } from '../report/study-report.ts';
import { studyText } from '../report/study-text.ts';
import { sweepReportOf } from '../report/sweep-report.ts';
import { sweepRowsText, sweepSummaryText } from '../report/sweep-text.ts';
import { valueText, variantText } from '../report/sweep-words.ts';
import { BenchStore } from '../store/bench-store.ts';
import { dataFolder } from '../store/folders.ts';
import { BenchView } from './bench-view.ts';
import type { Command, Io } from './command.ts';
import { feedBench } from './feed-profile.ts';
import { parseOptions } from './options.ts';
import { runName } from './run-name.ts';
import { parseSweeps, type SweepValues, sweepHelp, sweepKinds } from './sweep-options.ts';
import { sweepSubject } from './sweep-subject.ts';
import { asked } from './usage.ts';

export const benchSweepCommand: Command = {
  help: sweepHelp,
  async run(argv, io) {
    const { values } = parseOptions('bench sweep', argv, sweepKinds, 0);
    const choice = chooseMesh(values, io.env);
    await using store = await BenchStore.open(dataFolder(values.data, io.env));
    const begun = values.resume === undefined ? await asked(() => begin(values, io)) : await goOn(values, values.resume, store);
    // All of a study are there from the beginning: whoever resumes it finds those that were never begun.
    if (begun.length > 1) for (const { sweep, rows } of begun) await store.beginSweep(sweep, rows);
    const done: Begun[] = [];
    for (const [index, each] of begun.entries()) {
      if (begun.length > 1)
        io.stderr(`controller: ${index + 1} of ${begun.length}: ${each.sweep.spec.workload.mode} ${each.sweep.spec.workload.model}\n`);
      try {
        done.push(await carryOut(each, { values, choice, store, io }));
      } catch (error) {
        // One of a study that can't be measured keeps nobody from the others.
        if (begun.length === 1 || io.signal.aborted) throw error;
        io.stderr(`controller: error: ${each.sweep.spec.workload.model}: ${MeshError.from(error).message}\n`);
      }
    }
    await show(begun[0]!.sweep, { json: values.json === true, store, io });
    return done.length === begun.length && done.every(({ rows }) => rows.some(({ record }) => record?.outcome.kind === 'ok')) ? 0 : 1;
  },
};

interface Begun {
  readonly sweep: Sweep;
  readonly rows: readonly SweepRow[];
}

function begin(values: SweepValues, io: Io): Begun[] {
  const plans = parseSweeps(values);
  const startedMs = io.wallClock();
  const name = runName(startedMs);
  const nameOf = (index: number): string => (plans.length === 1 ? name : `${name}-${index + 1}`);
  return plans.map(({ spec, ofBest }, index) => {
    const study = plans.length === 1 ? {} : { study: name };
    const workload = ofBest && spec.workload.mode === 'infer' ? { ...spec.workload, trained: nameOf(index - 1) } : spec.workload;
    const sweep: Sweep = {
      ...{ sweep: nameOf(index), startedMs: startedMs + index, status: 'unfinished', error: undefined },
      spec: { ...study, ...spec, workload },
    };
    return { sweep, rows: plannedRows(spec) };
  });
}

async function goOn(values: SweepValues, name: string, store: BenchStore): Promise<Begun[]> {
  const own = new Set(['resume', 'nats', 'mesh', 'data', 'json', 'refuse']);
  const alien = Object.keys(values).find((option) => !own.has(option));
  if (alien !== undefined) throw new MeshError('usage', `--${alien} can't be changed in a sweep that is resumed`);
  const found = await store.findSweeps(name);
  const left = found.filter(({ status }) => status !== 'done');
  if (left.length === 0) {
    const { sweep, spec } = found[0]!;
    const called = spec.study ?? sweep;
    throw new MeshError('usage', `${called} is complete`, { hint: `controller report --sweep ${called} shows it` });
  }
  return await Promise.all(left.map(async (sweep) => ({ sweep, rows: await store.sweepRows(sweep.sweep) })));
}

/** The sweep, or all of its study: also what was measured before it was resumed. */
async function show(
  { sweep, spec }: Sweep,
  { json, store, io: { stdout, tableColumns } }: { readonly json: boolean; readonly store: BenchStore; readonly io: Io },
): Promise<void> {
  const name = spec.study ?? sweep;
  const sweeps = await store.findSweeps(name);
  const stored = await Promise.all(sweeps.map(async (each) => ({ sweep: each, rows: await store.sweepRows(each.sweep) })));
  const [only, ...others] = stored.map((each) => sweepReportOf(each.sweep, each.rows));
  const study = others.length === 0 ? undefined : studyReportOf(stored);
  if (json) stdout(`${JSON.stringify(study ?? only, undefined, 2)}\n`);
  else if (study !== undefined) stdout(studyText(study, tableColumns));
  else stdout(`${sweepRowsText(only!, tableColumns)}\n${sweepSummaryText(only!, tableColumns)}`);
  if (!json) stdout(`\nto see it        controller report --sweep ${name} --open\n`);
}

interface Setting {
  readonly values: SweepValues;
  readonly choice: MeshChoice;
  readonly store: BenchStore;
  readonly io: Io;
}

async function carryOut({ sweep, rows }: Begun, { values, choice, store, io }: Setting): Promise<Begun> {
  const { signal, now } = io;
  const subject = await sweepSubject(sweep, rows, dataFolder(values.data, io.env), io);
  const view = new BenchView(io, sweep.spec.workload.mode === 'train' ? 'training' : 'inference');
  try {
    view.begin(subject.name);
    await using device = await BenchDevice.open({ on: sweep.spec.device || undefined, choice, commands: false, env: io.env, signal });
    const { client } = device;
    const spec: SweepSpec = { ...sweep.spec, device: client.name, workload: { ...sweep.spec.workload, sha256: subject.sha256 } };
    await store.beginSweep({ ...sweep, spec }, rows);
    await store.reopenSweep(sweep.sweep, spec);
    view.say(
      `sweep ${sweep.sweep} on ${client.name}: ${amountOf(spec, rows)}; Ctrl-C keeps what was measured, --resume ${spec.study ?? sweep.sweep} goes on`,
    );
    const end = (status: 'done' | 'failed' | 'cancelled', error?: string) => store.endSweep(sweep.sweep, status, error);
    try {
      await bringFiles(client, subject.paths, { signal, now, onProgress: (done, total) => view.transfer(done, total) });
      const done = await runSweep(spec, rows, {
        measure: (row) => {
          view.begin(titleOf(spec, row));
          const whenBusy = values.refuse === true ? 'refuse' : 'wait';
          const order = rowOrder(sweep.sweep, spec, row, subject.workloadOf(row), whenBusy);
          return subject.measured(client, order.run, row, () => client.run(order, view.watch, signal));
        },
        keep: async (row) => {
          await store.addSweepRow(sweep.sweep, row);
          if (subject.subject !== undefined) await feedBench(store, subject.subject, row.record!, (message) => view.say(message));
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
