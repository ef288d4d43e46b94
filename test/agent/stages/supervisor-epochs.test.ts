/** Several epochs of a stage on one device: when they share a process, when it waits for the next one, when it ends. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { StageOrder } from '../../../agent/stages/stage-order.ts';
import { MeshError } from '../../../mesh/error.ts';
import type { StageEvent } from '../../../mesh/stage.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { neverAborts, type SupervisorHarness, startSupervisor } from './supervisor-harness.ts';

const start = { first: 0n, inputs: [{ from: 'source', address: '127.0.0.1:1', tensors: ['x'] }] };
const key = (epoch: bigint) => ({ run: 'r', stage: 'a', epoch });
const at = (epoch: bigint, changes: Partial<StageOrder> = {}): Partial<StageOrder> => ({ key: key(epoch), ...changes });

const statesOf = ({ supervisor }: SupervisorHarness): string[] => supervisor.status().map((stage) => `${stage.key.epoch} ${stage.state}`);
const foldersOf = ({ folder }: SupervisorHarness): string[] => readdirSync(join(folder, 'stages'));
const lives = (pid: number | undefined): boolean => pid !== undefined && existsSync(`/proc/${pid}`);

test.serial('a newer epoch finds the process of the older one, which ends with the last of them', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  t.false((await harness.load('ok\nmeasure', at(1n))).reused);
  supervisor.start(key(1n), start);
  const loaded = await harness.load('ok\nmeasure', at(2n, { windowFrames: 7, routes: [{ to: 'b', tensors: ['y'], codecs: ['none'] }] }));
  t.like(loaded, { reused: true, port: 4242, loadMs: 4 });
  supervisor.start(key(2n), start);
  await waitUntil('the measurements of both', () => harness.measured.length === 2);
  t.deepEqual(
    harness.measured.map(({ key: { epoch }, sequence }) => [epoch, sequence]),
    [
      [1n, 0],
      [2n, 0],
    ],
  );
  t.deepEqual(statesOf(harness), ['1 running', '2 running']);
  const [older, newer] = supervisor.status();
  t.is(older!.pid, newer!.pid);
  t.deepEqual(foldersOf(harness), ['r-a-1']);
  const [first] = await supervisor.retire('r', '', 1n);
  t.like(first, { key: key(1n), frames: 7, measureBatches: 1 });
  t.true(lives(newer!.pid));
  t.deepEqual(statesOf(harness), ['2 running']);
  const [second] = await supervisor.retire('r', '', 2n);
  t.like(second, { key: key(2n), frames: 7, measureBatches: 1 });
  t.false(lives(newer!.pid));
  t.deepEqual(foldersOf(harness), []);
  // Each millisecond counts once: what the process used until the first was over is not counted again.
  t.true(first!.cpuMs! > second!.cpuMs!, `${first!.cpuMs} and ${second!.cpuMs} ms`);
});

test.serial('epochs that are retired together end their process once, and all of them say so', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok', at(1n));
  await harness.load('ok', at(2n));
  await harness.load('ok', at(3n));
  const pid = harness.supervisor.status()[0]?.pid;
  t.is((await harness.supervisor.retire('r', '', 3n)).length, 3);
  t.false(lives(pid));
  t.is(harness.events.filter(({ state }) => state === 'retired').length, 3);
  t.deepEqual(harness.problems, []);
});

const different: readonly [string, Partial<StageOrder>, string?][] = [
  ['another model', {}, 'ok\n'],
  ['another stage', { key: { run: 'r', stage: 'b', epoch: 2n } }],
  ['another run', { key: { run: 'q', stage: 'a', epoch: 2n } }],
  ['other inputs', { inputs: [{ name: 'x', dtype: 'float32', dims: [2] }] }],
  ['other outputs', { outputs: ['z'] }],
  ['other session settings', { session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' } }],
  ['another weight', { weight: 50 }],
  ['a warm-up that the first one did not have', { warmupRuns: 1 }],
];
for (const [what, changes, script = 'ok'] of different) {
  test.serial(`an epoch with ${what} gets a process of its own`, async (t) => {
    const harness = await startSupervisor(t);
    await harness.load('ok', at(1n));
    t.false((await harness.load(script, at(2n, changes))).reused);
    const pids = harness.supervisor.status().map(({ pid }) => pid);
    t.not(pids[0], pids[1]);
  });
}

test.serial('external data counts as part of the model', async (t) => {
  const harness = await startSupervisor(t);
  const [one, two] = [await harness.blob('weights'), await harness.blob('other weights')];
  await harness.load('ok', at(1n, { externalData: new Map([['w', one]]) }));
  t.true((await harness.load('ok', at(2n, { externalData: new Map([['w', one]]) }))).reused);
  t.false((await harness.load('ok', at(3n, { externalData: new Map([['w', two]]) }))).reused);
  t.false((await harness.load('ok', at(4n, { externalData: new Map([['v', one]]) }))).reused);
  t.false(
    (await harness.load('ok', at(5n, { externalData: new Map([['v', one]]), fresh: true }))).reused,
    'one that is not trusted any more',
  );
});

test.serial('an epoch that is loaded while the older one still loads waits for the same process', async (t) => {
  const harness = await startSupervisor(t);
  const order = await harness.order('ok', at(1n));
  const first = harness.supervisor.load(order, neverAborts);
  await harness.event('loading');
  const second = harness.supervisor.load({ ...order, ...at(2n) }, neverAborts);
  t.deepEqual([(await first).reused, (await second).reused], [false, true]);
});

test.serial('a caller that no longer waits ends its epoch, not that of the others', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok', at(1n));
  const aborted = AbortSignal.abort();
  t.is((await t.throwsAsync(harness.load('ok', at(2n), aborted), { instanceOf: MeshError }))?.code, 'cancelled');
  t.deepEqual(statesOf(harness), ['1 ready', '2 failed']);
  t.true(lives(harness.supervisor.status()[0]!.pid));
  t.true((await harness.load('ok', at(3n))).reused);
});

test.serial('a stage that lost its peer keeps its process for the next epoch', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  await harness.load('ok\nthen-lose b', at(1n));
  const { pid } = supervisor.status()[0]!;
  supervisor.start(key(1n), start);
  t.like(await harness.event('failed'), { reason: 'lost b', lostPeer: 'b' });
  t.is(supervisor.alive, 0, 'nobody waits for it when the agent is drained');
  t.true(lives(pid));
  t.is(supervisor.renew('r', 1000), 1, 'but its lease can be renewed');
  t.true((await harness.load('ok\nthen-lose b', at(2n))).reused);
  supervisor.start(key(2n), start);
  t.is((await supervisor.retire('r', '', 1n)).length, 1);
  t.true(lives(pid));
  t.deepEqual(statesOf(harness), ['2 running']);
  await supervisor.retire('r', '', 2n);
  t.false(lives(pid));
  t.deepEqual(foldersOf(harness), []);
});

for (const how of ['is retired', 'has lost its lease'] as const) {
  test.serial(`a process that waits for the next epoch ends when its run ${how}`, async (t) => {
    const harness = await startSupervisor(t);
    const { supervisor } = harness;
    await harness.load('ok\nthen-lose b', at(1n, { leaseMs: 1000 }));
    const { pid } = supervisor.status()[0]!;
    supervisor.start(key(1n), start);
    await harness.event('failed');
    harness.nowMs = 999;
    supervisor.expireLeases();
    t.true(lives(pid));
    harness.nowMs = 1000;
    if (how === 'is retired') await supervisor.retire('r', '', 1n);
    else supervisor.expireLeases();
    await waitUntil('its folder is gone', () => foldersOf(harness).length === 0);
    t.false(lives(pid));
    t.deepEqual(
      harness.events.map(({ state }) => state),
      ['loading', 'ready', 'running', 'failed'],
    );
  });
}

test.serial('a stage that waits for the next epoch can be loaded anew in its own', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok\nthen-lose b', at(1n));
  harness.supervisor.start(key(1n), start);
  await harness.event('failed');
  t.true((await harness.load('ok\nthen-lose b', at(1n))).reused);
  t.false((await harness.load('ok', at(2n))).reused);
  t.is((await harness.supervisor.retire('r', '', 2n)).length, 2);
  t.deepEqual(foldersOf(harness), []);
});

test.serial('a flow that fails by itself takes its process along when that serves nobody else', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  await harness.load('ok\nthen-fail the wrong shape', at(1n));
  const { pid } = supervisor.status()[0]!;
  supervisor.start(key(1n), start);
  t.is((await harness.event('failed')).reason, 'the wrong shape');
  await waitUntil('its folder is gone', () => foldersOf(harness).length === 0);
  t.false(lives(pid));
});

test.serial('a process that crashes fails all its epochs, with the reason', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok\nalone', at(1n));
  await t.throwsAsync(harness.load('ok\nalone', at(2n)), { message: /SIGABRT/ });
  t.deepEqual(statesOf(harness), ['1 failed', '2 failed']);
  t.true(harness.events.filter(({ state }) => state === 'failed').every(({ reason }) => /SIGABRT/.test(reason)));
  await waitUntil('its folder is gone', () => foldersOf(harness).length === 0);
});

test.serial('an epoch that ignores the order to retire is not waited for, and its process goes on with the others', async (t) => {
  const harness = await startSupervisor(t, { patienceMs: 50 });
  await harness.load('ok\nstubborn', at(1n));
  await harness.load('ok\nstubborn', at(2n));
  const { pid } = harness.supervisor.status()[0]!;
  await harness.supervisor.retire('r', '', 1n);
  t.true(lives(pid));
  await harness.supervisor.retire('r', '', 2n);
  t.false(lives(pid));
});

test.serial('stopping kills a process whose epochs are all stubborn', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok\nstubborn', at(1n));
  await harness.load('ok\nstubborn', at(2n));
  const { pid } = harness.supervisor.status()[0]!;
  await harness.supervisor.stop('the agent stops', 0);
  t.false(lives(pid));
});

test.serial('whoever watches a run hears how far its running stages are, also when they have become silent', async (t) => {
  const harness = await startSupervisor(t, { patienceMs: 50 });
  const { supervisor } = harness;
  await harness.load('ok\nmeasure\nthen-freeze', at(1n));
  await harness.load('ok', { key: { run: 'other', stage: 'a', epoch: 1n } });
  const heard: StageEvent[] = [];
  const unwatch = supervisor.watch('r', (event) => heard.push(event));
  supervisor.tellProgress();
  t.deepEqual(
    heard.map(({ state, progress }) => [state, progress]),
    [['ready', undefined]],
  );
  harness.nowMs = 400;
  supervisor.start(key(1n), start);
  await waitUntil('its last word', () => supervisor.status()[0]?.frames === 6);
  supervisor.tellProgress();
  t.like(heard.at(-1), {
    key: key(1n),
    device: 'dev',
    state: 'running',
    reason: '',
    frames: 6,
    progress: { held: 2, blocked: 1, silentMs: 0 },
  });
  harness.nowMs = 2900.4;
  supervisor.tellProgress();
  t.deepEqual(heard.at(-1)?.progress, { held: 2, blocked: 1, silentMs: 2500 });
  unwatch();
  supervisor.tellProgress();
  t.deepEqual(
    heard.map(({ state }) => state),
    ['ready', 'running', 'running', 'running'],
  );
  t.true(
    harness.events.every(({ progress }) => progress === undefined),
    'the bus does not hear of it',
  );
});
