import test from 'ava';
import { alarmOfRow, rowOfAlarm } from '../../../controller/cli/alarm-rows.ts';
import type { TaskTools } from '../../../controller/cli/run-task.ts';
import { watchHistory } from '../../../controller/cli/watch-history.ts';
import { BenchStore } from '../../../controller/store/bench-store.ts';
import { TaskStore } from '../../../controller/store/task-store.ts';
import { alarmText } from '../../../controller/task/alarm-record.ts';
import { SourceShelf } from '../../../controller/task/source-shelf.ts';
import type { Point } from '../../../controller/task/task.ts';
import { freePort } from '../../helpers/ports.ts';
import type { Scope } from '../../helpers/scope.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { program } from '../descriptor/reading.ts';
import { alarmRecord, pointOf, taskOf } from '../task/task-fixture.ts';

interface World {
  readonly tools: TaskTools;
  readonly said: string[];
  readonly stop: AbortController;
  /** One more task, with these values of its metrics, and what comes of it. */
  next(values: Readonly<Record<string, number>>, descriptor?: string): Promise<readonly string[]>;
  alarms(): Promise<readonly string[]>;
}

/** A mesh that nobody answers in: what is measured again fails. `texts`: descriptors. */
async function world(t: Scope, texts: Readonly<Record<string, string>>): Promise<World> {
  const folder = await tempFolder(t);
  const [tasks, bench] = [await TaskStore.open(folder), await BenchStore.open(folder)];
  t.teardown(() => Promise.all([tasks.close(), bench.close()]).then(() => {}));
  for (const [digest, text] of Object.entries(texts)) await tasks.keepDescriptor({ digest, name: 'b.toml', text, sources: {} });
  const said: string[] = [];
  const stop = new AbortController();
  const io = {
    ...{ stdout: () => {}, stderr: () => {}, terminal: false, columns: 80, tableColumns: 80, env: {}, signal: stop.signal },
    ...{ stdin: process.stdin, now: () => performance.now(), wallClock: () => Date.now() },
  };
  const tools: TaskTools = {
    ...{ tasks, bench, shelf: new SourceShelf(folder), data: folder, io, say: (message) => said.push(message) },
    choice: { nats: `127.0.0.1:${await freePort()}`, mesh: 'default' } as TaskTools['choice'],
  };
  let count = 0;
  return {
    ...{ tools, said, stop },
    async next(values, descriptor = Object.keys(texts)[0]!) {
      count += 1;
      const task = taskOf({ task: `t${count}`, descriptor, status: 'done' });
      await tasks.add([task]);
      const points: Point[] = Object.entries(values).map(([metric, value]) => pointOf({ task: task.task, value, series: { metric } }));
      await tasks.addPoints(points);
      return (await watchHistory(task, points, tools)).map(({ alarm }) => `${alarm.metric} ${alarm.kind} ${alarm.firstBad}`);
    },
    alarms: async () => (await tasks.alarms()).map(alarmOfRow).map(({ alarm }) => `${alarm.metric} ${alarm.state}`),
  };
}

const watched = (alerts: string) => `${program}[alerts]\n${alerts}\n`;
/** Ten that vary a little. */
const steady = [100, 101, 99.5, 100.4, 99.8, 100.9, 100.2, 99.6, 100.7, 99.9];

async function play({ next }: World, metric: string, values: readonly number[], descriptor?: string): Promise<string[]> {
  const raised: string[] = [];
  for (const value of values) raised.push(...(await next({ [metric]: value }, descriptor)));
  return raised;
}

test('a change for the worse is raised once, and fixed by what goes back', async (t) => {
  const here = await world(t, { d1: watched('confirm = 0') });
  t.deepEqual(await play(here, 'wall', steady), []);
  t.deepEqual(
    await play(
      here,
      'wall',
      steady.map((value) => value * 1.5),
    ),
    ['wall change-point t11'],
  );
  t.deepEqual(await here.alarms(), ['wall open']);
  t.deepEqual(await play(here, 'wall', steady), []);
  t.deepEqual(await here.alarms(), ['wall fixed']);
  t.true(here.said.some((line) => line.startsWith('fixed: b wall on pi1')));
});

test('values below 0 lose no task: a change of them is raised after it could not be confirmed, and nothing is measured for that', async (t) => {
  const here = await world(t, { d1: watched('confirm = 3') });
  await play(
    here,
    'loss',
    steady.map((value) => value - 200),
  );
  const raised = await play(
    here,
    'loss',
    steady.map((value) => value - 100),
  );
  t.deepEqual(raised, ['loss change-point t11']);
  t.deepEqual(
    (await here.tools.tasks.tasks()).filter(({ origin }) => origin === 'confirmation'),
    [],
  );
  t.true(
    here.said.some((line) => /loss on pi1 changed by -99\.\d → 0\.\d+ ms since task t11, .*below 0, which have no ratios/.test(line)),
    here.said.join('\n'),
  );
});

test('a history of zeros and of huge values is judged like others', async (t) => {
  const here = await world(t, { d1: watched('confirm = 0\n[[alerts.rules]]\nmetric = "errors"\nabove = 0') });
  await play(here, 'errors', [0, 0, 0, 0, 0, 0]);
  t.deepEqual(await play(here, 'errors', [5]), ['errors above t7']);
  const [row] = await here.tools.tasks.alarms();
  t.is(alarmOfRow(row!).alarm.size, Number.POSITIVE_INFINITY);
  await t.notThrowsAsync(play(here, 'huge', [1.7e308, 1.7e308, 1e308, 1.7e308, 1.7e308, 1.7e308, 1.2e308, 1.7e308]));
});

test('a history that can not be judged keeps nobody from the others', async (t) => {
  const here = await world(t, { d1: watched('confirm = 0\n[[alerts.rules]]\nmetric = "wall"\nabove = 5') });
  const { tasks } = here.tools;
  await tasks.add([taskOf({ task: 'old', status: 'done' })]);
  await tasks.addPoints([pointOf({ task: 'old', value: Number.POSITIVE_INFINITY, series: { metric: 'broken' } })]);
  t.deepEqual(await here.next({ broken: 1, wall: 9 }), ['wall above t1']);
  t.regex(here.said[0]!, /^warning: b broken on pi1 can't be judged: .*expected numbers/);
});

test('what can not be confirmed three times is left to people; Ctrl-C is no attempt', async (t) => {
  const here = await world(t, { d1: watched('confirm = 1') });
  await play(here, 'wall', steady);
  const worse = steady.map((value) => value * 1.5);
  await play(here, 'wall', worse.slice(0, 2));
  let raised: string[] = [];
  for (const value of worse.slice(2, 6)) {
    raised = await play(here, 'wall', [value]);
    if ((await here.alarms()).length > 0) break;
  }
  t.deepEqual(raised, []);
  t.deepEqual(await here.alarms(), ['wall candidate']);
  const attempts = async () => alarmOfRow((await here.tools.tasks.alarms())[0]!).confirmation?.attempts;
  t.is(await attempts(), 1);

  const stop = new AbortController();
  const { tasks } = here.tools;
  const stopping = new Proxy(tasks, {
    get: (_target, key: keyof TaskStore) => {
      const method = tasks[key] as (...words: unknown[]) => unknown;
      return (...words: unknown[]) => {
        if (key === 'start') stop.abort(new Error('stopped'));
        return method.apply(tasks, words);
      };
    },
  });
  const [newest] = (await tasks.tasks()).filter(({ origin }) => origin === 'hand');
  const points = await tasks.points({ task: newest!.task });
  const interrupted = watchHistory(newest!, points, { ...here.tools, tasks: stopping, io: { ...here.tools.io, signal: stop.signal } });
  await t.throwsAsync(interrupted, { message: 'stopped' });
  t.is(await attempts(), 1);
  t.deepEqual(await here.alarms(), ['wall candidate']);

  t.deepEqual(await play(here, 'wall', [150]), []);
  t.is((await play(here, 'wall', [150.5])).length, 1);
  t.deepEqual(await here.alarms(), ['wall open']);
});

test('a candidate whose first bad run was deleted is no alarm', async (t) => {
  const here = await world(t, { d1: watched('confirm = 1') });
  const { tasks } = here.tools;
  const record = { ...alarmRecord({ state: 'candidate', firstBad: 'gone' }) };
  await tasks.putAlarms([rowOfAlarm(record)]);
  t.deepEqual(await play(here, 'wall', steady.slice(0, 4)), []);
  t.deepEqual(await here.alarms(), ['wall dismissed']);
  t.true(here.said.some((line) => /^no alarm: .*were deleted/.test(line)));
});

test('a descriptor that does not ask for change points any more raises none that were candidates', async (t) => {
  const here = await world(t, { d1: watched('confirm = 0\nchange_points = false') });
  await here.tools.tasks.putAlarms([rowOfAlarm(alarmRecord({ state: 'candidate', firstBad: 't2' }))]);
  t.deepEqual(await play(here, 'wall', steady.slice(0, 4)), []);
  t.deepEqual(await here.alarms(), ['wall candidate']);
});

test('what a person said of a candidate while it was confirmed counts', async (t) => {
  const here = await world(t, { d1: watched('confirm = 1') });
  const { tasks } = here.tools;
  await play(here, 'wall', steady.slice(0, 4));
  const candidate = alarmRecord({ state: 'candidate', firstBad: 't3' });
  await tasks.putAlarms([
    rowOfAlarm({ ...candidate, confirmation: { outcome: 'unsure', reason: 'x', attempts: 2, oldAgain: [], newAgain: [] } }),
  ]);
  const add = tasks.add.bind(tasks);
  tasks.add = async (made) => {
    if (made.some(({ origin }) => origin === 'confirmation'))
      await tasks.putAlarms([rowOfAlarm(alarmRecord({ state: 'dismissed', firstBad: 't3' }))]);
    return await add(made);
  };
  t.deepEqual(await play(here, 'wall', [100]), []);
  t.deepEqual(await here.alarms(), ['wall dismissed']);
});

test('a rule without a history is not judged, one that is violated is open at once and fixed when it is kept', async (t) => {
  const here = await world(t, { d1: watched('[[alerts.rules]]\nmetric = "wall"\nrelative_change = "10%"') });
  t.deepEqual(await play(here, 'wall', [100, 200, 100]), []);
  t.deepEqual(await play(here, 'wall', [150, 160]), ['wall relative-change t4']);
  t.deepEqual(await play(here, 'wall', [100]), []);
  t.deepEqual(await here.alarms(), ['wall fixed']);
});

test('an alarm comes back from its row as it was, and says what it is about', (t) => {
  for (const size of [1.5, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1]) {
    const record = {
      ...alarmRecord({ size }),
      note: 'seen',
      confirmation: { outcome: 'unsure' as const, reason: 'R.', attempts: 1, oldAgain: [1], newAgain: [2] },
    };
    t.deepEqual(alarmOfRow(rowOfAlarm(record)), record);
  }
  t.is(alarmText(alarmRecord({ kind: 'k-sigma' })), 'b wall on pi1 k sigma: +50.0 % since task t5, p 0.0010');
  t.is(alarmText(alarmRecord({ size: -1, before: -5, after: 5 })), 'b wall on pi1 changed by -5.00 → 5.00 ms since task t5, p 0.0010');
});
