/** Bad descriptors, with all that is said of each. */
import test from 'ava';
import { model, problemsOf, program } from './reading.ts';

/** Appended to a good descriptor of five lines. */
const afterModel: readonly (readonly [text: string, ...messages: string[]])[] = [
  ['[hardwre]', '6: hardwre: this is not a section; did you mean hardware?'],
  ['[zzz]', '6: zzz: this is not a section: expected one of info, hardware, env, ml, data, output, server, alerts, sweep'],
  ['[hardware]\nmemroy = "1GiB"', '7: hardware.memroy: this is not a key of [hardware]; did you mean memory?'],
  ['[hardware.limits]\ncpus = 1', '7: hardware.limits.cpus: expected a text in quotes, found 1'],
  ['[hardware]\nlimits.cpu = "half"', '7: hardware.limits.cpu: expected a number, found "half"'],
  ['[hardware.limits]\ncpu = nan', '7: hardware.limits.cpu: expected a number, found NaN'],
  ['[hardware.limits]\npids = 1.5', '7: hardware.limits.pids: expected a whole number, found 1.5'],
  [
    '[hardware.limits]\npids = 9007199254740993',
    '7: hardware.limits.pids: expected a whole number, found 9007199254740993, which is more than a number holds exactly',
  ],
  ['[hardware.limits]\npids = 0', '7: hardware.limits.pids: expected at least 1, found 0'],
  [
    '[hardware.limits]\nmemory = "64XB"',
    '7: hardware.limits.memory: "64XB" is not an amount of memory: expected for example 512MiB or 2GB',
  ],
  [
    '[hardware.limits]\nmemory = true',
    '7: hardware.limits.memory: expected an amount of memory such as "256MiB", or a whole number of bytes, found true',
  ],
  ['[hardware.limits]\nswap = "1GiB"', '7: hardware.limits.swap: it says how much there is beyond memory, which is missing'],
  [
    '[hardware.limits]\nmemory = "1MiB"\nmemory_high = "2MiB"',
    '8: hardware.limits.memory_high: it is more than memory: nothing would ever be slowed down',
  ],
  ['[hardware.limits]\ncpus = "0-"', '7: hardware.limits.cpus: expected a list of CPUs such as "0-1,3", found "0-"'],
  ['[hardware]\nname = "pi 1"', '7: hardware.name: expected a name of a device, in which * and ? stand for others, found "pi 1"'],
  [
    '[hardware]\narch = "x46"',
    '7: hardware.arch: expected one of x64, arm64, arm, amd64, x86_64, aarch64, armv7l, found "x46"; did you mean x64?',
  ],
  ['[hardware]\nstrategy = 1', '7: hardware.strategy: expected one of single_node, inference, distributed, mesh, found 1'],
  ['[hardware]\ncount = 2', '7: hardware.count: strategy single_node is on one device, found 2; several are for distributed and mesh'],
  [
    '[hardware]\nstrategy = "distributed"',
    '4: ml.workload: strategy distributed runs a program on several devices; one model on several is strategy mesh',
  ],
  [
    '[hardware]\nstrategy = "mesh"\n[hardware.limits]\ncpu = 1',
    "8: hardware.limits: a mesh's stages have the limits of their agents (agent --memory, --cpu-quota): none can be given here",
  ],
  ['[env]\nvars = { A = "1" }', '7: env.vars: variables are for programs; the workload is a model'],
  ['[[data.sources]]\nsrc = "a"', '6: data.sources: files are for programs; a model comes by its name or its path'],
  [
    "[[output.metrics]]\nname = 'a'\npattern = '(b)'",
    "8: output.metrics[0].pattern: a pattern is for a program's output; a model's metrics are built in",
  ],
  ['[server]\nstart = ["a"]\nprobe.tcp = 1', '6: server: a server is for a program as its client; the workload is a model'],
  ['[alerts]\nchange_points = "yes"', '7: alerts.change_points: expected true or false, found "yes"'],
  [
    '[alerts]\nwebhook = "example.org"',
    '7: alerts.webhook: "example.org" is no address: expected for example http://127.0.0.1:8080/health',
  ],
  ['[alerts]\ncommand = []', '7: alerts.command: expected at least 1 element, found 0'],
  ['[[alerts.rules]]\nmetric = "p90"', '6: alerts.rules[0]: this rule has no condition: expected above, below, k_sigma or relative_change'],
  [
    '[[alerts.rules]]\nmetric = "p90"\nabove = 1\ndirection = "up"',
    '9: alerts.rules[0].direction: it is for k_sigma and relative_change, which are missing',
  ],
  [
    '[[alerts.rules]]\nmetric = "p90"\nabove = 1\nbelow = 2',
    '9: alerts.rules[0].below: every value is above 1 or below 2: this would always be an alarm',
  ],
  [
    '[[alerts.rules]]\nmetric = "p90"\nrelative_change = "5"',
    '8: alerts.rules[0].relative_change: "5" is no percentage: expected for example "5%"',
  ],
  [
    '[[alerts.rules]]\nmetric = "p 90"\nk_sigma = 0',
    ...[
      '7: alerts.rules[0].metric: expected a name of letters, digits, _ . - / (at most 128), found "p 90"',
      '8: alerts.rules[0].k_sigma: expected more than 0, found 0',
    ],
  ],
  [
    '[alerts]\n[[alerts.rules]]\nmetrik = "x"\nabove = 1',
    ...[
      '7: alerts.rules[0].metric: is missing: expected a text in quotes',
      '8: alerts.rules[0].metrik: this is not a key of [[alerts.rules]]; did you mean metric?',
    ],
  ],
  ['[alerts]\nconfirm = 2026-01-01', '7: alerts.confirm: expected a whole number, found the date 2026-01-01'],
];
for (const [text, ...messages] of afterModel) {
  test(`a model and ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(
      problemsOf(`${model}${text}`),
      messages.map((message) => `b.toml:${message}`),
    );
  });
}

const afterProgram: readonly (readonly [text: string, ...messages: string[]])[] = [
  ['[hardware]\nstrategy = "mesh"', '4: ml.workload: strategy mesh runs a model, not a program'],
  ['[hardware]\nstrategy = "distributed"\ncount = 1', '8: hardware.count: strategy distributed wants at least 2 devices, found 1'],
  [
    '[hardware]\nstrategy = "inference"',
    '4: ml.workload: with strategy inference a program is the client of a server: add [server], or use strategy single_node',
  ],
  ['[server]\nstart = ["a"]\nprobe.tcp = 1', '6: server: a server is for strategy inference, not single_node'],
  [
    '[hardware]\nstrategy = "inference"\n[server]',
    ...['8: server.start: is missing: expected an array', '8: server.probe: is missing: expected a table'],
  ],
  [
    '[hardware]\nstrategy = "inference"\n[server]\nstart = ["a"]\nprobe = {}',
    '10: server.probe: expected one of http, tcp, command, found none',
  ],
  [
    '[hardware]\nstrategy = "inference"\n[server]\nstart = ["a"]\nprobe = { tcp = 1, http = "http://127.0.0.1/" }',
    '10: server.probe: expected one of http, tcp, command, found tcp and http',
  ],
  [
    '[hardware]\nstrategy = "inference"\n[server]\nstart = ["a"]\nprobe = { tcp = 65536 }',
    '10: server.probe.tcp: expected at most 65535, found 65536',
  ],
  [
    '[env]\nvars = { "1A" = "x", B = 4 }',
    ...[
      '7: env.vars.1A: "1A" is no name of an environment variable: expected letters, digits and _',
      '7: env.vars.B: expected a text in quotes, found 4',
    ],
  ],
  ['[env]\nvars = { A = "x\\u0000" }', '7: env.vars.A: expected a text without NUL characters'],
  [
    '[[data.sources]]\nsrc = "s3://a/b"',
    '7: data.sources[0].src: "s3:" is not known here: expected a path, or a file:, http: or https: URL (for a file of that name write ./s3://a/b)',
  ],
  [
    '[[data.sources]]\nsrc = "http://"',
    '7: data.sources[0].src: "http://" is no address: expected for example http://127.0.0.1:8080/health',
  ],
  [
    '[[data.sources]]\nsrc = "file://host/a"',
    '7: data.sources[0].src: "file://host/a" is no file: URL: expected for example file:///data/train.csv',
  ],
  [
    '[[data.sources]]\nsrc = "https://example.org"',
    `7: data.sources[0].src: "https://example.org" has no file's name at its end: say with path where the program finds it`,
  ],
  [
    '[[data.sources]]\nsrc = "a"\npath = "/a"',
    `8: data.sources[0].path: "/a" is absolute: expected a path in the program's working folder`,
  ],
  [
    '[[data.sources]]\nsrc = "a"\npath = "b/../../a"',
    '8: data.sources[0].path: "b/../../a" is no plain path: expected names with / between them, without . and ..',
  ],
  ['[[data.sources]]\nsrc = "a"\nsha256 = "12"', '8: data.sources[0].sha256: expected 64 hexadecimal digits, found "12"'],
  [
    `[[data.sources]]\nsrc = "a"\nsha256 = "${'0'.repeat(64)}"\nmd5 = "${'0'.repeat(32)}"`,
    '9: data.sources[0].md5: either sha256 or md5, not both',
  ],
  ['[[data.sources]]\nsrc = "a/x"\n[[data.sources]]\nsrc = "b/x"', '9: data.sources[1].src: "x" is already taken by sources[0]'],
  [
    '[[data.sources]]\nsrc = "a"\npath = "x/y"\n[[data.sources]]\nsrc = "b"\npath = "x"',
    '11: data.sources[1].path: "x" is already taken by sources[0], "x/y"',
  ],
  ['[[output.metrics]]\nname = "a"\n[[output.metrics]]\nname = "a"', '9: output.metrics[1].name: "a" is there twice'],
  ["[[output.metrics]]\nname = 'a'\npattern = '(a'", '8: output.metrics[0].pattern: this is no regular expression: Unterminated group'],
  [
    "[[output.metrics]]\nname = 'a'\npattern = 'a'",
    '8: output.metrics[0].pattern: it has no group: put the number in parentheses, as in loss=([0-9.]+), or name its group: (?<value>[0-9.]+)',
  ],
  [
    "[[output.metrics]]\nname = 'a'\npattern = '(a)(?<b>b)'",
    '8: output.metrics[0].pattern: it has 2 groups, and none is named value: put the number in parentheses, as in loss=([0-9.]+), or name its group: (?<value>[0-9.]+)',
  ],
];
for (const [text, ...messages] of afterProgram) {
  test(`a program and ${JSON.stringify(text)}`, (t) => {
    t.deepEqual(
      problemsOf(`${program}${text}`),
      messages.map((message) => `b.toml:${message}`),
    );
  });
}

/** Line 3 and after of one whose first lines are [info] and a description. */
const inInfo: readonly (readonly [text: string, ...messages: string[]])[] = [
  [
    'scheduling = "0 3 * *"',
    '3: info.scheduling: "0 3 * *" is no cron line: it has 4 fields: expected five, minute hour day-of-month month weekday, for example "0 3 * * mon-fri"',
  ],
  ['scheduling = "@dayly"', '3: info.scheduling: "@dayly" is none of @hourly, @daily, @weekly, @monthly, @yearly'],
  [
    'scheduling = "single-run"',
    '3: info.scheduling: "single-run" is no schedule: expected "single_run", five fields of cron such as "0 3 * * mon-fri", or @daily',
  ],
  ['scheduling = "0 0 31 2 *"', '3: info.scheduling: "0 0 31 2 *" never happens: no year has such a day'],
  ['timezone = "Europe/Berlin"', '3: info.timezone: it says nothing with scheduling "single_run"'],
  [
    'scheduling = "@daily"\ntimezone = "Europe/Berln"',
    '4: info.timezone: "Europe/Berln" is no time zone: expected for example Europe/Berlin or UTC; did you mean Europe/Berlin?',
  ],
  [
    'labels = { "a b" = "x", c = 1 }',
    ...[
      '3: info.labels."a b": "a b" is not a name of letters, digits, _ . - / (at most 128)',
      '3: info.labels.c: expected a text in quotes, found 1',
    ],
  ],
  [
    'task_name = ""',
    '3: info.task_name: expected a name of letters, digits, ".", "_" and "-" that begins with a letter or digit, found ""',
  ],
];
for (const [text, ...messages] of inInfo) {
  test(`info with ${JSON.stringify(text)}`, (t) => {
    const whole = `[info]\ndescription = "d"\n${text}\n[ml]\nworkload = "lenet"\n`;
    t.deepEqual(
      problemsOf(whole),
      messages.map((message) => `b.toml:${message}`),
    );
  });
}

const workloads: readonly (readonly [workload: string, ...messages: string[]])[] = [
  ['"resnet19"', 'there is no model "resnet19"; did you mean resnet18?; a file\'s name ends in .onnx, and a program is an array of texts'],
  ['"resnet18@layer4"', 'a cut (@layer4) is for strategy mesh'],
  ['"python3 train.py"', 'there is no model "python3 train.py"; a file\'s name ends in .onnx, and a program is an array of texts'],
  ['3', 'expected a model in quotes, or a program as an array of texts, found 3'],
  ['[]', 'expected at least 1 element, found 0'],
  ['""', 'expected a text that is not empty, found ""'],
];
for (const [workload, ...messages] of workloads) {
  test(`workload ${workload}`, (t) => {
    t.deepEqual(
      problemsOf(`[info]\ndescription = "d"\n[ml]\nworkload = ${workload}`),
      messages.map((message) => `b.toml:4: ml.workload: ${message}`),
    );
  });
}

test('what is missing is said at the nearest place around it', (t) => {
  t.deepEqual(problemsOf(''), ['b.toml:1: info: is missing: expected a table', 'b.toml:1: ml: is missing: expected a table']);
  t.deepEqual(problemsOf('\n[ml]\n\n[info]\n'), [
    'b.toml:2: ml.workload: is missing: expected a model in quotes, or a program as an array of texts',
    'b.toml:4: info.description: is missing: expected a text in quotes',
  ]);
});

test('one mistake is not followed by complaints that are only about it', (t) => {
  t.deepEqual(problemsOf(`${program}[hardware]\nstrategy = "inferense"\n[server]\nstart = ["a"]\nprobe.tcp = 1`), [
    'b.toml:7: hardware.strategy: expected one of single_node, inference, distributed, mesh, found "inferense"; did you mean inference?',
  ]);
  t.deepEqual(problemsOf(`${model}[hardware.limits]\nmemory = "1 elephant"\nswap = "1MiB"`), [
    'b.toml:7: hardware.limits.memory: "1 elephant" is not an amount of memory: expected for example 512MiB or 2GB',
  ]);
  t.deepEqual(
    problemsOf(`[info]\ndescription = "d"\n[ml]\nworkload = 3\n[env]\nvars = { A = "1" }\n[server]\nstart = ["a"]\nprobe.tcp = 1\n`),
    [
      'b.toml:4: ml.workload: expected a model in quotes, or a program as an array of texts, found 3',
      'b.toml:7: server: a server is for strategy inference, not single_node',
    ],
  );
});

test('a file that is no TOML, or no name for a task', (t) => {
  t.deepEqual(problemsOf('[info]\na = 1\na = 2'), ['b.toml:3: this is no TOML: defining a key multiple times is invalid']);
  t.deepEqual(problemsOf(model, 'my bench.toml'), [
    `my bench.toml:1: info.task_name: is missing, and the file's name is not a name of letters, digits, ".", "_" and "-" that begins with a letter or digit`,
  ]);
  t.deepEqual(problemsOf(`#${' '.repeat(70_000)}`), ['b.toml:1: a descriptor of 70001 characters: expected at most 65536']);
});

test('a hundred problems are enough', (t) => {
  const problems = problemsOf(`${model}${Array.from({ length: 150 }, (_, index) => `[x${index}]\n`).join('')}`);
  t.is(problems.length, 101);
  t.is(problems.at(-1), 'b.toml: and 50 more');
});
