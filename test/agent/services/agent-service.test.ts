import { type ServiceError, status } from '@grpc/grpc-js';
import test from 'ava';
import { decodeMeasureBatch, decodePresence, decodeStageEvent } from '../../../mesh/bus/messages.ts';
import { connectNats, openNats } from '../../../mesh/bus/nats.ts';
import { subjectsOf } from '../../../mesh/bus/subjects.ts';
import { PROTOCOL_VERSION } from '../../../mesh/protocol-version.ts';
import { type LoadRequest, type RecodeRequest, StageState } from '../../../proto/gen/mesh/v1/agent.ts';
import { NatsServer } from '../../helpers/nats-server.ts';
import { waitUntil } from '../../helpers/wait-until.ts';
import { call, startTestDaemon, Watched } from '../daemon-harness.ts';

const key = { run: 'r', stage: 'a', epoch: 1n };
const inputs = [{ from: 'source', address: '127.0.0.1:1', tensors: ['x'], turns: undefined }];

test('an agent describes itself', async (t) => {
  const { client, daemon } = await startTestDaemon(t);
  const reply = await call(client, client.describe)({});
  t.like(reply, { protocolVersion: PROTOCOL_VERSION, softwareVersion: '0.1.0', draining: false, stages: [] });
  t.like(reply, { stageMemoryBytes: BigInt(Math.floor(0.8 * 2 ** 32)), reservedMemoryBytes: 0n });
  t.like(reply.device, { name: 'dev', address: daemon.address, cores: 4, cpuModel: undefined, cgroup: undefined });
});

test('the life of a stage, over the wire and on the bus', async (t) => {
  const nats = await NatsServer.start(t);
  const onError = (error: unknown): void => t.fail(String(error));
  await using bus = await connectNats({ url: nats.url, clientName: 'agent', onError });
  await using controller = await connectNats({ url: nats.url, clientName: 'controller', onError });
  const subjects = subjectsOf('lab');
  const announced: string[] = [];
  const measured: unknown[] = [];
  controller.subscribe(subjects.stagesOf('r'), (payload, subject) =>
    announced.push(`${subject.split('.').at(-1)} ${decodeStageEvent(payload).state}`),
  );
  controller.subscribe(subjects.measuresOf('r'), (payload) => measured.push(decodeMeasureBatch(payload)));
  await controller.flush();

  const { client, request } = await startTestDaemon(t, { bus });
  const watched = new Watched(client, 'r');
  const loaded = await call(client, client.load)(await request('ok\nmeasure'));
  t.is(loaded.address, '127.0.0.1:4242');
  t.is(loaded.session?.intraOpThreads, 4);
  await call(client, client.start)({ key, inputs, firstFrame: 0n });
  t.is((await call(client, client.renew)({ run: 'r', leaseMs: 5000 })).stages, 1);
  await waitUntil('its progress', () => watched.progress.some(({ frames }) => frames === 6n));
  t.like(watched.progress.at(-1), { key, device: 'dev', state: StageState.STAGE_STATE_RUNNING, progress: { held: 2, blocked: 1 } });
  await waitUntil('the measurements', () => measured.length === 1);
  const described = await call(client, client.describe)({});
  t.like(described.stages[0], { key: { run: 'r', stage: 'a' }, state: StageState.STAGE_STATE_RUNNING, frames: 6n });
  const retired = await call(client, client.retire)({ run: 'r', stage: '', epoch: 1n });
  t.like(retired.stages[0], { key: { run: 'r', stage: 'a' }, frames: 7n, measureBatches: 1n });
  await watched.until(StageState.STAGE_STATE_RETIRED);
  watched.cancel();
  t.deepEqual(watched.states, [
    StageState.STAGE_STATE_LOADING,
    StageState.STAGE_STATE_READY,
    StageState.STAGE_STATE_RUNNING,
    StageState.STAGE_STATE_RETIRED,
  ]);
  await waitUntil('all events on the bus', () => announced.length === 4);
  t.deepEqual(announced, ['loading loading', 'ready ready', 'running running', 'retired retired']);
  t.like(measured[0] as object, { key, device: 'dev', sequence: 0, frame: [5n], computeUs: [3] });
});

test('a newer epoch of a stage finds it loaded', async (t) => {
  const { client, request } = await startTestDaemon(t);
  t.false((await call(client, client.load)(await request('ok'))).reused);
  const again = await call(client, client.load)(await request('ok', { key: { ...key, epoch: 2n } }));
  t.like(again, { address: '127.0.0.1:4242', reused: true, session: { intraOpThreads: 4 } });
  const older = await t.throwsAsync(call(client, client.load)(await request('ok')));
  t.like(older, { code: status.FAILED_PRECONDITION });
});

test('a stage that does not fit is refused, and the memory of one that is here is told', async (t) => {
  const { client, request } = await startTestDaemon(t, { limits: { memoryLimitBytes: 100 * 2 ** 20 } });
  const order = await request('ok');
  await call(client, client.load)(order);
  t.is((await call(client, client.describe)({})).reservedMemoryBytes, BigInt(64 * 2 ** 20 + 1024 + 2));
  const refused = (await t.throwsAsync(call(client, client.load)({ ...order, key: { ...key, stage: 'b' } }))) as ServiceError;
  t.is(refused.code, status.RESOURCE_EXHAUSTED);
  t.regex(refused.details, /^b of run r needs 64 MiB .*; dev has 36 MiB of 100 MiB left \(stages of run r hold 64 MiB\)/);
});

test('measurements that were made while NATS was away arrive when it is back', async (t) => {
  const nats = await NatsServer.start(t);
  await using bus = openNats({ url: nats.url, clientName: 'agent', onError: () => {} });
  await using controller = await connectNats({ url: nats.url, clientName: 'controller', onError: () => {} });
  const measured: { key: unknown; sequence: number }[] = [];
  controller.subscribe(subjectsOf('lab').measuresOf('r'), (payload) => measured.push(decodeMeasureBatch(payload)));
  await controller.flush();
  const { client, request } = await startTestDaemon(t, { bus });
  await call(client, client.load)(await request('ok\nmeasure'));
  await call(client, client.load)(await request('ok\nmeasure', { key: { ...key, epoch: 2n } }));
  await call(client, client.start)({ key, inputs, firstFrame: 0n });
  await waitUntil('the first', () => measured.length === 1);
  await nats.process.kill('SIGKILL');
  await waitUntil('the agent notices', () => bus.state === 'disconnected');
  await call(client, client.start)({ key: { ...key, epoch: 2n }, inputs, firstFrame: 0n });
  await nats.restart();
  await waitUntil('the second', () => measured.some((batch) => (batch.key as typeof key).epoch === 2n));
  const retired = await call(client, client.retire)({ run: 'r', stage: '', epoch: 2n });
  t.deepEqual(
    retired.stages.map(({ measureBatches }) => measureBatches),
    [1n, 1n],
  );
});

test('what a stage refuses reaches the caller with its reason and a fitting status', async (t) => {
  const { client, request } = await startTestDaemon(t);
  const refused = await t.throwsAsync(call(client, client.load)(await request('refuse invalid this is no ONNX file')));
  t.like(refused, { code: status.INVALID_ARGUMENT, details: 'this is no ONNX file' });
  const crashed = await t.throwsAsync(call(client, client.load)(await request('crash')));
  t.like(crashed, { code: status.INTERNAL });
});

const wrong: readonly [string, Partial<LoadRequest>][] = [
  ['a run that is no name', { key: { run: 'a.b', stage: 'a', epoch: 1n } }],
  ['a digest of the wrong length', { model: { sha256: Buffer.alloc(3), bytes: 1n } }],
  ['no inputs', { inputs: [] }],
  ['no outputs', { outputs: [] }],
  ['a lease that is too short', { leaseMs: 1 }],
  ['no window', { windowFrames: 0 }],
  ['an unknown optimization', { session: { intraOpThreads: 0, spinning: false, graphOptimization: 'much' } }],
  ['a negative quota', { cpuQuotaCores: -1 }],
  ['a route without tensors', { routes: [{ to: 'sink', tensors: [], codecs: ['none'], turns: undefined }] }],
  ['a route to nowhere', { routes: [{ to: '', tensors: ['y'], codecs: ['none'], turns: undefined }] }],
  ['turns without a frame', { routes: [{ to: 'sink', tensors: ['y'], codecs: ['none'], turns: { of: 2, at: [] } }] }],
  ['turns beyond their pattern', { routes: [{ to: 'sink', tensors: ['y'], codecs: ['none'], turns: { of: 2, at: [2] } }] }],
  ['external data outside the folder', { externalData: { '../x': { sha256: Buffer.alloc(32), bytes: 1n } } }],
];
for (const [what, changes] of wrong) {
  test(`refused as invalid: ${what}`, async (t) => {
    const { client, request } = await startTestDaemon(t);
    t.like(await t.throwsAsync(call(client, client.load)(await request('ok', changes))), { code: status.INVALID_ARGUMENT });
    t.is((await call(client, client.describe)({})).stages.length, 0);
  });
}

test('what is not there: no stage to start, no run to renew, nothing to retire', async (t) => {
  const { client } = await startTestDaemon(t);
  t.like(await t.throwsAsync(call(client, client.start)({ key, inputs, firstFrame: 0n })), { code: status.NOT_FOUND });
  t.like(await t.throwsAsync(call(client, client.renew)({ run: 'r', leaseMs: 1000 })), { code: status.NOT_FOUND });
  t.deepEqual((await call(client, client.retire)({ run: 'r', stage: '', epoch: 9n })).stages, []);
});

test('how frames travel can be changed on a route that is there, with codecs that are known', async (t) => {
  const { client, request } = await startTestDaemon(t);
  const recode = call(client, client.recode);
  const codecs = ['int8', 'none'];
  t.like(await t.throwsAsync(recode({ key, to: 'sink', codecs })), { code: status.NOT_FOUND });
  await call(client, client.load)(await request('ok'));
  await recode({ key, to: 'sink', codecs });
  await call(client, client.start)({ key, inputs, firstFrame: 0n });
  await recode({ key, to: 'sink', codecs });
  const wrongs: readonly [string, Partial<RecodeRequest>, status, RegExp][] = [
    ['a route that is not there', { to: 'b' }, status.FAILED_PRECONDITION, /no route to b/],
    ['a codec that is not known', { codecs: ['none', 'int7'] }, status.UNIMPLEMENTED, /"int7" is not known here; known are none, .*int8/],
    ['no codec', { codecs: [] }, status.INVALID_ARGUMENT, /has 0; expected 1 to 1024/],
    ['too many', { codecs: new Array<string>(1025).fill('none') }, status.INVALID_ARGUMENT, /has 1025/],
    ['a consumer that is no name', { to: 'a.b' }, status.INVALID_ARGUMENT, /"a\.b" is not a stage name/],
    ['another epoch', { key: { ...key, epoch: 2n } }, status.NOT_FOUND, /is not on dev/],
  ];
  for (const [what, changes, code, details] of wrongs) {
    const refused = (await t.throwsAsync(recode({ key, to: 'sink', codecs, ...changes }))) as ServiceError;
    t.is(refused.code, code, what);
    t.regex(refused.details, details, what);
  }
  t.is((await call(client, client.describe)({})).stages[0]!.state, StageState.STAGE_STATE_RUNNING, 'the stage does not notice');
});

test('a stage that is still loading, or was, has nothing to be changed', async (t) => {
  const { client, request } = await startTestDaemon(t);
  const watched = new Watched(client, 'r');
  const loading = call(client, client.load)(await request('hang'));
  await watched.until(StageState.STAGE_STATE_LOADING);
  const recode = (): Promise<unknown> => call(client, client.recode)({ key, to: 'sink', codecs: ['none'] });
  const refused = (await t.throwsAsync(recode())) as ServiceError;
  t.is(refused.code, status.FAILED_PRECONDITION);
  t.regex(refused.details, /is loading/);
  const ended = t.throwsAsync(loading);
  await call(client, client.retire)({ run: 'r', stage: '', epoch: 1n });
  await ended;
  t.like(await t.throwsAsync(recode()), { code: status.NOT_FOUND });
  watched.cancel();
});

test('a caller whose deadline passes takes its stage with it', async (t) => {
  const { client, request } = await startTestDaemon(t);
  const order = await request('hang');
  const watched = new Watched(client, 'r');
  const error = await t.throwsAsync(call(client, client.load)(order, 2_000));
  t.like(error, { code: status.DEADLINE_EXCEEDED });
  await watched.until(StageState.STAGE_STATE_FAILED);
  watched.cancel();
  t.is((await call(client, client.load)(await request('ok'))).address, '127.0.0.1:4242');
});

test('draining refuses new stages and answers when the present ones have ended', async (t) => {
  const { client, request } = await startTestDaemon(t);
  await call(client, client.load)(await request('ok'));
  const drained = call(client, client.drain)({});
  await waitUntil('draining', async () => (await call(client, client.describe)({})).draining);
  t.like(await t.throwsAsync(call(client, client.load)(await request('ok', { key: { ...key, stage: 'b' } }))), {
    code: status.FAILED_PRECONDITION,
  });
  await call(client, client.retire)({ run: 'r', stage: '', epoch: 1n });
  t.is((await drained).stagesLeft, 0);
});

test('draining answers at its deadline with what is left', async (t) => {
  const { client, request } = await startTestDaemon(t);
  await call(client, client.load)(await request('ok'));
  const reply = await call(client, client.drain)({}, 3_000);
  t.is(reply.stagesLeft, 1);
});

test('an agent that stops retires its stages, ends all watches and says goodbye', async (t) => {
  const nats = await NatsServer.start(t);
  const onError = (error: unknown): void => t.fail(String(error));
  await using bus = await connectNats({ url: nats.url, clientName: 'agent', onError });
  await using controller = await connectNats({ url: nats.url, clientName: 'controller', onError });
  let left = false;
  controller.subscribe(subjectsOf('lab').allPresence, (payload) => {
    left ||= decodePresence(payload).leaving;
  });
  await controller.flush();
  const { client, daemon, request } = await startTestDaemon(t, { bus });
  await call(client, client.load)(await request('ok'));
  const watched = new Watched(client, 'r');
  await watched.until(StageState.STAGE_STATE_READY);
  await daemon.stop(2000);
  t.like(await watched.ended, { code: status.UNAVAILABLE, details: 'the agent is stopping' });
  t.is(watched.states.at(-1), StageState.STAGE_STATE_RETIRED);
  await waitUntil('the goodbye', () => left);
});
