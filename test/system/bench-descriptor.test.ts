/** Descriptors on real agents: each strategy, what is kept, what is repeated, and what ends it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import test from 'ava';
import type { TaskResult } from '../../controller/report/task-results.ts';
import { TaskStore } from '../../controller/store/task-store.ts';
import { freePort } from '../helpers/ports.ts';
import { waitUntil } from '../helpers/wait-until.ts';
import { shareMesh } from './shared-mesh.ts';

const agents = ['lab1', 'lab2'].map((name) => ({ name, args: ['--allow-commands'] }));
const shared = shareMesh(test, { agents });

const data = (): string => join(shared.mesh.folder, 'data');
const node = JSON.stringify(process.execPath);

async function written(name: string, text: string): Promise<string> {
  const folder = join(shared.mesh.folder, 'descriptors');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

async function bench(...args: string[]) {
  return await shared.mesh.runController(['bench', ...args, '--data', data()]);
}

interface Ran {
  readonly code: number | null;
  readonly tasks: readonly TaskResult[];
  readonly stderr: string;
}

async function run(what: string): Promise<Ran> {
  const { code, stderr, stdout, json } = await bench('run', what, '--json');
  if (stdout === '') throw new Error(`no results: ${stderr}`);
  return { code, tasks: (json() as { tasks: TaskResult[] }).tasks, stderr };
}

const metric = ({ metrics }: TaskResult, name: string) => metrics.find((each) => each.metric === name);

test.serial(
  'a program with its files: metrics by pattern, by pipe, by line; again with the files of then, whatever became of them',
  async (t) => {
    const program = await written(
      'say.mjs',
      `import { writeFileSync } from 'node:fs';
     console.log('epoch 1: loss=0.5'); console.log('epoch 2: loss=0.25'); console.log('epoch 3: loss=none');
     console.log('{"metric": "said", "value": 7}');
     writeFileSync(process.env.SPLITMESH_METRICS, '{"metric": "piped", "value": 8, "unit": "ms"}\\n');`,
    );
    const file = await written(
      'say.toml',
      `[info]
     description = "says things"
     [ml]
     workload = [${node}, "code/say.mjs"]
     repeat = 2
     [[data.sources]]
     src = "say.mjs"
     path = "code/say.mjs"
     [[output.metrics]]
     name = "loss"
     pattern = 'loss=(\\S+)'
     units = "1"`,
    );
    const { code, tasks, stderr } = await run(file);
    t.is(code, 0, stderr);
    const [task] = tasks as [TaskResult];
    t.like(task, { benchmark: 'say', status: 'done', origin: 'hand' });
    t.like(metric(task, 'loss'), { value: 0.25, values: [0.25, 0.25], unit: '1', before: null });
    t.like(metric(task, 'said'), { value: 7 });
    t.like(metric(task, 'piped'), { value: 8, unit: 'ms' });
    t.true(metric(task, 'wall')!.value > 0);
    t.regex(stderr, /line 3 of its stdout: loss is "none", which is no finite number/);
    t.true(['lab1', 'lab2'].includes(task.metrics[0]!.device));

    await writeFile(program, 'process.exit(9)');
    const again = await run(task.task);
    t.is(again.code, 0, again.stderr);
    t.like(again.tasks[0], { benchmark: 'say', descriptor: task.descriptor, status: 'done' });
    t.like(metric(again.tasks[0]!, 'loss'), { value: 0.25, before: 0.25, beforeCount: 1, device: task.metrics[0]!.device });

    const changed = await run(file);
    t.is(changed.code, 1);
    t.like(changed.tasks[0], { status: 'failed', metrics: [] });
    t.not(changed.tasks[0]!.descriptor, task.descriptor);
    t.regex(changed.tasks[0]!.error!, /crashed \(exit code 9\) on lab/);

    const got = await bench('get', task.task);
    t.regex(got.stdout, /repeat 2: controller bench show bench-/);
    t.regex(got.stdout, /# read: file say\.mjs \([0-9a-f]{64}\)\n[\s\S]*description = "says things"/);
    const results = await bench('results', task.task);
    t.regex(results.stdout, /loss +0\.25 +1 +0\.25 … 0\.25 +2/);
  },
);

test.serial('a metric that nobody said is missed', async (t) => {
  const file = await written(
    'silent.toml',
    `[info]
     description = "says nothing"
     [ml]
     workload = ["true"]
     [[output.metrics]]
     name = "loss"
     units = "1"`,
  );
  const { code, tasks } = await run(file);
  t.is(code, 1);
  t.like(tasks[0], { status: 'failed', error: 'it ended well and never said loss' });
});

test.serial('a client and its server, which is ready before it', async (t) => {
  const port = await freePort();
  const file = await written(
    'served.toml',
    `[info]
     description = "asks"
     [hardware]
     strategy = "inference"
     name = "lab2"
     [env]
     vars = { PORT = "${port}" }
     [server]
     start = [${node}, "-e", "setTimeout(() => require('http').createServer((q, a) => a.end('41')).listen(+process.env.PORT, '127.0.0.1'), 200)"]
     probe = { http = "http://127.0.0.1:${port}/" }
     [ml]
     workload = [${node}, "-e", "fetch('http://127.0.0.1:' + process.env.PORT).then((a) => a.text()).then((v) => console.log(JSON.stringify({ metric: 'answer', value: +v + 1 })))"]`,
  );
  const { code, tasks, stderr } = await run(file);
  t.is(code, 0, stderr);
  t.like(metric(tasks[0]!, 'answer'), { value: 42, device: 'lab2' });
});

test.serial('a program on several devices at once: each knows its rank, the slowest counts', async (t) => {
  const file = await written(
    'ranks.toml',
    `[info]
     description = "on two"
     [hardware]
     strategy = "distributed"
     count = 2
     name = "lab?"
     [ml]
     workload = [${node}, "-e", "const { SPLITMESH_RANK: r, SPLITMESH_WORLD_SIZE: n, SPLITMESH_HOSTS: h } = process.env; console.log(JSON.stringify({ metric: 'rank', value: +r })); console.log(JSON.stringify({ metric: 'devices', value: n * h.split(',').length }))"]`,
  );
  const { code, tasks, stderr } = await run(file);
  t.is(code, 0, stderr);
  t.like(metric(tasks[0]!, 'rank'), { value: 1, device: 'lab1+lab2' });
  t.like(metric(tasks[0]!, 'devices'), { value: 4 });
  const { stdout } = await bench('get', tasks[0]!.task);
  t.regex(stdout, /repeat 1: .*\n +repeat 1, rank 1: /);
});

test.serial('a pipeline as the benchmark', async (t) => {
  const file = await written(
    'pipe.toml',
    `[info]
     description = "over two devices"
     [hardware]
     strategy = "mesh"
     [ml]
     workload = "lenet@layer2"
     args = ["--frames", "20"]`,
  );
  const { code, tasks, stderr } = await run(file);
  t.is(code, 0, stderr);
  t.like(metric(tasks[0]!, 'throughput'), { unit: '1/s', better: 'higher', device: 'lab1+lab2' });
  t.regex(metric(tasks[0]!, 'latency.p50')!.runtime, /^\d+\.\d+/);
});

test.serial('a sweep of a model: a task for each combination, with a history of its own', async (t) => {
  const file = await written(
    'lenet.toml',
    `[info]
     description = "by threads"
     [ml]
     workload = "lenet"
     args = ["--threads", "\${threads}", "--duration", "0.2"]
     [sweep]
     threads = [1, 2]`,
  );
  const { code, tasks, stderr } = await run(file);
  t.is(code, 0, stderr);
  t.deepEqual(
    tasks.map(({ benchmark }) => benchmark),
    ['lenet[threads=1]', 'lenet[threads=2]'],
  );
  t.true(tasks.every((task) => metric(task, 'latency.p90')!.value > 0 && metric(task, 'throughput')!.better === 'higher'));
  const compared = await bench('compare', 'lenet[threads=1]', 'lenet[threads=2]');
  t.regex(compared.stdout, /latency\.p50 .* unsure .*too few values: 1 and 1/);
  t.is((await bench('delete', tasks[0]!.submission)).code, 0);
  t.is((await bench('results', tasks[0]!.task)).code, 2);
  t.notRegex((await bench('list')).stdout, /lenet\[/);
});

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
