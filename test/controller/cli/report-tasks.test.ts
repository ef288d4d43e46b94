import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { reportCommand } from '../../../controller/cli/report.ts';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { TaskStore } from '../../../controller/store/task-store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { pointsOf, stepped, taskOf } from '../report/history-fixture.ts';
import { cpuSweep } from '../report/sweep-fixture.ts';
import { killedRecord, okRecord } from '../report/task-fixture.ts';

/** A store with a history of forty tasks, the last of which has two runs that are kept; a benchmark that only failed; a run of its own; a sweep. */
async function machine(t: ExecutionContext) {
  const folder = await tempFolder(t);
  const said = { stdout: '' };
  const io: Io = {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: () => {},
    ...{ terminal: false, columns: 80, tableColumns: Number.POSITIVE_INFINITY, env: { SPLITMESH_DATA: folder }, stdin: Readable.from([]) },
    ...{ signal: new AbortController().signal, now: () => 0, wallClock: () => 0 },
  };
  await using tasks = await TaskStore.open(folder);
  await using bench = await BenchStore.open(folder);
  await tasks.keepDescriptor({ digest: 'ab'.repeat(32), name: 'd.toml', text: '', sources: {} });
  await tasks.add(stepped.map((_, index) => taskOf(index)));
  await tasks.addPoints(pointsOf(stepped));
  const other = { benchmark: 'other', status: 'failed' as const, error: 'no device', submission: 'sub-1' };
  await tasks.add([0, 1].map((index) => taskOf(900 + index, { ...other, startedMs: 5, dueMs: 5 })));
  for (const [index, record] of [okRecord(23), killedRecord()].entries()) {
    const run = `bench-${index + 1}`;
    await bench.addBench({ bench: run, startedMs: 1000, title: 'resnet', device: 'pi1', record: { ...record, run } });
    await tasks.addRun('task-0039', { repeat: index + 1, rank: 0, kind: 'bench', run });
  }
  await bench.addBench({ bench: 'bench-alone', startedMs: 2000, title: 'resnet', device: 'pi1', record: okRecord(20) });
  const { sweep, rows } = cpuSweep();
  await bench.beginSweep({ ...sweep, sweep: 's1' }, rows);
  const report = async (...argv: string[]): Promise<string> => {
    said.stdout = '';
    t.is(await reportCommand.run(argv, io), 0);
    return said.stdout;
  };
  const wrong = (...argv: string[]) => t.throwsAsync(reportCommand.run(argv, io), { name: 'MeshError' });
  return { folder, report, wrong };
}

test('tasks, submissions and runs are found by their names, their beginnings and "last"; each once', async (t) => {
  const { report } = await machine(t);
  const named = async (...names: string[]) =>
    (JSON.parse(await report(...names, '--json')) as { subjects: { name: string }[] }).subjects.map(({ name }) => name);
  t.deepEqual(await named('task-0039'), ['task-0039']);
  t.deepEqual(await named('last'), ['task-0039']);
  t.deepEqual(await named('sub'), ['task-0900', 'task-0901']);
  t.deepEqual(await named('bench-a', 'task-0038', 'task-0038', 'bench-alone'), ['bench-alone', 'task-0038']);
});

test('the page is written, what was measured and where it lies is said', async (t) => {
  const { folder, report } = await machine(t);
  const out = join(folder, 'page.html');
  const text = await report('task-0039', 'bench-alone', '--out', out);
  t.regex(text, /^resnet nightly {2}task task-0039\n[\s\S]*latency\.p50 +23\.0 +ms[\s\S]*✕ out of memory[\s\S]*page\.html\n$/);
  t.regex(await readFile(out, 'utf8'), /^<!doctype html>[\s\S]*repeat 2, out of memory[\s\S]*<\/html>\n$/);
  const history = await report('--history', 'resnet', '--out', out);
  t.regex(history, /^resnet nightly: history\n[\s\S]*level: from task-0020[\s\S]*page\.html\n$/);
  t.regex(await readFile(out, 'utf8'), /^<!doctype html>[\s\S]*<\/html>\n$/);
});

test('each form of all three, with all rows', async (t) => {
  const { folder, report } = await machine(t);
  const forms = [
    [['task-0039'], 'xlsx', 'PK', 'results: 12 rows, runs: 2 rows, series: '],
    [['--history', 'resnet nightly'], 'parquet', 'PAR1', 'points: 40 rows\n'],
    [['--history', 'resnet nightly'], 'npz', 'PK', 'points: 40 rows, repeats: 200 rows, changes: 1 rows, alarms: 0 rows\n'],
    [['--sweep', 's1'], 'xlsx', 'PK', 'rows: 33 rows\n'],
  ] as const;
  for (const [what, form, beginning, rows] of forms) {
    const out = join(folder, `file.${form}`);
    const text = await report(...what, `--${form}`, '--out', out);
    t.true(text.startsWith(rows) && text.endsWith(`file.${form}\n`), text);
    t.is((await readFile(out)).subarray(0, beginning.length).toString('latin1'), beginning);
  }
  const linesOf = async (...argv: string[]) => (await report(...argv, '--csv')).trimEnd().split(/\r?\n/);
  const points = await linesOf('--history', 'resnet nightly');
  t.is(points.length, 41);
  t.regex(points[0]!, /^benchmark,metric,device,runtime,limits,task,at,status,error,number,value,unit,/);
  t.is((await linesOf('--history', 'resnet nightly', '--table', 'repeats')).length, 201);
  const runs = await linesOf('task-0039', '--table', 'runs');
  t.deepEqual(
    runs.map((line) => /,(ok|out-of-memory),/.exec(line)?.[1]),
    [undefined, 'ok', 'out-of-memory'],
  );
  t.is((await linesOf('--history', 'other')).filter((line) => line.includes(',failed,no device,')).length, 2);
  t.like(JSON.parse(await report('--history', 'resnet nightly', '--metric', 'latency.p50', '--device', 'pi1', '--json')), {
    name: 'resnet nightly',
    metric: 'latency.p50',
  });
});

test('what is wrong is said with what to do', async (t) => {
  const { folder, wrong, report } = await machine(t);
  const ambiguous = await wrong('task-003');
  t.like(ambiguous, { code: 'usage' });
  t.regex(ambiguous!.message, /^"task-003" is the beginning of 10 tasks: /);
  t.like(await wrong('nothing'), { code: 'not-found', message: 'there is no task or benchmark run "nothing"' });
  t.like(await wrong('--history', 'resnet nigtly'), {
    code: 'not-found',
    hint: 'did you mean "resnet nightly"? controller bench list lists them',
  });
  t.like(await wrong('--history', 'zzz'), { code: 'not-found', hint: 'controller bench list lists them' });
  t.like(await wrong('--history', 'resnet', '--metric', 'latency.p51'), { code: 'not-found', hint: 'did you mean latency.p50?' });
  t.like(await wrong('--history', 'resnet', '--device', 'zzzzzz'), { code: 'not-found', hint: 'it has pi1' });
  t.like(await wrong('last', '--csv', '--json'), { code: 'usage', message: '--csv and --json are both on stdout' });
  t.like(await wrong('last', '--xlsx', '--npz'), { code: 'usage' });
  t.like(await wrong('last', '--npz', '--open'), { code: 'usage' });
  t.like(await wrong('last', '--table', 'runs'), { code: 'usage' });
  t.like(await wrong('last', '--csv', '--table', 'rnus'), { code: 'usage', hint: 'did you mean runs?' });
  t.like(await wrong('last', '--metric', 'x'), { code: 'usage' });
  t.like(await wrong('last', '--history', 'x'), { code: 'usage', message: 'ID and --history are two reports' });
  // Of a history that is empty nobody knows its metrics.
  t.regex(await report('--history', 'other', '--metric', 'x', '--out', join(folder, 'p.html')), /no run has added to it yet/);
});
