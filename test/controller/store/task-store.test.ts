import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import type { AlarmRow } from '../../../controller/store/task-records.ts';
import { TaskStore } from '../../../controller/store/task-store.ts';
import type { Point, Task } from '../../../controller/task/task.ts';
import { taskOrigins, taskStatuses } from '../../../controller/task/task.ts';
import { pointOf, seriesOf, stored, taskOf } from '../task/task-fixture.ts';
import { namesOf, opened, plain } from './opened-tasks.ts';

test('a descriptor comes back as it was, and is kept once', async (t) => {
  const { store } = await opened(t);
  await store.keepDescriptor({ ...stored, name: 'other.toml' });
  t.deepEqual(await store.descriptor('d1'), stored);
  await t.throwsAsync(store.descriptor('nothing'), { code: 'not-found', message: 'there is no descriptor nothing' });
});

const time = fc.option(fc.maxSafeInteger(), { nil: undefined });
const anyTask: fc.Arbitrary<Task> = fc.record({
  task: fc.uuid(),
  submission: fc.string(),
  benchmark: fc.string(),
  descriptor: fc.constant('d1'),
  assignment: fc.dictionary(
    fc.string(),
    fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
    ),
  ),
  origin: fc.constantFrom(...taskOrigins),
  dueMs: fc.maxSafeInteger(),
  startedMs: time,
  endedMs: time,
  status: fc.constantFrom(...taskStatuses),
  error: fc.option(fc.string(), { nil: undefined }),
});
const noNul = (text: string) => text.replaceAll('\0', '');

test('tasks come back as they were', async (t) => {
  const { store } = await opened(t);
  await fc.assert(
    fc.asyncProperty(anyTask, async (made) => {
      const task = {
        ...made,
        submission: noNul(made.submission),
        benchmark: noNul(made.benchmark),
        error: made.error && noNul(made.error),
      };
      await store.add([task]);
      const [found] = (await store.tasks({ submission: task.submission })).filter((each) => each.task === task.task);
      t.deepEqual(plain(found), plain(task));
    }),
    { numRuns: 30 },
  );
});

test('points come back as they were, in the order in which they came, also when the clock was set back', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 't1' }), taskOf({ task: 't2', benchmark: 'c' })]);
  const values = [1e308, 5e-324, -0.5, 0, 1e-7, 123_456_789.123_456_78];
  const points: Point[] = [
    pointOf({ value: -3, values, atMs: 100, better: 'higher', unit: '1/s', series: { runtime: '1.30.0', limits: 'memory 64 MiB' } }),
    pointOf({ task: 't2', series: { benchmark: 'c', metric: '__proto__', device: 'pi1+pi2' }, atMs: 50 }),
    pointOf({ series: { metric: 'loss' }, atMs: 1 }),
  ];
  await store.addPoints(points);
  t.deepEqual(plain(await store.points({})), plain(points));
  t.deepEqual(plain(await store.points({ benchmark: 'c' })), plain([points[1]]));
  t.deepEqual(plain(await store.points({ task: 't1' })), plain([points[0], points[2]]));
  t.deepEqual(await store.points({ task: 't1', benchmark: 'c' }), []);
});

test('a task that says a value of the same series again replaces it; one that is not there says none', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 't1' })]);
  await store.addPoints([pointOf({ value: 1 })]);
  await store.addPoints([pointOf({ value: 2 }), pointOf({ value: 3, series: { device: 'pi2' } })]);
  t.deepEqual(
    (await store.points({ task: 't1' })).map(({ value }) => value),
    [2, 3],
  );
  await t.throwsAsync(store.addPoints([pointOf({ value: 9 }), pointOf({ task: 'gone' })]), { message: /FOREIGN KEY/ });
  t.is((await store.points({})).length, 2);
  t.is((await store.points({}))[0]!.value, 2);
});

test('runs of a task come back in the order of repeats and ranks', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 't1' })]);
  const run = (repeat: number, rank: number, kind: 'bench' | 'run' = 'bench') => ({ repeat, rank, kind, run: `r${repeat}${rank}` });
  for (const each of [run(2, 0, 'run'), run(1, 1), run(1, 0)]) await store.addRun('t1', each);
  t.deepEqual(plain(await store.runs('t1')), [run(1, 0), run(1, 1), run(2, 0, 'run')]);
  t.deepEqual(await store.runs('other'), []);
});

test('alarms come back newest first, and are replaced by what became of them', async (t) => {
  const { store } = await opened(t);
  const alarm = (name: string, changedMs: number, benchmark = 'b'): AlarmRow => ({
    ...{ alarm: name, series: seriesOf({ benchmark }), state: 'open', changedMs, facts: '{"size":2}' },
  });
  await store.putAlarms([alarm('a', 1), alarm('b', 3), alarm('c', 2, 'other')]);
  t.deepEqual(plain(await store.alarms()), [alarm('b', 3), alarm('c', 2, 'other'), alarm('a', 1)]);
  await store.putAlarms([{ ...alarm('a', 9), state: 'fixed' }]);
  t.deepEqual(plain(await store.alarms('b')), [{ ...alarm('a', 9), state: 'fixed' }, alarm('b', 3)]);
});

test('of those that start the same task at the same moment, one does', async (t) => {
  const { folder, store } = await opened(
    t,
    Array.from({ length: 20 }, (_, index) => taskOf({ task: `t${index}` })),
  );
  await using other = await TaskStore.open(folder);
  const names = namesOf(await store.tasks());
  const started = await Promise.all(
    names.map(async (task) => await Promise.all([store.start(task, 'one', 5), other.start(task, 'two', 6), store.start(task, 'three', 7)])),
  );
  t.true(started.every((each) => each.filter(Boolean).length === 1));
  t.true((await store.tasks()).every(({ status, startedMs }) => status === 'running' && startedMs! >= 5));
  t.false(await store.start('nothing', 'one', 5));
});

test('what waits and is cancelled never begins; what runs is told with the next beat; what is over stays as it is', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 'waits' }), taskOf({ task: 'runs' }), taskOf({ task: 'over', status: 'done' })]);
  await store.start('runs', 'me', 1);
  t.false(await store.beat('runs', 'me', 2));
  t.true(await store.cancel('waits', 9));
  t.true(await store.cancel('runs', 9));
  t.true(await store.cancel('runs', 9));
  t.false(await store.cancel('over', 9));
  t.false(await store.cancel('waits', 10));
  await t.throwsAsync(store.cancel('nothing', 9), { code: 'not-found' });
  t.false(await store.start('waits', 'me', 10));
  t.true(await store.beat('runs', 'me', 11));
  await store.end('runs', 'cancelled', 'somebody asked for its end', 12);
  t.like(await store.find('runs'), [{ status: 'cancelled', endedMs: 12, error: 'somebody asked for its end' }]);
  t.like(await store.find('waits'), [{ status: 'cancelled', endedMs: 9, startedMs: undefined, error: 'cancelled before it began' }]);
  t.like(await store.find('over'), [{ status: 'done', endedMs: undefined }]);
});

test('a beat of somebody else, of a task that is over or gone, says to stop', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 't1' })]);
  t.true(await store.beat('t1', 'me', 1));
  await store.start('t1', 'me', 1);
  t.false(await store.beat('t1', 'me', 2));
  t.true(await store.beat('t1', 'another', 2));
  await store.end('t1', 'done', undefined, 3);
  t.true(await store.beat('t1', 'me', 4));
  await store.delete('t1');
  t.true(await store.beat('t1', 'me', 5));
});

test('whose controller said nothing for a minute is buried, with what waited for it; what a schedule asked for waits on', async (t) => {
  const part = { submission: 's', origin: 'hand' } as const;
  const { store } = await opened(t, [
    taskOf({ task: 's-1', ...part }),
    taskOf({ task: 's-2', ...part }),
    taskOf({ task: 's-3', ...part, status: 'done' }),
    taskOf({ task: 'z', submission: 'z', origin: 'schedule' }),
    taskOf({ task: 'z-2', submission: 'z', origin: 'schedule' }),
    taskOf({ task: 'other' }),
  ]);
  await store.start('s-1', 'dead', 1_000);
  await store.start('z', 'dead', 1_000);
  t.deepEqual(await store.bury(61_000), []);
  t.deepEqual(await store.bury(61_001), ['s-1', 's-2', 'z']);
  t.deepEqual(await store.bury(62_000), []);
  const now = new Map((await store.tasks()).map((each) => [each.task, each]));
  t.like(now.get('s-1'), { status: 'failed', error: 'its controller ended before it', endedMs: 61_001 });
  t.like(now.get('s-2'), { status: 'failed', error: 'its controller ended before it' });
  t.deepEqual(
    ['s-3', 'z', 'z-2', 'other'].map((name) => now.get(name)!.status),
    ['done', 'failed', 'queued', 'queued'],
  );
});

test('who lives is not buried when the clock was set forward, or the machine slept', async (t) => {
  const { store } = await opened(t, [taskOf({ task: 't1' }), taskOf({ task: 'dead' })]);
  await store.start('t1', 'me', 1_000);
  await store.start('dead', 'gone', 1_000);
  const buried = store.bury(10_000_000);
  await wait(500);
  t.false(await store.beat('t1', 'me', 10_000_500));
  t.deepEqual(await buried, ['dead']);
  t.false(await store.beat('t1', 'me', 10_001_000));
});
