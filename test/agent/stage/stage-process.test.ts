import { readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'ava';
import type { InboundFrame } from '../../../mesh/link/inbox.ts';
import type { Tensor, TensorSpec } from '../../../mesh/tensor.ts';
import type { Turns } from '../../../mesh/turns.ts';
import { MeasureBatch } from '../../../proto/gen/mesh/v1/bus.ts';
import { tinyModel } from '../../fixtures/tiny-onnx.ts';
import { tempFolder } from '../../helpers/temp-folder.ts';
import { collect, floats, loadOrder, openOrder, relu, retireOrder, StageUnderTest, serveSource, spec, valuesOf } from './stage-harness.ts';

test.serial('a stage computes every frame in order, measures it, and leaves with code 0', async (t) => {
  const stage = new StageUnderTest(t);
  const order = await loadOrder(t, relu, {});
  stage.order(order);
  stage.order(openOrder());
  const { port, loadMs, warmupMs, outputs, kernels } = await stage.report('ready');
  t.true(loadMs > 0 && warmupMs > 0);
  t.deepEqual(outputs, [spec('y', [2, 3])]);
  const shape = ['float32[2, 3]'];
  t.deepEqual(kernels, [{ name: kernels[0]?.name ?? '', operator: 'Relu', inputs: shape, outputs: shape }]);
  t.deepEqual(await readdir(dirname(order.modelPath)), ['model.onnx'], 'its profile is gone');
  const source = await serveSource(t, ['x']);
  stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
  const got: [bigint, number[]][] = [];
  const { inbox, done } = collect(t, port, ['y'], 20, (frame) => got.push([frame.id, valuesOf(frame.tensors.get('y')!)]));
  for (let id = 0; id < 20; id++) await source.outbox.send(BigInt(id), new Map([['x', floats([2, 3], [-1, 2, -3, id, -id - 1, 0.5])]]));
  await done;
  t.deepEqual(
    got,
    Array.from({ length: 20 }, (_, id) => [BigInt(id), [0, 2, 0, id, 0, 0.5]]),
  );
  inbox.close();
  stage.order(retireOrder);
  t.deepEqual(await stage.report('retired'), { kind: 'retired', epoch: 1n, frames: 20 });
  stage.order({ kind: 'end' });
  t.is(await stage.exit, 0);
  const batches = stage.reports.filter((report) => report.kind === 'measure').map(({ batch }) => MeasureBatch.decode(batch));
  t.deepEqual(
    batches.flatMap(({ frame }) => frame),
    Array.from({ length: 20 }, (_, id) => BigInt(id)),
  );
  const links = batches.flatMap((batch) => batch.links);
  t.is(links.flatMap(({ frame }) => frame).length, 20);
  t.true(links.every(({ to, rawBytes }) => to === 'sink' && rawBytes.every((bytes) => bytes === 24n)));
});

test.serial('with a speed probe, each frame is told with how fast the processor is; one that can not be run changes nothing', async (t) => {
  const probesOf = async (probe: Uint8Array): Promise<number[][]> => {
    const speedProbe = { modelPath: join(await tempFolder(t), 'probe.onnx'), inputs: [spec('x', [2, 3])], outputs: ['y'] };
    await writeFile(speedProbe.modelPath, probe);
    const stage = new StageUnderTest(t);
    stage.order(await loadOrder(t, relu, { speedProbe }));
    stage.order(openOrder());
    const { port } = await stage.report('ready');
    const source = await serveSource(t, ['x']);
    stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
    const { inbox, done } = collect(t, port, ['y'], 5, (frame) => t.deepEqual(valuesOf(frame.tensors.get('y')!), [0, 2, 0, 4, 0, 6]));
    for (let id = 0; id < 5; id++) await source.outbox.send(BigInt(id), new Map([['x', floats([2, 3], [-1, 2, -3, 4, -5, 6])]]));
    await done;
    inbox.close();
    stage.order(retireOrder);
    await stage.report('retired');
    return stage.reports.filter((report) => report.kind === 'measure').map(({ batch }) => MeasureBatch.decode(batch).probeUs);
  };
  const told = (await probesOf(relu)).flat();
  t.is(told.length, 5);
  t.true(
    told.every((us) => us > 0),
    `${told}`,
  );
  t.deepEqual((await probesOf(Buffer.from('no model'))).flat(), []);
});

test.serial(
  'a stage between producers that take turns and consumers that do fires in order, and sends each frame where its turn is',
  async (t) => {
    const of = (count: number, ...at: number[]): Turns => ({ of: count, at });
    const into = { p1: of(4, 0), p2: of(4, 2) };
    const out = { q1: of(8, 0, 2, 6), q2: of(8, 4) };
    const stage = new StageUnderTest(t);
    const routes = Object.entries(out).map(([to, turns]) => ({ to, tensors: ['y'], codecs: ['none'], turns }));
    stage.order(await loadOrder(t, relu));
    stage.order(openOrder({ routes }));
    const { port } = await stage.report('ready');
    const sources = await Promise.all(Object.entries(into).map(([producer, turns]) => serveSource(t, ['x'], { producer, turns })));
    const inputs = Object.entries(into).map(([from, turns], i) => ({
      ...{ from, turns, tensors: ['x'] },
      address: sources[i]!.address,
    }));
    stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs });
    const got: Record<string, [bigint, number][]> = { q1: [], q2: [] };
    const arriving = Object.entries(out).map(([consumer, turns], i) => {
      const take = (frame: InboundFrame) => got[consumer]!.push([frame.id, valuesOf(frame.tensors.get('y')!)[0]!]);
      return collect(t, port, ['y'], [6, 2][i]!, take, { consumer, turns });
    });
    const frame = (id: number) => new Map([['x', floats([2, 3], [id, 1, 2, 3, 4, 5])]]);
    // The frames of the second producer are there long before those of the first.
    for (const id of [2, 6]) await sources[1]!.outbox.send(BigInt(id), frame(id));
    t.deepEqual(got, { q1: [], q2: [] });
    const rest = [10, 14].map((id) => sources[1]!.outbox.send(BigInt(id), frame(id)));
    for (const id of [0, 4, 8, 12]) await sources[0]!.outbox.send(BigInt(id), frame(id));
    await Promise.all([...rest, ...arriving.map(({ done }) => done)]);
    t.deepEqual(got, { q1: [0, 2, 6, 8, 10, 14].map((id) => [BigInt(id), id]), q2: [4, 12].map((id) => [BigInt(id), id]) });
    for (const { inbox } of arriving) inbox.close();
    stage.order(retireOrder);
    t.deepEqual(await stage.report('retired'), { kind: 'retired', epoch: 1n, frames: 8 });
    const links = stage.reports
      .filter((report) => report.kind === 'measure')
      .flatMap(({ batch }) => MeasureBatch.decode(batch).links.flatMap(({ to, frame }) => frame.map((id) => `${to} ${id}`)));
    t.deepEqual(links.sort(), ['q1 0', 'q1 10', 'q1 14', 'q1 2', 'q1 6', 'q1 8', 'q2 12', 'q2 4']);
  },
);

test.serial('how frames travel changes between two frames, and a cycle goes by their ids', async (t) => {
  const dims = [64, 64];
  const model = tinyModel([{ name: 'x', type: 1, dims }], [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [{ name: 'y', type: 1, dims }]);
  const stage = new StageUnderTest(t);
  const routes = [{ to: 'sink', tensors: ['y'], codecs: ['none', 'blosc2'] }];
  stage.order(await loadOrder(t, model, { inputs: [spec('x', dims)] }));
  stage.order(openOrder({ routes }));
  const { port } = await stage.report('ready');
  const source = await serveSource(t, ['x']);
  stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
  const values = Array.from({ length: 64 * 64 }, (_, index) => Math.sin(index / 40));
  const raw = new Float32Array(values).map((value) => Math.max(0, value));
  const errors: number[] = [];
  let took: (() => void) | undefined;
  const { inbox, done } = collect(t, port, ['y'], 9, ({ tensors }) => {
    errors.push(Math.max(...valuesOf(tensors.get('y')!).map((value, index) => Math.abs(value - raw[index]!))));
    took?.();
  });
  const send = async (from: number, to: number): Promise<void> => {
    const arrived = new Promise<void>((resolve) => {
      took = () => errors.length === to && resolve();
    });
    for (let id = from; id < to; id += 1) await source.outbox.send(BigInt(id), new Map([['x', floats(dims, values)]]));
    await arrived;
  };
  await send(0, 3);
  // Orders are obeyed in their order, and the next frames come later.
  stage.order({ kind: 'recode', epoch: 1n, to: 'sink', codecs: ['int8'] });
  await send(3, 6);
  stage.order({ kind: 'recode', epoch: 1n, to: 'sink', codecs: ['fp16', 'none', 'int4'] });
  await send(6, 9);
  await done;
  inbox.close();
  stage.order(retireOrder);
  t.deepEqual(await stage.report('retired'), { kind: 'retired', epoch: 1n, frames: 9 });
  const links = stage.reports
    .filter((report) => report.kind === 'measure')
    .flatMap(({ batch }) =>
      MeasureBatch.decode(batch).links.flatMap(({ frame, codec, wireBytes }) =>
        frame.map((id, at) => ({ id, codec: codec[at]!, bytes: Number(wireBytes[at]!) })),
      ),
    );
  t.deepEqual(
    links.map(({ id, codec }) => `${id} ${codec.split('+')[0]!}`),
    ['0 none', '1 blosc2', '2 none', '3 int8', '4 int8', '5 int8', '6 fp16', '7 none', '8 int4'],
  );
  t.deepEqual(
    errors.map((error) => error > 0),
    [false, false, false, true, true, true, true, false, true],
  );
  t.true(errors[6]! < errors[3]! && errors[3]! < errors[8]!, `${errors}`);
  t.is(links[7]!.bytes, 64 * 64 * 4);
  t.true(links[3]!.bytes < links[6]!.bytes && links[6]!.bytes < links[7]!.bytes, links.map(({ bytes }) => bytes).join());
});

test.serial('outputs whose shape varies from frame to frame are sent as they are', async (t) => {
  const model = tinyModel(
    [{ name: 'x', type: 1, dims: ['n'] }],
    [{ op: 'NonZero', inputs: ['x'], outputs: ['y'] }],
    [{ name: 'y', type: 7, dims: [1, 'k'] }],
  );
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, model, { inputs: [spec('x', [-1])] }));
  stage.order(openOrder());
  const { port } = await stage.report('ready');
  const source = await serveSource(t, ['x']);
  stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
  const shapes: (readonly number[])[] = [];
  const { done } = collect(t, port, ['y'], 3, (frame) => shapes.push(frame.tensors.get('y')!.dims));
  for (const [id, values] of [[1, 0, 2], [0, 0], [5]].entries())
    await source.outbox.send(BigInt(id), new Map([['x', floats([values.length], values)]]));
  await done;
  t.deepEqual(shapes, [
    [1, 2],
    [1, 0],
    [1, 1],
  ]);
});

const dtypes: readonly [TensorSpec['dtype'], number, number][] = [
  ['float32', 1, 4],
  ['uint8', 2, 1],
  ['int8', 3, 1],
  ['uint16', 4, 2],
  ['int16', 5, 2],
  ['int32', 6, 4],
  ['int64', 7, 8],
  ['bool', 9, 1],
  ['float16', 10, 2],
  ['float64', 11, 8],
  ['uint32', 12, 4],
  ['uint64', 13, 8],
];
for (const [dtype, type, bytes] of dtypes) {
  test.serial(`${dtype} tensors pass through a session unchanged`, async (t) => {
    const stage = new StageUnderTest(t);
    const model = tinyModel(
      [{ name: 'x', type, dims: [4] }],
      [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
      [{ name: 'y', type, dims: [4] }],
    );
    stage.order(await loadOrder(t, model, { inputs: [spec('x', [4], dtype)] }));
    stage.order(openOrder());
    const { port } = await stage.report('ready');
    const source = await serveSource(t, ['x']);
    stage.order({ kind: 'start', epoch: 1n, first: 0n, inputs: [{ from: 'source', address: source.address, tensors: ['x'] }] });
    const data = Uint8Array.from({ length: 4 * bytes }, (_, i) => (dtype === 'bool' ? i % 2 : i * 3 + 1));
    const got: Tensor[] = [];
    const { done } = collect(t, port, ['y'], 1, ({ tensors }) => got.push({ ...tensors.get('y')!, data: tensors.get('y')!.data.slice() }));
    await source.outbox.send(0n, new Map([['x', { dtype, dims: [4], data }]]));
    await done;
    t.is(got[0]!.dtype, dtype);
    t.deepEqual([...got[0]!.data], [...data]);
  });
}

test.serial('a model that the runtime refuses ends the stage with the reason', async (t) => {
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, Uint8Array.of(1, 2, 3, 4, 5), {}));
  const error = await t.throwsAsync(stage.report('ready'));
  t.regex(error?.message ?? '', /the stage failed: .*(protobuf|parse|model)/i);
  t.is(stage.reports.find((report) => report.kind === 'failed')?.code, 'invalid');
  t.is(await stage.exit, 1);
});

test.serial('a stage whose agent is gone ends itself', async (t) => {
  const stage = new StageUnderTest(t);
  stage.order(await loadOrder(t, relu));
  await stage.report('ready');
  stage.channel.close();
  t.is(await stage.exit, 1);
});
