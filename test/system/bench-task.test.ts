/** Tasks on real agents: what ends them, what is refused, what is due, and who is told. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { TaskResult } from '../../controller/report/task-results.ts';
import { TaskStore } from '../../controller/store/task-store.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { DescriptorBench } from './descriptor-bench.ts';
import { shareMesh } from './shared-mesh.ts';

const agents = ['lab1', 'lab2'].map((name) => ({ name, args: ['--allow-commands'] }));
const shared = shareMesh(test, { agents });
const own = new DescriptorBench(shared);
const written = (name: string, text: string) => own.written(name, text);
const bench = (...args: string[]) => own.bench(...args);
const run = (what: string) => own.run(what);
const data = () => own.data;

test.serial('somebody else ends a task that runs, and one that waits', async (t) => {
  const file = await written(
    'long.toml',
    `[info]
     description = "sleeps"
     [ml]
     workload = ["sleep", "\${seconds}"]
     [sweep]
     seconds = [300, 301]`,
  );
  const running = shared.mesh.startController(['bench', 'run', file, '--json', '--data', data()]);
  await waitUntil(
    'it runs',
    async () => /task \S+-1: long/.test(running.stderr.text) && /running/.test((await bench('list')).stdout),
    20_000,
  );
  const [, first] = /task (\S+)-1: long/.exec(running.stderr.text)!;
  t.is((await bench('delete', first!)).code, 1, 'what runs is not deleted');
  const cancelled = await bench('cancel', first!);
  t.regex(cancelled.stdout, /-1: is told to end\n.*-2: will not begin\n/);
  t.is((await running.exit).code, 1);
  const { tasks } = JSON.parse(running.stdout.text) as { tasks: TaskResult[] };
  t.deepEqual(
    tasks.map(({ status }) => status),
    ['cancelled', 'cancelled'],
  );
});

test.serial('Ctrl-C ends all of it, and says so', async (t) => {
  const file = await written(
    'stop.toml',
    `[info]
     description = "sleeps"
     [ml]
     workload = ["sleep", "\${seconds}"]
     [sweep]
     seconds = [310, 311]`,
  );
  const running = shared.mesh.startController(['bench', 'run', file, '--data', data()]);
  await waitUntil('it runs', async () => /running/.test((await bench('list', 'stop[seconds=310]')).stdout), 20_000);
  running.signal('SIGINT');
  t.not((await running.exit).code, 0);
  const { stdout } = await bench('list');
  t.regex(stdout, /stop\[seconds=310\] +cancelled/);
  t.regex(stdout, /stop\[seconds=311\] +cancelled/);
});

test.serial('devices that nobody has are refused with the reason of each', async (t) => {
  const file = await written(
    'huge.toml',
    `[info]
     description = "wants a lot"
     [hardware]
     name = "lab1"
     memory = "900000GiB"
     [ml]
     workload = ["true"]`,
  );
  const { code, tasks } = await run(file);
  t.is(code, 1);
  t.regex(
    tasks[0]!.error!,
    /no device of the mesh will do: lab1: it has .* of memory, and 9\d\d\S* \S+ are wanted; lab2: it is not called lab1/,
  );
});

test.serial('validate says all that is wrong with lines, also of options that only the commands know', async (t) => {
  const bad = await written('bad.toml', '[info]\ndescription = 3\n[ml]\nworkload = "lenet"\nrepaet = 2\n');
  const worse = await written('worse.toml', '[info]\ndescription = "x"\n[ml]\nworkload = "lenet"\nargs = ["--on", "pi"]\n');
  const { code, stderr } = await bench('validate', bad, worse).catch(() => ({ code: null, stderr: '' }));
  t.is(code, 2, 'validate knows no --data');
  const said = await shared.mesh.runController(['bench', 'validate', bad, worse]);
  t.is(said.code, 1, stderr);
  t.regex(said.stderr, /bad\.toml:2: info\.description: .*text/);
  t.regex(said.stderr, /bad\.toml:5: ml\.repaet: .*repeat/);
  t.regex(said.stderr, /worse\.toml:5: ml\.args: --on can't be given here/);
});

test.serial('what was due while nobody served is said and not run; what is due is run', async (t) => {
  const file = await written(
    'minute.toml',
    `[info]
     description = "each minute"
     scheduling = "* * * * *"
     [ml]
     workload = ["true"]`,
  );
  const scheduled = await bench('run', file);
  t.regex(scheduled.stdout, /minute is scheduled: next at /);
  t.regex((await bench('list')).stdout, /minute +\* \* \* \* \* \(UTC\)/);
  {
    // As if it had been given five minutes ago.
    await using store = await TaskStore.open(data());
    const [schedule] = await store.schedules();
    await store.putSchedule({ ...schedule!, consideredMs: Date.now() - 5 * 60_000 });
  }
  const serving = shared.mesh.startController(['serve', '--data', data()]);
  await waitUntil('it has run', () => /task \S+: done/.test(serving.stderr.text), 30_000);
  serving.signal('SIGTERM');
  t.is((await serving.exit).code, 0);
  t.regex(serving.stderr.text, /minute: missed .* UTC: no controller served then/);
  const { stdout } = await bench('list', 'minute', '--json');
  const { measured } = JSON.parse(stdout) as { measured: { status: string }[] };
  const count = (status: string): number => measured.filter((each) => each.status === status).length;
  t.true(count('missed') >= 4 && count('done') >= 1, stdout);
  t.is((await bench('delete', 'minute')).code, 0);
  t.notRegex((await bench('list')).stdout, /SCHEDULED/);
});

test.serial('a threshold is an alarm at once: exit code 3, a program is told, people take note', async (t) => {
  const told = join(shared.mesh.folder, 'told.json');
  const file = await written(
    'slow.toml',
    `[info]
     description = "too slow"
     [ml]
     workload = ["echo", '{"metric": "ms", "value": 12}']
     [alerts]
     command = ["/bin/sh", "-c", "cat > ${told}"]
     [[alerts.rules]]
     metric = "ms"
     above = 10`,
  );
  const { code, stderr } = await run(file);
  t.is(code, 3, stderr);
  t.like(JSON.parse(await readFile(told, 'utf8')), {
    event: 'raised',
    kind: 'above',
    metric: 'ms',
    size: 1.2,
    series: { benchmark: 'slow' },
  });
  const open = await bench('alarms');
  t.is(open.code, 3);
  t.regex(open.stdout, /1 +open +slow +ms .*above/);
  t.is((await bench('alarms', '--ack', '1', '--note', 'we know')).code, 0);
  const known = await bench('alarms', 'slow');
  t.is(known.code, 0);
  t.regex(known.stdout, /acknowledged[\s\S]*note: we know/);
});
