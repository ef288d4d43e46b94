import { setTimeout as wait } from 'node:timers/promises';
import test from 'ava';
import type { Io } from '../../../controller/cli/command.ts';
import { runTask, type TaskTools } from '../../../controller/cli/run-task.ts';
import { scheduledText, timeText } from '../../../controller/cli/schedule-text.ts';
import { serveCommand } from '../../../controller/cli/serve.ts';
import { withTasks } from '../../../controller/cli/task-tools.ts';
import { TaskStore } from '../../../controller/store/task-store.ts';
import { freePort } from '../../helpers/ports.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { program, read } from '../descriptor/reading.ts';
import { pointOf, taskOf } from '../task/task-fixture.ts';

const HOUR = 3_600_000;
const scheduled = (when: string) => program.replace('[ml]', `scheduling = "${when}"\n[ml]`);

function ioOf(signal: AbortSignal, said: string[]): Io {
  return {
    ...{ stdout: () => {}, stderr: (text: string) => said.push(text), terminal: false, columns: 80, tableColumns: 80, env: {}, signal },
    ...{ stdin: process.stdin, now: () => performance.now(), wallClock: () => Date.now() },
  };
}

test('who serves says what was missed, goes on after a clock that was wrong, and is not kept from it by what can not be read', async (t) => {
  const folder = await tempFolder(t);
  const now = Date.now();
  const tasks = await TaskStore.open(folder);
  t.teardown(() => tasks.close());
  const keep = (digest: string, text: string) => tasks.keepDescriptor({ digest, name: 'b.toml', text, sources: {} });
  await keep('d-hourly', scheduled('@hourly'));
  await keep('d-broken', 'nothing that can be read');
  await tasks.putSchedule({ benchmark: 'broken', descriptor: 'd-broken', consideredMs: now });
  await tasks.putSchedule({ benchmark: 'hourly', descriptor: 'd-hourly', consideredMs: now - 30 * HOUR });
  await tasks.putSchedule({ benchmark: 'wrong', descriptor: 'd-hourly', consideredMs: now + 1_000 * HOUR });
  const said: string[] = [];
  const stop = new AbortController();
  const nats = ['--nats', `127.0.0.1:${await freePort()}`];
  const served = serveCommand.run(['--data', folder, ...nats], ioOf(stop.signal, said));
  const wrong = async () => (await tasks.schedules()).find(({ benchmark }) => benchmark === 'wrong')!.consideredMs;
  await waitUntil(
    'both schedules were looked at',
    async () => (await wrong()) < now + HOUR && said.some((line) => line.includes('missed')),
  );
  await wait(1_200);
  stop.abort();
  t.is(await served, 0);
  const text = said.join('');
  t.regex(text, /serving 3 schedules, next at /);
  t.is(text.match(/broken: can't be run/g)!.length, 1);
  t.regex(text, /wrong: the clock was set back/);
  t.regex(text, /hourly: missed .*, and (19|20) before: no controller served then/);
  const missed = (await tasks.tasks({ status: 'missed' })).filter(({ descriptor }) => descriptor === 'd-hourly');
  t.is(missed.length, 10);
  t.true(
    missed.every(({ origin, error, dueMs }) => origin === 'schedule' && dueMs < now && error!.startsWith('no controller served then')),
  );
});

async function withTools(folder: string, work: (tools: TaskTools) => Promise<void>): Promise<void> {
  const never = new AbortController().signal;
  await withTasks({ data: folder, nats: `127.0.0.1:${await freePort()}` }, ioOf(never, []), work);
}

test('a task that can not be run ends with why; one that somebody else has, or that was cancelled, is left alone', async (t) => {
  await withTools(await tempFolder(t), async (tools) => {
    const { tasks } = tools;
    await tasks.keepDescriptor({ digest: 'd1', name: 'b.toml', text: program, sources: {} });
    await tasks.keepDescriptor({ digest: 'd2', name: 'b.toml', text: 'unreadable', sources: {} });
    const all = ['alone', 'taken', 'cancelled', 'unreadable'].map((task) =>
      taskOf({ task, descriptor: task === 'unreadable' ? 'd2' : 'd1' }),
    );
    await tasks.add(all);
    await tasks.start('taken', 'another', 1);
    await tasks.cancel('cancelled', 1);
    const [alone, taken, cancelled, unreadable] = all;
    t.like(await runTask(alone!, tools), { status: 'failed', points: [] });
    t.is(await runTask(taken!, tools), undefined);
    t.is(await runTask(cancelled!, tools), undefined);
    t.like(await runTask(unreadable!, tools), { status: 'failed' });
    t.is(await runTask(alone!, tools), undefined);
    const [found] = await tasks.find('alone');
    t.is(found!.status, 'failed');
    t.truthy(found!.error);
    await t.throwsAsync(tasks.addPoints([pointOf({ task: 'gone' })]));
  });
});

test('what a schedule asks for, in words', (t) => {
  t.is(timeText(Date.UTC(2026, 0, 2, 3, 4, 59)), '2026-01-02 03:04 UTC');
  t.regex(scheduledText(read(scheduled('0 3 * * *')), Date.UTC(2026, 0, 2)), /^b is scheduled: next at 2026-01-02 03:00 UTC\n/);
  const twice = read(`${scheduled('@daily').replace('["true"]', `["echo", "$\{n}"]`)}[sweep]\nn = [1, 2]\n`);
  t.regex(scheduledText(twice, Date.UTC(2026, 0, 2)), /^b is scheduled \(2 tasks each time\): /);
});
