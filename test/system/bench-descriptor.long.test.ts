/** Descriptors on real agents: each strategy, what is kept, and what is repeated. */
import { writeFile } from 'node:fs/promises';
import process from 'node:process';
import test from 'ava';
import type { TaskResult } from '../../controller/report/task-results.ts';
import { freePort } from '../helpers/ports.ts';
import { DescriptorBench } from './descriptor-bench.ts';
import { shareMesh } from './shared-mesh.ts';

const agents = ['lab1', 'lab2'].map((name) => ({ name, args: ['--allow-commands'] }));
const shared = shareMesh(test, { agents });
const own = new DescriptorBench(shared);
const written = (name: string, text: string) => own.written(name, text);
const bench = (...args: string[]) => own.bench(...args);
const run = (what: string) => own.run(what);

const node = JSON.stringify(process.execPath);
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
