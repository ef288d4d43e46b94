/** With ONNX Runtime: what is timed is what is inferred, and what fails keeps nobody from the others. */
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { BenchProcessReport, ItemFiles, TimingProcessOrder } from '../../../../agent/stage/bench/protocol.ts';
import { type TimingTools, time } from '../../../../agent/stage/bench/timing.ts';
import { openSession } from '../../../../agent/stage/session/open-session.ts';
import { SpeedProbe } from '../../../../agent/stage/session/speed-probe.ts';
import { encodeTensorFile } from '../../../../mesh/safetensors.ts';
import type { ItemTimes, TimedItem } from '../../../../mesh/timing/figures.ts';
import { decodeTimedItem } from '../../../../mesh/wire-timing.ts';
import { tinyModel } from '../../../fixtures/tiny-onnx.ts';
import { tempFolder } from '../../../helpers/temp-folder.ts';

const x = { name: 'x', type: 1, dims: [1, 64] };
const relu = tinyModel([x], [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }], [{ ...x, name: 'y' }]);

type Session = Awaited<ReturnType<TimingTools['open']>>;

async function itemOf(t: ExecutionContext, bytes: Uint8Array, feeds?: readonly Uint8Array[]): Promise<ItemFiles> {
  const folder = await tempFolder(t);
  await mkdir(join(folder, 'model'));
  const modelPath = join(folder, 'model', 'model.onnx');
  await writeFile(modelPath, bytes);
  const feedsPath = feeds === undefined ? undefined : join(folder, 'feeds.safetensors');
  if (feeds !== undefined) await writeFile(feedsPath!, feeds);
  return { inputs: [{ name: 'x', dtype: 'float32', dims: [-1, 64] }], outputs: ['y'], modelPath, feedsPath };
}

async function timed(items: readonly ItemFiles[], changes: Partial<TimingProcessOrder> = {}, tools: Partial<TimingTools> = {}) {
  const reports: BenchProcessReport[] = [];
  const order: TimingProcessOrder = {
    kind: 'timing',
    items,
    speedProbe: undefined,
    session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' },
    ...{ warmUpMs: 1, batches: 3, batchMs: 2, kernelRuns: 5, seed: 1 },
    ...changes,
  };
  let bytes = 0;
  const io = (): string => {
    bytes += 100;
    return `rchar: 1\nread_bytes: ${bytes}\nwrite_bytes: 7\n`;
  };
  await time(order, { say: (report) => reports.push(report), open: openSession, now: () => performance.now(), io, ...tools });
  const told = reports.flatMap((report) => (report.kind === 'timed' ? [decodeTimedItem(report.item)] : []));
  return { told, reports };
}

function timesOf({ result }: TimedItem): ItemTimes {
  if (result.kind === 'failed') throw new Error(result.why);
  return result;
}

test('an item is timed in batches, its kernels by the runtime, and nothing is left in its folder', async (t) => {
  const item = await itemOf(t, relu);
  const { told, reports } = await timed([item]);
  t.is(reports[0]!.kind, 'phase');
  const times = timesOf(told[0]!);
  // Half of the three where something else takes the time.
  t.true(times.batches.length >= 2 && times.batches.length <= 3);
  t.true(times.count >= times.batches.length && times.minMs > 0 && times.minMs <= times.medianMs && times.medianMs <= times.p90Ms);
  t.true(Math.min(...times.batches) >= times.minMs);
  t.deepEqual(
    times.kernels.map(({ operator, inputs }) => [operator, inputs]),
    [['Relu', ['float32[1, 64]']]],
  );
  t.true(times.kernels[0]!.us >= 0);
  t.is(times.readBytes, 100);
  t.is(times.writtenBytes, 0);
  t.deepEqual(await readdir(join(item.modelPath, '..')), ['model.onnx']);
});

test('a model that the runtime refuses costs only itself', async (t) => {
  const items = [await itemOf(t, Buffer.from('no model')), await itemOf(t, relu), await itemOf(t, relu)];
  const { told } = await timed([items[0]!, { ...items[1]!, outputs: ['z'] }, items[2]!]);
  t.deepEqual(
    told.map(({ index, result }) => [index, result.kind]),
    [
      [0, 'failed'],
      [1, 'failed'],
      [2, 'times'],
    ],
  );
});

test('without profiled inferences there are no kernels, and a batch of no length is one inference', async (t) => {
  const { told } = await timed([await itemOf(t, relu)], { kernelRuns: 0, batchMs: 0, batches: 4 });
  const times = timesOf(told[0]!);
  t.deepEqual(times.kernels, []);
  t.is(times.count, 4);
});

test('a probe tells how fast the processor was around kernels and batches', async (t) => {
  const { told } = await timed([await itemOf(t, relu), await itemOf(t, relu)], { speedProbe: await itemOf(t, relu) });
  for (const each of told) {
    const { batches, speed } = timesOf(each);
    const { kernelsMs, batchesMs } = speed!;
    t.is(batchesMs.length, batches.length);
    for (const ms of [kernelsMs!, ...batchesMs]) t.true(ms > 0 && ms < 1000, `${ms}`);
  }
  const { told: bare } = await timed([await itemOf(t, relu)], { speedProbe: await itemOf(t, relu), kernelRuns: 0 });
  t.deepEqual(Object.keys(timesOf(bare[0]!).speed!), ['batchesMs']);
});

test('a probe that is refused, or can not be run, costs nothing but what it would tell', async (t) => {
  const broken = await itemOf(t, Buffer.from('no model'));
  const odd = { ...(await itemOf(t, relu)), outputs: ['z'] };
  for (const speedProbe of [broken, odd]) {
    const { told } = await timed([await itemOf(t, relu)], { speedProbe });
    t.is(timesOf(told[0]!).speed, undefined);
    t.is(timesOf(told[0]!).kernels.length, 1);
  }
});

/** Sessions that take no time but by their own clock: an item 1 ms, the probe 0.5 ms, or twice that while `slow` says so of the item's inferences so far. */
function madeUpSessions(
  probePath: string,
  slow: (inferences: number) => boolean,
): Pick<TimingTools, 'open' | 'now'> & { inferences: number } {
  let ms = 0;
  const tools = {
    inferences: 0,
    now: () => ms,
    open: async (path: string) => {
      const run = async () => {
        if (path !== probePath) tools.inferences += 1;
        ms += (path === probePath ? 0.5 : 1) * (slow(tools.inferences) ? 2 : 1);
      };
      return { run, release: async () => {}, endProfiling: () => {} } as unknown as Session;
    },
  };
  return tools;
}

test('each batch has the speed of just before and just after it, profiled inferences that of their time', async (t) => {
  const [item, speedProbe] = [await itemOf(t, relu), await itemOf(t, relu)];
  const measured = async (slow: (inferences: number) => boolean, changes: Partial<TimingProcessOrder> = {}) => {
    const tools = madeUpSessions(speedProbe.modelPath, slow);
    const { told } = await timed([item], { speedProbe, kernelRuns: 0, warmUpMs: 0, batches: 3, batchMs: 10, ...changes }, tools);
    return { ...timesOf(told[0]!), inferences: tools.inferences };
  };
  const steady = await measured(() => false);
  t.is(steady.inferences, 2 + 30);
  t.deepEqual([steady.batches, steady.speed], [[1, 1, 1], { batchesMs: [0.5, 0.5, 0.5] }]);
  const slow = await measured(() => false, { batches: 6, batchMs: 0.2 });
  t.is(slow.batches.length, 3);
  t.is(slow.inferences, 2 + 3);
  // From the second batch on.
  const changed = await measured((inferences) => inferences >= 12);
  t.deepEqual(
    [changed.batches, changed.speed!.batchesMs],
    [
      [1.1, 2, 2],
      [0.75, 1, 1],
    ],
  );
  // 20 profiled inferences of 2 ms and two that warm up: looks before, in between and after.
  const profiled = await measured((inferences) => inferences > 0, { kernelRuns: 20 });
  t.is(profiled.speed!.kernelsMs, 1);
});

test('what stops an inference of a look does not count', async (t) => {
  let [ms, inferences] = [0, 0];
  const now = (): number => ms;
  const open = async (): Promise<Session> => {
    const run = async (): Promise<void> => {
      inferences += 1;
      ms += inferences % 3 === 0 ? 3 : 0.25;
    };
    return { run, release: async () => {} } as unknown as Session;
  };
  const settings = { session: { intraOpThreads: 1, spinning: false, graphOptimization: 'all' }, seed: 1, lookMs: 10 } as const;
  const probe = await SpeedProbe.open(await itemOf(t, relu), settings, { open, now });
  t.is(await probe!.ms(), 0.25);
});

test('inputs of a file are read in turns; a file without them fails the item', async (t) => {
  const tensor = (value: number) => ({
    dtype: 'float32' as const,
    dims: [1, 64],
    data: new Uint8Array(new Float32Array(64).fill(value).buffer),
  });
  const file = (names: readonly string[]) =>
    encodeTensorFile({ tensors: new Map(names.map((name, at) => [name, tensor(at)])), metadata: {} });
  const { told } = await timed([await itemOf(t, relu, file(['0.x', '1.x'])), await itemOf(t, relu, file(['0.z']))]);
  t.true(timesOf(told[0]!).batches.length >= 2);
  t.like(told[1]!.result, { kind: 'failed', why: 'the file of inputs has no 0.x' });
});
