import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'ava';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { openDatabase, SCHEMA_VERSION } from '../../../controller/store/schema.ts';
import { RunStore } from '../../../controller/store/store.ts';
import type { ScheduleRow } from '../../../controller/store/task-records.ts';
import { TaskStore } from '../../../controller/store/task-store.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { recordOf } from '../report/sweep-fixture.ts';
import { pointOf, stored, taskOf } from '../task/task-fixture.ts';

import { namesOf, opened, plain } from './opened-tasks.ts';

test('a schedule is there once, and replaced by a new one', async (t) => {
  const { store } = await opened(t);
  await store.keepDescriptor({ ...stored, digest: 'd2' });
  const row: ScheduleRow = { benchmark: 'b', descriptor: 'd1', consideredMs: 5 };
  await store.putSchedule(row);
  await store.putSchedule({ benchmark: 'a', descriptor: 'd1', consideredMs: 6 });
  await store.putSchedule({ ...row, descriptor: 'd2', consideredMs: 7 });
  t.deepEqual(plain(await store.schedules()), [
    { benchmark: 'a', descriptor: 'd1', consideredMs: 6 },
    { benchmark: 'b', descriptor: 'd2', consideredMs: 7 },
  ]);
  t.true(await store.deleteSchedule('a'));
  t.false(await store.deleteSchedule('a'));
  await t.throwsAsync(store.putSchedule({ ...row, descriptor: 'nothing' }), { message: /FOREIGN KEY/ });
});

test('of two who look at a schedule at the same moment, one adds what was due', async (t) => {
  const { folder, store } = await opened(t);
  await using other = await TaskStore.open(folder);
  const row: ScheduleRow = { benchmark: 'b', descriptor: 'd1', consideredMs: 5 };
  await store.putSchedule(row);
  const due = (name: string) => [taskOf({ task: name, submission: name, origin: 'schedule', dueMs: 9 })];
  const told = await Promise.all([store.advanceSchedule(row, 10, due('one')), other.advanceSchedule(row, 11, due('two'))]);
  t.is(told.filter(Boolean).length, 1);
  t.deepEqual(namesOf(await store.tasks()), [told[0] ? 'one' : 'two']);
  t.is((await store.schedules())[0]!.consideredMs, told[0] ? 10 : 11);
  t.false(await store.advanceSchedule({ ...row, descriptor: 'd9', consideredMs: 11 }, 12, due('three')));
});

test('what is due and can not be added stays due', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 'taken' })]);
  const row: ScheduleRow = { benchmark: 'b', descriptor: 'd1', consideredMs: 5 };
  await store.putSchedule(row);
  await t.throwsAsync(store.advanceSchedule(row, 10, [taskOf({ task: 'good' }), taskOf({ task: 'taken' })]), { message: /UNIQUE/ });
  t.is((await store.schedules())[0]!.consideredMs, 5);
  t.deepEqual(namesOf(await store.tasks()), ['taken']);
});

test('a deleted task takes along its runs, its points, and a descriptor that nothing else has', async (t) => {
  const { folder, store } = await opened(t, [taskOf({ task: 't1' }), taskOf({ task: 't2' })]);
  await using bench = await BenchStore.open(folder);
  await using runs = await RunStore.open(folder);
  await store.keepDescriptor({ ...stored, digest: 'd2' });
  await store.keepDescriptor({ ...stored, digest: 'd3' });
  await store.add([taskOf({ task: 't3', descriptor: 'd3' })]);
  await store.putSchedule({ benchmark: 'b', descriptor: 'd2', consideredMs: 1 });
  for (const name of ['r1', 'r2', 'r3']) await bench.addBench({ bench: name, startedMs: 1, title: 'x', device: 'd', record: recordOf({}) });
  for (const run of ['m1', 'm1-whole', 'm2']) {
    const parent = run === 'm1-whole' ? 'm1' : undefined;
    await runs.begin({ run, parent, startedMs: 1, model: 'lenet', plan: '{}' });
  }
  await store.addRun('t1', { repeat: 1, rank: 0, kind: 'bench', run: 'r1' });
  await store.addRun('t1', { repeat: 2, rank: 0, kind: 'run', run: 'm1' });
  await store.addRun('t2', { repeat: 1, rank: 0, kind: 'bench', run: 'r2' });
  await store.addPoints([pointOf({ task: 't1' }), pointOf({ task: 't2' })]);
  await store.delete('t1');
  t.deepEqual(namesOf(await store.tasks()), ['t3', 't2']);
  t.deepEqual(await store.runs('t1'), []);
  t.deepEqual(
    (await store.points({})).map(({ task }) => task),
    ['t2'],
  );
  t.deepEqual((await bench.benches()).map((each) => each.bench).toSorted(), ['r2', 'r3']);
  t.is((await runs.find('last')).run, 'm2');
  await t.throwsAsync(runs.find('m1-whole'), { code: 'not-found' });
  await store.delete('t3');
  await t.throwsAsync(store.descriptor('d3'), { code: 'not-found' });
  t.is((await store.descriptor('d2')).digest, 'd2');
  t.is((await store.descriptor('d1')).digest, 'd1');
  await store.delete('t3');
});

test('tasks are found by their name, that of their submission, the beginning of one, or as the last', async (t) => {
  const { store } = await opened(t, [
    taskOf({ task: '20-aa', dueMs: 1 }),
    ...[1, 2, 10].map((part, index) => taskOf({ task: `21-bb-${part}`, submission: '21-bb', dueMs: 2 + index })),
    taskOf({ task: '22-cc', dueMs: 9 }),
    taskOf({ task: '23-dd-old1', submission: '23-dd', origin: 'confirmation', dueMs: 10 }),
  ]);
  const found = async (name: string) => namesOf(await store.find(name));
  t.deepEqual(await found('20-aa'), ['20-aa']);
  t.deepEqual(await found('20'), ['20-aa']);
  t.deepEqual(await found('21'), ['21-bb-1', '21-bb-2', '21-bb-10']);
  t.deepEqual(await found('21-bb'), ['21-bb-1', '21-bb-2', '21-bb-10']);
  t.deepEqual(await found('21-bb-1'), ['21-bb-1']);
  t.deepEqual(await found('last'), ['22-cc']);
  t.deepEqual(await found('23'), ['23-dd-old1']);
  await t.throwsAsync(store.find('2'), { code: 'usage', message: /^"2" is the beginning of 4 tasks: 23-dd, 22-cc, 21-bb, 20-aa$/ });
  await t.throwsAsync(store.find('x'), { code: 'not-found', message: 'there is no task "x"' });
});

test('a store without tasks has no last one', async (t) => {
  const { store } = await opened(t);
  await t.throwsAsync(store.find('last'), { code: 'not-found' });
});

test('tasks are listed newest first, by benchmark, submission and status', async (t) => {
  const { store } = await opened(t, [
    taskOf({ task: 'a', dueMs: 5 }),
    taskOf({ task: 'b', dueMs: 5, benchmark: 'c' }),
    taskOf({ task: 'c', dueMs: 1, submission: 'a' }),
  ]);
  t.deepEqual(namesOf(await store.tasks()), ['b', 'a', 'c']);
  await store.start('c', 'me', 7);
  t.deepEqual(namesOf(await store.tasks()), ['c', 'b', 'a']);
  t.deepEqual(namesOf(await store.tasks({ benchmark: 'b' })), ['c', 'a']);
  t.deepEqual(namesOf(await store.tasks({ submission: 'a' })), ['c', 'a']);
  t.deepEqual(namesOf(await store.tasks({ status: 'running', benchmark: 'b' })), ['c']);
});

test('a database from before there were tasks gets them and keeps what it has', async (t) => {
  const folder = await tempFolder(t);
  const path = join(folder, 'runs.sqlite');
  openDatabase(path).close();
  const old = new DatabaseSync(path);
  old.exec('DROP TABLE alarm; DROP TABLE point; DROP TABLE task_run; DROP TABLE schedule; DROP TABLE task; DROP TABLE descriptor');
  old.exec(`PRAGMA user_version = ${SCHEMA_VERSION - 1}`);
  old.exec(`INSERT INTO run (run, started_ms, model, status, plan) VALUES ('r0', 1, 'lenet', 'done', '{}')`);
  old.close();
  await using store = await TaskStore.open(folder);
  await store.keepDescriptor(stored);
  await store.add([taskOf({ task: 't1' })]);
  t.deepEqual(namesOf(await store.find('t1')), ['t1']);
  await using runs = await RunStore.open(folder);
  t.is((await runs.find('last')).run, 'r0');
  const now = new DatabaseSync(path, { readOnly: true });
  t.like(now.prepare('PRAGMA user_version').get(), { user_version: SCHEMA_VERSION });
  now.close();
});
