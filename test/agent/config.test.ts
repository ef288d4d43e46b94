import test from 'ava';
import { parseCommandLine } from '../../agent/cli.ts';
import { type AgentConfig, type RawOptions, readConfig, sanitiseName } from '../../agent/config.ts';
import { MeshError } from '../../mesh/error.ts';

const defaults = { hostname: 'pi.lan', dataFolder: '/data', runFolder: '/home/pi' };

function read(flags: RawOptions, toml?: string): AgentConfig {
  return readConfig(flags, toml === undefined ? undefined : { name: 'agent.toml', text: toml }, defaults);
}

function problemsOf(flags: RawOptions, toml?: string): string[] {
  try {
    read(flags, toml);
  } catch (error) {
    if (error instanceof MeshError && error.code === 'usage') return error.message.split('\n');
    throw error;
  }
  return [];
}

test('without any option the agent listens on loopback and is called like its host', (t) => {
  t.deepEqual(read({}), {
    listen: '127.0.0.1:7070',
    advertise: undefined,
    allowCommands: false,
    metrics: undefined,
    name: 'pi',
    data: '/data',
    nats: undefined,
    mesh: 'default',
    cpuQuotaCores: undefined,
    memoryLimitBytes: undefined,
    insecure: false,
    logLevel: 'info',
    drainTimeoutMs: 30_000,
    exitWithStdin: false,
    runFolder: '/home/pi',
  });
});

test('every option can stand in the file, and the command line wins', (t) => {
  const toml = `
    listen = "0.0.0.0:7071"
    advertise = "192.168.1.4"
    name = "kitchen"
    data = "/var/lib/x"
    nats = "nats://broker:4222"
    mesh = "lab"
    cpu-quota = 0.4
    memory = "512MiB"
    insecure = true
    log-level = "debug"
    drain-timeout = 1.5
  `;
  const fromFile = read({}, toml);
  t.like(fromFile, {
    listen: '0.0.0.0:7071',
    advertise: '192.168.1.4',
    name: 'kitchen',
    data: '/var/lib/x',
    nats: 'nats://broker:4222',
    mesh: 'lab',
    cpuQuotaCores: 0.4,
    memoryLimitBytes: 512 * 2 ** 20,
    insecure: true,
    logLevel: 'debug',
    drainTimeoutMs: 1500,
  });
  t.like(read({ name: 'hall', 'cpu-quota': '1.5', memory: '1GiB' }, toml), {
    name: 'hall',
    cpuQuotaCores: 1.5,
    memoryLimitBytes: 2 ** 30,
    mesh: 'lab',
  });
  t.is(read({}, 'memory = 33554432').memoryLimitBytes, 2 ** 25);
});

test('everything that is wrong is said at once, with its key', (t) => {
  const problems = problemsOf(
    { name: 'a.b', nats: 'http://x' },
    'listen = 7070\nnmae = "x"\ncpu-quota = "a lot"\ninsecure = "yes"\n[server]\nport = 1\n',
  );
  t.is(problems.length, 7);
  for (const key of [
    'agent.toml:1: listen: ',
    'agent.toml:2: nmae is not an option; did you mean name?',
    'agent.toml:3: cpu-quota: ',
    'agent.toml:4: insecure: ',
    'agent.toml:5: server is not',
    '--name: ',
    '--nats: ',
  ]) {
    t.true(
      problems.some((problem) => problem.startsWith(key)),
      key,
    );
  }
});

const wrong: readonly [string, RawOptions][] = [
  ['an address without a port', { listen: 'localhost' }],
  ['a port that does not exist', { listen: '127.0.0.1:70000' }],
  ['an address beyond loopback without --insecure', { listen: '0.0.0.0:7070' }],
  ['a quota of zero', { 'cpu-quota': '0' }],
  ['a negative quota', { 'cpu-quota': '-1' }],
  ['a quota too small to be enforced', { 'cpu-quota': '0.0001' }],
  ['a quota with a unit', { 'cpu-quota': '40%' }],
  ['memory without a number', { memory: 'MiB' }],
  ['memory of an unknown unit', { memory: '5 parsec' }],
  ['no memory at all', { memory: '0' }],
  ['bytes where MiB were meant', { memory: '12' }],
  ['memory that an agent can not live in', { memory: '31MiB' }],
  ['an unknown log level', { 'log-level': 'loud' }],
  ['an empty data folder', { data: '' }],
  ['a mesh name with a dot', { mesh: 'a.b' }],
];
for (const [what, flags] of wrong) {
  test(`refused: ${what}`, (t) => {
    t.is(problemsOf(flags).length, 1);
  });
}

test('metrics: a port alone is on this machine only; an address beyond it is for whoever reaches it', (t) => {
  t.is(read({ metrics: '9101' }).metrics, '127.0.0.1:9101');
  t.is(read({ metrics: '0.0.0.0:9101' }).metrics, '0.0.0.0:9101');
  t.is(read({}, 'metrics = 9101').metrics, '127.0.0.1:9101');
  t.regex(problemsOf({ metrics: '99999' })[0]!, /^--metrics: "127\.0\.0\.1:99999" is not HOST:PORT/);
  t.regex(problemsOf({}, 'metrics = true')[0]!, /^agent\.toml:1: metrics: expected a text in quotes, found true$/);
});

test('a file that is no TOML is refused with its name and line', (t) => {
  t.regex(problemsOf({}, '\nlisten = ')[0] ?? '', /^agent\.toml:2: this is no TOML: /);
});

test('values of TOML that no option takes are refused as what they are', (t) => {
  t.deepEqual(problemsOf({}, 'name = 2026-01-01\n\nmemory = 9007199254740993\nlisten = ["a"]'), [
    'agent.toml:1: name: expected a text in quotes, found the date 2026-01-01',
    'agent.toml:3: memory: expected a text in quotes, found 9007199254740993, which is more than a number holds exactly',
    'agent.toml:4: listen: expected a text in quotes, found an array',
  ]);
});

test('a password in a NATS URL never shows up in a message', (t) => {
  t.false(problemsOf({ nats: 'nats://u:s3cret@h:99999' })[0]?.includes('s3cret'));
});

test('host names become device names', (t) => {
  t.is(sanitiseName('raspberrypi'), 'raspberrypi');
  t.is(sanitiseName('node 1 (lab).example.org'), 'node-1--lab-');
  t.is(sanitiseName('-_x'), 'x');
  t.is(sanitiseName('Ü'), 'device');
  t.is(sanitiseName('x'.repeat(100)).length, 64);
});

test('the command line: flags, help, version, and what does not exist', (t) => {
  t.deepEqual(parseCommandLine(['--name', 'x', '--insecure', '--config', 'f.toml']), {
    kind: 'run',
    configFile: 'f.toml',
    flags: { name: 'x', insecure: true },
  });
  t.is(parseCommandLine(['--help']).kind, 'help');
  t.is(parseCommandLine(['--version', '--name', 'x']).kind, 'version');
  for (const argv of [['--nmae', 'x'], ['--name'], ['extra'], ['--insecure=1']]) {
    t.is(t.throws(() => parseCommandLine(argv), { instanceOf: MeshError }, argv.join(' '))?.code, 'usage');
  }
});
