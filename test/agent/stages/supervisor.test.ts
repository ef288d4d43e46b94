import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type ErrorCode, MeshError } from '../../../mesh/error.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { neverAborts, startSupervisor } from './supervisor-harness.ts';

const start = { first: 0n, inputs: [{ from: 'source', address: '127.0.0.1:1', tensors: ['x'] }] };

test.serial('a stage is loaded, started and retired; its folder and its process are gone afterwards', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const loaded = await harness.load('ok\nmeasure');
  t.is(loaded.port, 4242);
  t.deepEqual(readdirSync(join(harness.folder, 'stages')), ['r-a-1']);
  const [status] = supervisor.status();
  t.is(status?.state, 'ready');
  t.true(existsSync(`/proc/${status?.pid}`));
  supervisor.start({ run: 'r', stage: 'a', epoch: 1n }, start);
  await waitUntil('the measurements', () => harness.measured.length === 1);
  const [use] = await supervisor.retire('r', '', 1n);
  t.like(use, { key: { run: 'r', stage: 'a', epoch: 1n }, frames: 7, measureBatches: 1 });
  t.true(use!.cpuMs! > 0 && use!.peakMemoryBytes! > 2 ** 20);
  t.deepEqual(
    harness.events.map(({ state, reason }) => [state, reason]),
    [
      ['loading', ''],
      ['ready', ''],
      ['running', ''],
      ['retired', 'retired by its controller'],
    ],
  );
  t.false(existsSync(`/proc/${status?.pid}`));
  t.deepEqual(readdirSync(join(harness.folder, 'stages')), []);
  t.deepEqual(supervisor.status(), []);
  t.deepEqual(harness.problems, []);
});

const failures: readonly [string, ErrorCode, RegExp][] = [
  ['crash', 'failed', /crashed with SIGABRT/],
  ['exit 3', 'failed', /exit code 3.*about to leave/],
  ['die', 'failed', /SIGKILL/],
  ['heap', 'exhausted', /JavaScript heap/],
  ['refuse invalid the model has no nodes', 'invalid', /^the model has no nodes$/],
  ['refuse exhausted no memory for weights', 'exhausted', /^no memory for weights$/],
  ['refuse nonsense who knows', 'failed', /^who knows$/],
];

for (const [script, code, reason] of failures) {
  test.serial(`a stage that does "${script}" while it is loaded is reported with its reason`, async (t) => {
    const harness = await startSupervisor(t, { limits: { memoryLimitBytes: 128 * 2 ** 20 } });
    const error = await t.throwsAsync(harness.load(script), { instanceOf: MeshError });
    t.is(error?.code, code);
    t.regex(error?.message ?? '', reason);
    const event = await harness.event('failed');
    t.is(event.reason, error!.message);
    await waitUntil('its folder is gone', () => readdirSync(join(harness.folder, 'stages')).length === 0);
    t.is(harness.supervisor.alive, 0);
    // The agent goes on, also with the same stage.
    t.is((await harness.load('ok')).port, 4242);
  });
}

test.serial('a stage that crashes at work is reported, and retiring it says what it did', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok\nmeasure\nthen-crash');
  harness.supervisor.start({ run: 'r', stage: 'a', epoch: 1n }, start);
  const event = await harness.event('failed');
  t.regex(event.reason, /SIGABRT/);
  t.is(harness.supervisor.status()[0]?.state, 'failed');
  const [use] = await harness.supervisor.retire('r', '', 1n);
  t.is(use?.key.stage, 'a');
});

test.serial('a stage that lost its peer names it, and its exit code is no second reason', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok\nthen-lose b');
  harness.supervisor.start({ run: 'r', stage: 'a', epoch: 1n }, start);
  const event = await harness.event('failed');
  t.like(event, { reason: 'lost b', lostPeer: 'b', device: 'dev' });
  await harness.supervisor.retire('r', '', 1n);
  t.is(harness.events.filter(({ state }) => state === 'failed').length, 1);
});

test.serial('a stage that ignores the order to retire is killed', async (t) => {
  const harness = await startSupervisor(t, { patienceMs: 50 });
  await harness.load('stubborn');
  const pid = harness.supervisor.status()[0]?.pid;
  await harness.supervisor.retire('r', 'a', 1n);
  t.false(existsSync(`/proc/${pid}`));
  t.is((await harness.event('retired')).reason, 'retired by its controller');
});

test.serial('a caller that no longer waits takes its stage with it', async (t) => {
  const harness = await startSupervisor(t);
  const impatient = new AbortController();
  const loading = harness.load('hang', {}, impatient.signal);
  await harness.event('loading');
  impatient.abort();
  t.is((await t.throwsAsync(loading, { instanceOf: MeshError }))?.code, 'cancelled');
  await harness.supervisor.idle(neverAborts);
  await waitUntil('its folder is gone', () => readdirSync(join(harness.folder, 'stages')).length === 0);
});

test.serial('a stage that is retired while it loads answers its load with that', async (t) => {
  const harness = await startSupervisor(t, { patienceMs: 50 });
  const loading = harness.load('hang\nstubborn');
  await harness.event('loading');
  const [retired, error] = await Promise.all([harness.supervisor.retire('r', '', 1n), t.throwsAsync(loading)]);
  t.is(retired.length, 1);
  t.regex(error?.message ?? '', /retired while it was loading/);
});

test.serial('a stage lives as long as its lease is renewed', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  await harness.load('ok', { leaseMs: 1000 });
  harness.nowMs = 900;
  t.is(supervisor.renew('r', 1000), 1);
  harness.nowMs = 1800;
  supervisor.expireLeases();
  t.is(supervisor.alive, 1);
  harness.nowMs = 1900;
  supervisor.expireLeases();
  t.regex((await harness.event('retired')).reason, /lease/);
  t.is(t.throws(() => supervisor.renew('r', 1000), { instanceOf: MeshError })?.code, 'not-found');
});

test.serial('an older epoch is refused for ever, and can not retire a newer one', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const key = (epoch: bigint) => ({ key: { run: 'r', stage: 'a', epoch } });
  await harness.load('ok', key(5n));
  t.deepEqual(await supervisor.retire('r', '', 4n), []);
  t.is((await supervisor.retire('r', '', 5n)).length, 1);
  t.is((await t.throwsAsync(harness.load('ok', key(4n)), { instanceOf: MeshError }))?.code, 'conflict');
  await harness.load('ok', key(6n));
  // Make before break: two epochs of a stage side by side.
  await harness.load('ok', key(7n));
  t.is(supervisor.alive, 2);
  t.is((await supervisor.retire('r', '', 6n)).length, 1);
  t.is(supervisor.status()[0]?.key.epoch, 7n);
});

test.serial('a stage is loaded once, started once, and only when it is there', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  const key = { run: 'r', stage: 'a', epoch: 1n };
  t.is(t.throws(() => supervisor.start(key, start), { instanceOf: MeshError })?.code, 'not-found');
  const order = await harness.order('ok');
  const [first, second] = await Promise.allSettled([supervisor.load(order, neverAborts), supervisor.load(order, neverAborts)]);
  t.deepEqual([first.status, second.status], ['fulfilled', 'rejected']);
  supervisor.start(key, start);
  supervisor.start(key, start);
  t.is(
    t.throws(() => supervisor.start(key, { ...start, inputs: [{ ...start.inputs[0]!, address: '127.0.0.1:2' }] }), {
      instanceOf: MeshError,
    })?.code,
    'conflict',
  );
  t.is(harness.events.filter(({ state }) => state === 'running').length, 1);
});

test.serial('whoever watches a run sees the present state first, then what happens, and nothing of other runs', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  await harness.load('ok');
  await harness.load('ok', { key: { run: 'other', stage: 'a', epoch: 1n } });
  const seen: string[] = [];
  const stop = supervisor.watch('r', ({ key, state }) => seen.push(`${key.run} ${state}`));
  supervisor.start({ run: 'r', stage: 'a', epoch: 1n }, start);
  supervisor.start({ run: 'other', stage: 'a', epoch: 1n }, start);
  stop();
  await supervisor.retire('r', '', 1n);
  t.deepEqual(seen, ['r ready', 'r running']);
});

test.serial('only batches that were published count', async (t) => {
  const harness = await startSupervisor(t);
  harness.published = false;
  await harness.load('ok\nmeasure');
  harness.supervisor.start({ run: 'r', stage: 'a', epoch: 1n }, start);
  await waitUntil('the measurements', () => harness.measured.length === 1);
  t.is((await harness.supervisor.retire('r', '', 1n))[0]?.measureBatches, 0);
});

test.serial('draining takes no new stages and is over when the last one has ended', async (t) => {
  const harness = await startSupervisor(t);
  const { supervisor } = harness;
  await harness.load('ok');
  supervisor.drain();
  t.is(
    (await t.throwsAsync(harness.load('ok', { key: { run: 'r', stage: 'b', epoch: 1n } }), { instanceOf: MeshError }))?.code,
    'conflict',
  );
  const impatient = new AbortController();
  const waiting = supervisor.idle(impatient.signal);
  impatient.abort();
  await waiting;
  t.is(supervisor.alive, 1);
  const idle = supervisor.idle(neverAborts);
  await supervisor.retire('r', '', 1n);
  await idle;
  t.is(supervisor.alive, 0);
});

test.serial('a missing blob fails the load and leaves no folder', async (t) => {
  const harness = await startSupervisor(t);
  const missing = { sha256: Buffer.alloc(32), bytes: -1 };
  t.is(
    (await t.throwsAsync(harness.load('ok', { externalData: new Map([['w', missing]]) }), { instanceOf: MeshError }))?.code,
    'not-found',
  );
  t.deepEqual(readdirSync(join(harness.folder, 'stages')), []);
  t.deepEqual(harness.events, []);
});

test.serial('threads follow the quota, the heap follows the memory limit', async (t) => {
  const harness = await startSupervisor(t, { limits: { cpuQuotaCores: 2.5, memoryLimitBytes: 512 * 2 ** 20 } });
  const loaded = await harness.load('ok');
  // The fixture reports what it was given as its times.
  t.deepEqual([loaded.session.intraOpThreads, loaded.loadMs, loaded.warmupMs], [2, 2, 128]);
});

test.serial('limits for a stage need cgroups', async (t) => {
  const harness = await startSupervisor(t);
  const error = await t.throwsAsync(harness.load('ok', { cpuQuotaCores: 0.5 }), { instanceOf: MeshError });
  t.is(error?.code, 'denied');
  t.regex(error?.hint ?? '', /root/);
});

test.serial('a weight without cgroups is said to have no effect, once', async (t) => {
  const harness = await startSupervisor(t);
  await harness.load('ok', { weight: 50 });
  await harness.load('ok', { weight: 200, key: { run: 'q', stage: 'a', epoch: 1n } });
  t.is(harness.warnings.length, 1);
  t.regex(harness.warnings[0]!, /dev can't weigh stages/);
});

const MiB = 2 ** 20;

test.serial('a stage that does not fit beside the others is refused before anything is started, and fits when they are gone', async (t) => {
  const harness = await startSupervisor(t, { stageMemoryBytes: 200 * MiB });
  const { supervisor } = harness;
  const weights = { ...(await harness.blob('weights')), bytes: 50 * MiB };
  const big = { externalData: new Map([['w', weights]]), windowBytes: 16 * MiB };
  await harness.load('ok', { ...big, key: { run: 'q', stage: 'a', epoch: 1n } });
  t.is(supervisor.memory.reservedBytes, 130 * MiB + 2);
  const error = await t.throwsAsync(harness.load('ok', big), { instanceOf: MeshError });
  t.is(error?.code, 'exhausted');
  t.is(
    error?.message,
    'a of run r needs 130 MiB (weights 50 MiB, process 64 MiB, window 16 MiB); dev has 70 MiB of 200 MiB left (stages of run q hold 130 MiB)',
  );
  t.regex(error?.hint ?? '', /another device/);
  t.deepEqual(
    harness.events.map(({ key, state }) => [key.run, state]),
    [
      ['q', 'loading'],
      ['q', 'ready'],
    ],
  );
  t.deepEqual(readdirSync(join(harness.folder, 'stages')), ['q-a-1']);
  // A newer epoch in the same process needs nothing again.
  t.true((await harness.load('ok', { ...big, key: { run: 'q', stage: 'a', epoch: 2n } })).reused);
  t.is(supervisor.memory.reservedBytes, 130 * MiB + 2);
  await supervisor.retire('q', '', 1n);
  t.is(supervisor.memory.reservedBytes, 130 * MiB + 2, 'the process is still there');
  await supervisor.retire('q', '', 2n);
  t.is(supervisor.memory.reservedBytes, 0);
  await harness.load('ok', big);
});

test.serial('a stage that could not be loaded gives its memory back', async (t) => {
  const harness = await startSupervisor(t, { stageMemoryBytes: 100 * MiB });
  const missing = { sha256: Buffer.alloc(32), bytes: -1 };
  await t.throwsAsync(harness.load('ok', { externalData: new Map([['w', missing]]) }));
  t.is(harness.supervisor.memory.reservedBytes, 0);
  await t.throwsAsync(harness.load('crash'));
  await harness.load('ok');
  t.is(harness.supervisor.memory.reservedBytes, 64 * MiB + 1024 + 2);
});

test.serial('what was accepted before a restart counts, and a load is answered when its epoch is remembered', async (t) => {
  const saved = Promise.withResolvers<void>();
  const harness = await startSupervisor(t, { epochs: { remembered: new Map([['r', 7n]]), save: () => saved.promise } });
  const error = await t.throwsAsync(harness.load('ok', { key: { run: 'r', stage: 'a', epoch: 6n } }), { instanceOf: MeshError });
  t.regex(error?.message ?? '', /epoch 6 of run r is over: this device takes epoch 7 or a later one/);
  let answered = false;
  const loading = harness.load('ok', { key: { run: 'r', stage: 'a', epoch: 8n } }).then(() => (answered = true));
  await harness.event('ready');
  await new Promise((resolve) => setImmediate(resolve));
  t.false(answered);
  saved.resolve();
  t.true(await loading);
});
