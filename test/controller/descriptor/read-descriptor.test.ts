/** What a descriptor means when nothing is wrong with it. */
import test from 'ava';
import { model, only, program, read } from './reading.ts';

test('the least that can be said; the rest has defaults', (t) => {
  const file = read(model);
  t.is(file.name, 'b.toml');
  t.is(file.taskName, 'b');
  t.is(file.schedule, undefined);
  t.is(file.axes.size, 0);
  t.deepEqual(file.combinations, [
    {
      assignment: {},
      descriptor: {
        taskName: 'b',
        description: 'd',
        labels: {},
        hardware: { strategy: 'single_node', name: undefined, arch: undefined, memoryBytesMin: undefined, count: 1, limits: {} },
        env: {},
        workload: { kind: 'model', model: 'lenet', options: [] },
        repeat: 1,
        timeoutMs: undefined,
        sources: [],
        metrics: [],
        server: undefined,
        alerts: { changePoints: true, confirm: 3, command: undefined, webhook: undefined, rules: [] },
      },
    },
  ]);
});

const everything = `
[info]
description = "all of it"
task_name = "all.of-it_1"
labels = { team = "vision", "a/b" = "" }
scheduling = "@daily"
timezone = "Europe/Berlin"

[hardware]
strategy = "inference"
name = "pi*"
arch = "aarch64"
memory = "1GiB"
count = 1
[hardware.limits]
memory = 268435456
memory_high = "200MiB"
swap = "0"
cpu = 0.5
cpus = "0-1,3"
pids = 64

[env]
vars = { A = "1", _b = "" }

[ml]
workload = ["python3", "client.py"]
args = ["-n", ""]
repeat = 100
timeout = 0.5

[[data.sources]]
src = "./client.py"
sha256 = "${'AB'.repeat(32)}"
[[data.sources]]
src = "https://example.org/a%20b/data.csv?v=2#x"
md5 = "${'01'.repeat(16)}"
[[data.sources]]
src = "file:///srv/set%20one"
path = "sets/one"

[[output.metrics]]
name = "loss"
units = "1"
pattern = 'loss=([0-9.]+)'
better = "higher"
[[output.metrics]]
name = "epochs"

[server]
start = ["python3", "server.py"]
probe = { tcp = 8080 }

[alerts]
change_points = false
confirm = 0
command = ["./notify.sh"]
webhook = "https://example.org/hook"
[[alerts.rules]]
metric = "loss"
above = 12.5
below = -1
[[alerts.rules]]
metric = "p90"
k_sigma = 4
relative_change = "5%"
direction = "up"
[[alerts.rules]]
metric = "p99"
relative_change = 0.05
`;

test('all of it, in its units', (t) => {
  const file = read(everything);
  t.is(file.schedule?.text, '@daily');
  t.is(file.schedule?.timezone, 'Europe/Berlin');
  t.deepEqual(file.combinations[0]!.descriptor, {
    taskName: 'all.of-it_1',
    description: 'all of it',
    labels: { team: 'vision', 'a/b': '' },
    hardware: {
      strategy: 'inference',
      name: 'pi*',
      arch: 'arm64',
      memoryBytesMin: 2 ** 30,
      count: 1,
      limits: { memoryLimitBytes: 2 ** 28, memoryHighBytes: 200 * 2 ** 20, swapBytes: 0, cpuQuotaCores: 0.5, cpus: '0-1,3', pids: 64 },
    },
    env: { A: '1', _b: '' },
    workload: { kind: 'program', argv: ['python3', 'client.py', '-n', ''] },
    repeat: 100,
    timeoutMs: 500,
    sources: [
      { from: { kind: 'file', path: './client.py' }, path: 'client.py', digest: { algorithm: 'sha256', hex: 'ab'.repeat(32) } },
      {
        from: { kind: 'http', url: 'https://example.org/a%20b/data.csv?v=2#x' },
        path: 'data.csv',
        digest: { algorithm: 'md5', hex: '01'.repeat(16) },
      },
      { from: { kind: 'file', path: '/srv/set one' }, path: 'sets/one', digest: undefined },
    ],
    metrics: [
      { name: 'loss', units: '1', pattern: 'loss=([0-9.]+)', better: 'higher' },
      { name: 'epochs', units: '', pattern: undefined, better: 'lower' },
    ],
    server: { argv: ['python3', 'server.py'], probe: { kind: 'tcp', port: 8080 }, readyMsMax: 30_000 },
    alerts: {
      changePoints: false,
      confirm: 0,
      command: ['./notify.sh'],
      webhook: 'https://example.org/hook',
      rules: [
        { metric: 'loss', above: 12.5, below: -1, kSigma: undefined, relativeChange: undefined, direction: undefined },
        { metric: 'p90', above: undefined, below: undefined, kSigma: 4, relativeChange: 0.05, direction: 'up' },
        { metric: 'p99', above: undefined, below: undefined, kSigma: undefined, relativeChange: 0.05, direction: undefined },
      ],
    },
  });
});

test('how many devices there are when nobody says depends on the strategy', (t) => {
  t.is(only(`${model}[hardware]\nstrategy = "inference"`).hardware.count, 1);
  t.is(only(`${program}[hardware]\nstrategy = "distributed"`).hardware.count, 2);
  t.is(only(`${program}[hardware]\nstrategy = "distributed"\ncount = 5`).hardware.count, 5);
  t.is(only(`${model}[hardware]\nstrategy = "mesh"`).hardware.count, undefined);
  t.is(only(`${model}[hardware]\nstrategy = "mesh"\ncount = 1`).hardware.count, 1);
});

test('models are names, aliases and files; in a mesh with cuts', (t) => {
  const mesh = '[hardware]\nstrategy = "mesh"';
  for (const [workload, rest] of [
    ['resnet', ''],
    ['./models/my net@2.onnx', ''],
    ['resnet18@layer4,layer12', mesh],
    ['models/a.onnx@auto', mesh],
    ['resnet18', mesh],
  ] as const) {
    t.like(only(`${model.replace('lenet', workload)}${rest}`).workload, { kind: 'model', model: workload });
  }
});

test('the task is called like the file, wherever that is, when it has no other name', async (t) => {
  const { readDescriptor } = await import('../../../controller/descriptor/read-descriptor.ts');
  t.is(readDescriptor({ name: '/home/pi/bench/nightly.resnet.toml', text: model }).taskName, 'nightly.resnet');
});

test('the line of anything is known afterwards, too', (t) => {
  const { lineOf } = read(`${program.trimEnd()}\nargs = [\n  "a",\n  "b",\n]\n`);
  t.is(lineOf(['ml', 'args']), 5);
  t.is(lineOf(['ml', 'args', 1]), 7);
  t.is(lineOf(['ml', 'args', 9]), 5);
  t.is(lineOf(['hardware', 'limits', 'memory']), 1);
});
