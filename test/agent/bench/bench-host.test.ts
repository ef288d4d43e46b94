/** Real processes, without control groups: what the host does when something goes wrong around a run. */
import { setMaxListeners } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { BenchHost, type BenchHostOptions } from '../../../agent/bench/bench-host.ts';
import type { BenchGroup } from '../../../agent/cgroup/bench-group.ts';
import type { DeviceGroup } from '../../../agent/cgroup/device-group.ts';
import { CheckpointShelf } from '../../../agent/files/checkpoint-shelf.ts';
import { FileStore } from '../../../agent/files/store.ts';
import type { BenchEvent } from '../../../mesh/bench/event.ts';
import type { BenchOrder, CommandWorkload, ServerProgram } from '../../../mesh/bench/order.ts';
import type { BenchRecord } from '../../../mesh/bench/record.ts';
import { type Clock, clockOf } from '../../../mesh/clock.ts';
import type { Device } from '../../../mesh/device.ts';
import { MeshError } from '../../../mesh/error.ts';
import { freePort } from '../../helpers/ports.ts';
import { listProcesses } from '../../helpers/proc.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { waitUntil } from '../../helpers/wait-until.ts';

const device: Device = {
  name: 'dev',
  address: '127.0.0.1:1',
  arch: 'x64',
  os: 'test',
  cores: 2,
  memoryBytes: 2 ** 32,
  diskBytes: 2 ** 33,
  nodeVersion: '24.0.0',
  runtimeVersion: '1.30.0',
};

const order = (argv: readonly string[], changes: Partial<BenchOrder> = {}, more: Partial<CommandWorkload> = {}): BenchOrder => ({
  run: 'r',
  workload: { kind: 'command', argv, env: {}, files: new Map(), ...more },
  limits: {},
  enforce: false,
  pageCache: 'as-is',
  deadlineMs: 20_000,
  whenBusy: 'wait',
  besideStages: false,
  ...changes,
});

async function start(t: ExecutionContext, changes: Partial<BenchHostOptions> = {}) {
  const dataFolder = await tempFolder(t);
  const store = await FileStore.open({ dataFolder, freeBytesMin: 0, partialAgeMsMax: 1_000, wallClock: () => Date.now() });
  const host = new BenchHost({
    name: 'dev',
    device: () => device,
    cores: 2,
    limits: {},
    group: undefined,
    dataFolder,
    findBlob: () => Promise.reject(new MeshError('not-found', 'no blob')),
    checkpoints: new CheckpointShelf(dataFolder, store),
    node: process.execPath,
    benchProgram: 'none',
    loadProgram: fileURLToPath(new URL('../../../agent/bench/load/main.ts', import.meta.url)),
    runtimeFiles: [],
    stageEnv: { PATH: process.env.PATH ?? '' },
    allowCommands: true,
    stages: () => 0,
    clock: clockOf(() => performance.now()),
    wallClock: () => Date.now(),
    onChange: () => {},
    ...changes,
  });
  const events: BenchEvent[] = [];
  const ending = new AbortController();
  setMaxListeners(100, ending.signal);
  const run = (what: BenchOrder): Promise<void> => host.run(what, (event) => void events.push(event), ending.signal);
  const recordOf = async (what: BenchOrder): Promise<BenchRecord> => {
    await run(what);
    const last = events.at(-1);
    return last?.kind === 'ended' ? last.record : t.fail('no record') && never();
  };
  const left = async (): Promise<string[]> => readdir(join(dataFolder, 'bench')).catch(() => []);
  return { host, run, recordOf, events, ending, left };
}

const never = (): never => {
  throw new Error('unreachable');
};

test.serial('how busy the device was is known also before the first run', async (t) => {
  const { recordOf } = await start(t);
  t.true((await recordOf(order(['true']))).environment.cpuBusyCores !== undefined);
});

test.serial('words too long for the kernel are refused with the reason; nothing is left', async (t) => {
  const { run, left } = await start(t);
  const words = Array.from({ length: 40 }, () => 'x'.repeat(100_000));
  await t.throwsAsync(run(order(['true', ...words])), { instanceOf: MeshError, code: 'invalid', message: /too long/ });
  t.deepEqual(await left(), []);
});

test.serial('a run that is cancelled while it is got ready never begins', async (t) => {
  const { run, ending, events, left } = await start(t, {
    device: () => {
      ending.abort(new MeshError('cancelled', 'enough'));
      return device;
    },
  });
  await t.throwsAsync(run(order(['sleep', '4321'])), { instanceOf: MeshError, code: 'cancelled' });
  t.deepEqual(events, []);
  t.deepEqual(await left(), []);
  t.false(listProcesses().some(({ command }) => command === 'sleep 4321'));
});

test.serial('phases and words end with the run, whatever comes after', async (t) => {
  const { recordOf } = await start(t);
  const record = await recordOf(order(['/bin/sh', '-c', 'printf \'{"metric": "last", "value": 1}\'']));
  t.is(record.metrics[0]!.name, 'last', 'a line without an end is one');
  t.is(record.outcome.kind, 'ok');
});

test.serial('its own PATH says where its program is', async (t) => {
  const { recordOf } = await start(t, { stageEnv: { PATH: '/nowhere' } });
  const record = await recordOf(order(['true'], {}, { env: { PATH: '/usr/bin:/bin' } }));
  t.deepEqual(record.outcome, { kind: 'ok' });
});

test.serial('of a program nobody knows what it reads: a cold page cache is promised for the files that came along', async (t) => {
  const { recordOf } = await start(t);
  const { warnings } = await recordOf(order(['true'], { pageCache: 'cold' }));
  t.regex(warnings.join('\n'), /as it was, not cold: no files came along/);
});

/** A control group that counts nothing, until it can't be read any more. */
function failingGroup(): { readonly group: DeviceGroup; fail(): void } {
  let failed = false;
  const processes = (): number[] => {
    if (failed) throw new Error('too many open files');
    return [];
  };
  const bench: BenchGroup = {
    version: 'v2',
    limits: {},
    warnings: [],
    procsFiles: [],
    read: () => ({ oomKills: 0 }),
    processes,
    kill: () => void processes(),
    remove: () => true,
  };
  const group = { version: 'v2', addBench: () => bench } as unknown as DeviceGroup;
  return { group, fail: () => (failed = true) };
}

test.serial('when its group can no longer be read the run ends with an error; agent and queue go on', async (t) => {
  const { group, fail } = failingGroup();
  const { run, events, left } = await start(t, { group });
  const running = run(order(['sleep', '4322'], { enforce: true }));
  while (!events.some(({ kind }) => kind === 'started')) await delay(10);
  fail();
  await t.throwsAsync(running, { message: /too many open files/ });
  await waitUntil('its process is gone', () => !listProcesses().some(({ command }) => command === 'sleep 4322'));
  t.deepEqual(await left(), []);
  await run(order(['true'], { run: 's' }));
  t.is(events.at(-1)?.kind, 'ended');
});

test.serial('what can not be is said at once, also while another run has its turn', async (t) => {
  const { run, events, ending } = await start(t);
  const first = run(order(['sleep', '30']));
  while (!events.some(({ kind }) => kind === 'started')) await delay(10);
  await t.throwsAsync(run(order(['true'], { run: 's', enforce: true })), { code: 'denied', message: /may not make cgroups/ });
  ending.abort(new MeshError('cancelled', 'enough'));
  await first;
  t.like(events.at(-1), { kind: 'ended', record: { outcome: { kind: 'cancelled' } } });
});

/** A clock whose deadlines of so many milliseconds come when the test says so, unless they were cancelled before. */
function clockWithDeadline(deadlineMs: number) {
  const real = clockOf(() => performance.now());
  const held = new Set<() => void>();
  const after: Clock['after'] = (ms, then) => {
    if (ms !== deadlineMs) return real.after(ms, then);
    held.add(then);
    return { cancel: () => void held.delete(then) };
  };
  const pass = (): void => {
    for (const then of held) then();
  };
  return { clock: { now: real.now, after }, pass };
}

test.serial('what comes after its end (its deadline, that nobody waits any more) does not change how it ended', async (t) => {
  const { clock, pass } = clockWithDeadline(12_345);
  const { recordOf, ending } = await start(t, { group: failingGroup().group, clock });
  // Who holds its output, and can't be found, holds up the record for a moment.
  const late = recordOf(order(['/bin/sh', '-c', 'setsid sleep 1.56 & exit 0'], { enforce: true, deadlineMs: 12_345 }));
  const holder = () => listProcesses().find(({ command }) => command === 'sleep 1.56');
  await waitUntil('the program has ended', () => {
    const found = holder();
    return found !== undefined && listProcesses().every(({ pid, command }) => pid !== found.parent || !command.includes('exit 0'));
  });
  // The agent has to hear of it.
  await delay(50);
  pass();
  ending.abort(new MeshError('cancelled', 'enough'));
  t.deepEqual((await late).outcome, { kind: 'ok' });
});

test.serial('metrics come through the pipe, of several writers and until the last moment', async (t) => {
  const { recordOf, left } = await start(t);
  const write = `for i in 1 2 3; do echo "{\\"metric\\": \\"a\\", \\"value\\": $i}" > $SPLITMESH_METRICS; done; echo '{"metric": "b", "value": 4}' > $SPLITMESH_METRICS`;
  const { metrics, outcome } = await recordOf(order(['/bin/sh', '-c', write]));
  t.deepEqual(outcome, { kind: 'ok' });
  t.deepEqual(
    metrics.map(({ name, value }) => [name, value]),
    [
      ['a', 1],
      ['a', 2],
      ['a', 3],
      ['b', 4],
    ],
  );
  t.deepEqual(await left(), []);
});

const serve = `const server = require('node:http').createServer((q, a) => a.end('hello')); setTimeout(() => server.listen(+process.env.PORT, '127.0.0.1'), 300);`;
const ask = `fetch('http://127.0.0.1:' + process.env.PORT).then((a) => a.text()).then((text) => console.log(JSON.stringify({ metric: text, value: 1 })));`;

test.serial('a server is ready before the program begins, and gone after it', async (t) => {
  const { recordOf, left } = await start(t);
  const port = await freePort();
  const server: ServerProgram = {
    argv: [process.execPath, '-e', serve],
    probe: { kind: 'http', url: `http://127.0.0.1:${port}/` },
    readyMsMax: 15_000,
  };
  const record = await recordOf(order([process.execPath, '-e', ask], {}, { env: { PORT: `${port}` }, server }));
  t.deepEqual(record.outcome, { kind: 'ok' });
  t.deepEqual(record.warnings, []);
  t.like(record.metrics, { 0: { name: 'hello', value: 1 }, length: 1 });
  t.deepEqual(
    record.phases.map(({ name }) => name),
    ['server', 'program'],
  );
  t.deepEqual(await left(), []);
  t.false(listProcesses().some(({ command }) => command.includes('server.listen(+process.env.PORT')));
});

for (const [what, argv, readyMsMax, why] of [
  ['that ends', ['/bin/sh', '-c', 'echo no >&2; exit 3'], 15_000, /the server ended \(exit code 3\) before it was ready/],
  ['that is never ready', ['/bin/sleep', '60'], 300, /the server was not ready within 0.3 s: port \d+: .*ECONNREFUSED/],
] as const) {
  test.serial(`a server ${what}: the program never begins`, async (t) => {
    const { recordOf } = await start(t);
    const server: ServerProgram = { argv, probe: { kind: 'tcp', port: await freePort() }, readyMsMax };
    const { outcome, metrics } = await recordOf(order(['/bin/sh', '-c', `echo '{"metric": "a", "value": 1}'`], {}, { server }));
    t.is(outcome.kind, 'refused');
    t.regex((outcome as { why: string }).why, why);
    t.deepEqual(metrics, []);
  });
}
