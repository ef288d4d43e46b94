/** A real stage process with several epochs: what ends a flow, and what ends the process. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { MeshError } from '../../../mesh/error.ts';
import { tinyModel } from '../../fixtures/tiny-onnx.ts';
import { collect, floats, loadOrder, openOrder, relu, StageUnderTest, serveSource, spec, valuesOf } from './stage-harness.ts';

const frame = (id: number) => new Map([['x', floats([2, 3], [id, -1, 2, 3, 4, 5])]]);

/** A stage that runs one epoch, and its source. */
async function running(t: ExecutionContext, model: Uint8Array = relu) {
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, model));
  const source = await open(t, stage, 1n);
  return { stage, source, port: (await stage.report('ready')).port };
}

/** Opens and starts an epoch; returns its source. */
async function open(t: ExecutionContext, stage: StageUnderTest, epoch: bigint) {
  stage.order(openOrder({ epoch }));
  await stage.report('opened', epoch);
  const source = await serveSource(t, ['x'], { epoch });
  stage.order({ kind: 'start', epoch, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
  return source;
}

/** Resolves when the stage says that it holds so many frames of epoch 1. */
async function held(stage: StageUnderTest, frames: number): Promise<void> {
  while ((await stage.report('progress', 1n)).held !== frames) stage.reports.splice(0);
}

test.serial('two epochs flow through one session; the older one is retired without the newer one noticing', async (t) => {
  const { stage, source, port } = await running(t);
  const got: Record<string, number[]> = { old: [], new: [] };
  const older = collect(t, port, ['y'], 3, ({ tensors }) => got.old!.push(valuesOf(tensors.get('y')!)[0]!), { epoch: 1n });
  const newer = await open(t, stage, 2n);
  const taking = collect(t, port, ['y'], 6, ({ tensors }) => got.new!.push(valuesOf(tensors.get('y')!)[0]!), { epoch: 2n });
  for (let id = 0; id < 3; id += 1)
    await Promise.all([source.outbox.send(BigInt(id), frame(id)), newer.outbox.send(BigInt(id), frame(10 + id))]);
  await older.done;
  older.inbox.close();
  stage.order({ kind: 'retire', epoch: 1n });
  t.is((await stage.report('retired', 1n)).frames, 3);
  for (let id = 3; id < 6; id += 1) await newer.outbox.send(BigInt(id), frame(10 + id));
  await taking.done;
  t.deepEqual(got, { old: [0, 1, 2], new: [10, 11, 12, 13, 14, 15] });
  t.is(stage.reports.filter(({ kind }) => kind === 'ready').length, 1);
  // An epoch that is over is refused.
  const late = collect(t, port, ['y'], 1, () => t.fail('a frame of an epoch that is over'), { epoch: 1n });
  const refused = (await t.throwsAsync(late.done)) as MeshError;
  t.regex(refused.message, /sink pulls for epoch 1, but s of run r is at epoch 2/);
  taking.inbox.close();
  stage.order({ kind: 'retire', epoch: 2n });
  t.is((await stage.report('retired', 2n)).frames, 6);
  stage.order({ kind: 'end' });
  t.is(await stage.exit, 0);
});

test.serial('a producer that is not there is named as the lost peer', async (t) => {
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, relu));
  stage.order(openOrder());
  await stage.report('opened', 1n);
  const nobody = createServer().listen(0, '127.0.0.1');
  await once(nobody, 'listening');
  const gone = nobody.address() as { port: number };
  nobody.close();
  stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'stage0', address: `127.0.0.1:${gone.port}`, tensors: ['x'] }] });
  const failed = await stage.report('failed', 1n);
  t.is(failed.lostPeer, 'stage0');
  t.regex(failed.reason, /stage0 at 127\.0\.0\.1:\d+ can't be reached/);
});

test.serial('a flow that lost its producer is over and tells its consumers; the next epoch finds the session', async (t) => {
  const { stage, source, port } = await running(t);
  const first = Promise.withResolvers<void>();
  const before = collect(t, port, ['y'], 2, () => first.resolve());
  await source.outbox.send(0n, frame(0));
  await first.promise;
  source.outbox.close(new MeshError('lost', 'the source has burned down'));
  t.is((await stage.report('failed', 1n)).lostPeer, 'source');
  t.regex(((await t.throwsAsync(before.done)) as MeshError).message, /burned down/);
  const after = await open(t, stage, 2n);
  const got: number[] = [];
  const { done } = collect(t, port, ['y'], 1, ({ tensors }) => got.push(...valuesOf(tensors.get('y')!)), { epoch: 2n });
  await after.outbox.send(0n, frame(7));
  await done;
  t.deepEqual(got, [7, 0, 2, 3, 4, 5]);
});

test.serial('a flow that lost its consumer says so and is over', async (t) => {
  const { stage, source } = await running(t);
  const { port } = await stage.report('ready');
  const consumer = new StageUnderTest(t);
  const value = (name: string) => ({ name, type: 1, dims: [2, 3] });
  const model = tinyModel([value('y')], [{ op: 'Relu', inputs: ['y'], outputs: ['z'] }], [value('z')]);
  consumer.order({ ...(await loadOrder(t, model, { inputs: [spec('y', [2, 3])], outputs: ['z'] })), stage: 'sink' });
  consumer.order(openOrder({ routes: [{ to: 'end', tensors: ['z'], codecs: ['none'] }] }));
  await consumer.report('opened', 1n);
  consumer.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 's', address: `127.0.0.1:${port}`, tensors: ['y'] }] });
  await source.outbox.send(0n, frame(0));
  await held(consumer, 1);
  consumer.process.kill('SIGKILL');
  const failed = await stage.report('failed', 1n);
  t.is(failed.lostPeer, 'sink');
  await open(t, stage, 2n);
});

test.serial('a frame of the wrong shape ends its flow and says what was expected', async (t) => {
  const { stage, source } = await running(t);
  await source.outbox.send(0n, new Map([['x', floats([1, 3], [1, 2, 3])]]));
  const failed = await stage.report('failed', 1n);
  t.regex(failed.reason, /s expects float32\[2, 3\] for "x" and got float32\[1, 3\] in frame 0/);
  t.is(failed.lostPeer, undefined);
  await open(t, stage, 2n);
});

test.serial('a frame that the model can not run on ends the process, with all its flows', async (t) => {
  const value = (name: string, type: number, dims: readonly (number | string)[]) => ({ name, type, dims });
  const reshape = tinyModel(
    [value('x', 1, [6]), value('s', 7, [2])],
    [{ op: 'Reshape', inputs: ['x', 's'], outputs: ['y'] }],
    [value('y', 1, ['a', 'b'])],
  );
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, reshape, { inputs: [spec('x', [6]), spec('s', [2], 'int64')], warmupRuns: 0 }));
  stage.order(openOrder());
  stage.order(openOrder({ epoch: 2n }));
  await stage.report('opened', 2n);
  const source = await serveSource(t, ['x', 's']);
  stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x', 's'] }] });
  const shape = { dtype: 'int64' as const, dims: [2], data: new Uint8Array(BigInt64Array.of(5n, 7n).buffer) };
  await source.outbox.send(
    0n,
    new Map([
      ['x', floats([6], [1, 2, 3, 4, 5, 6])],
      ['s', shape],
    ]),
  );
  t.is(await stage.exit, 1);
  const failed = stage.reports.find((report) => report.kind === 'failed');
  t.is(failed?.epoch, undefined);
  t.regex(failed?.reason ?? '', /s failed on frame 0: /);
});

/** Some seconds of work per frame, in one call of the session. */
const SIDE = 1024;
const slow = (() => {
  const value = (name: string) => ({ name, type: 1, dims: [SIDE, SIDE] });
  const products = Array.from({ length: 200 }, (_, i) => ({
    op: 'MatMul',
    inputs: [i === 0 ? 'x' : `p${i}`, 'x'],
    outputs: [i === 199 ? 'y' : `p${i + 1}`],
  }));
  return tinyModel([value('x')], products, [value('y')]);
})();

for (const [what, order] of [
  ['whose agent is gone', undefined],
  ['that is told to end', { kind: 'end' } as const],
] as const) {
  test.serial(`a stage ${what} does not wait for the frame that it computes`, async (t) => {
    const stage = new StageUnderTest(t);
    stage.order(await loadOrder(t, slow, { inputs: [spec('x', [SIDE, SIDE])], warmupRuns: 0 }));
    const source = await open(t, stage, 1n);
    await source.outbox.send(0n, new Map([['x', floats([SIDE, SIDE], new Array(SIDE * SIDE).fill(0))]]));
    await held(stage, 1);
    // Nobody is left to wait for: the reports of a process that computes on would show one more frame.
    const reported = stage.reports.length;
    if (order === undefined) stage.channel.close();
    else stage.order(order);
    await stage.exit;
    // An exit would have waited for the frame, and torn the session from its thread in the end.
    t.is(stage.process.signalCode, 'SIGKILL');
    t.true(stage.reports.slice(reported).every((report) => report.kind !== 'progress' || report.frames === 0));
  });
}
