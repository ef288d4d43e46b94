import test from 'ava';
import type { FrameInput } from '../../../controller/run/frame-input.ts';
import { randomInput } from '../../../controller/run/random-input.ts';
import { Source, type SourceOptions, type Way } from '../../../controller/run/source.ts';
import { clockOf } from '../../../mesh/clock.ts';
import { MeshError } from '../../../mesh/error.ts';
import { oneWay } from '../../../partition/flow/flow.ts';

const specs = [{ name: 'x', dtype: 'float32', dims: [4] }] as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Bench {
  readonly source: Source;
  readonly sent: bigint[];
  /** When the latency of each sent frame begins. */
  readonly startedMs: (number | undefined)[];
  readonly clock: { ms: number };
  readonly abort: AbortController;
}

function bench({ outbox, ...options }: Partial<SourceOptions> & { outbox?: Way['outbox'] } = {}): Bench {
  const sent: bigint[] = [];
  const startedMs: (number | undefined)[] = [];
  const clock = { ms: 0 };
  const abort = new AbortController();
  const plain: Way['outbox'] = {
    send: async (id) => {
      sent.push(id);
      startedMs.push(source.startMs(id));
      return { encodeUs: 0 };
    },
  };
  const flow = options.flow ?? oneWay(1);
  const source = new Source({
    input: randomInput(specs, 1),
    frames: 6,
    window: 2,
    rateFps: undefined,
    flow,
    clock: clockOf(() => clock.ms),
    signal: abort.signal,
    ...options,
  });
  source.replay({ outbox: outbox ?? plain, flow });
  return { source, sent, startedMs, clock, abort };
}

async function settle(): Promise<void> {
  for (let i = 0; i < 5; i += 1) await turn();
}

test('the source sends as many frames as the window holds, and more only as they are acknowledged', async (t) => {
  const { source, sent } = bench();
  const done = source.run();
  await settle();
  t.deepEqual(sent, [0n, 1n]);
  source.acknowledge(1n);
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n]);
  source.acknowledge(3n);
  await settle();
  source.acknowledge(5n);
  await settle();
  t.is(source.sent, 6);
  source.acknowledge(6n);
  await done;
  t.pass();
});

test('closed loop: the latency of a frame begins when the window lets it go', async (t) => {
  const { source, startedMs, clock } = bench({ window: 1, frames: 2 });
  const done = source.run();
  await settle();
  clock.ms = 40;
  source.acknowledge(1n);
  await settle();
  t.deepEqual(startedMs, [0, 40]);
  source.acknowledge(2n);
  await done;
});

test('open loop: the latency of a frame begins when it is due, also when the pipeline is late', async (t) => {
  const { source, startedMs, clock } = bench({ window: 1, frames: 3, rateFps: 100 });
  clock.ms = 0;
  const done = source.run();
  await settle();
  clock.ms = 500;
  source.acknowledge(1n);
  await new Promise((resolve) => setTimeout(resolve, 30));
  source.acknowledge(2n);
  await settle();
  t.deepEqual(startedMs, [0, 10, 20]);
  source.acknowledge(3n);
  await done;
});

test('the automatic window: the first two frames travel alone, then it follows what is measured', async (t) => {
  const { source, clock, sent } = bench({ window: 'auto', frames: 100, flow: oneWay(4) });
  const done = source.run();
  done.catch(() => {});
  await settle();
  t.deepEqual(sent, [0n]);
  clock.ms = 300;
  source.acknowledge(1n);
  await settle();
  t.deepEqual(sent, [0n, 1n]);
  clock.ms = 400;
  source.acknowledge(2n);
  // No rate yet: two per stage and one.
  t.is(source.window, 9);
  await settle();
  clock.ms = 500;
  source.acknowledge(3n);
  clock.ms = 520;
  source.acknowledge(4n);
  // 50 frames/s × 100 ms × 1.5, and one.
  t.is(source.window, 9);
  clock.ms = 620;
  source.acknowledge(5n);
  // 2 frames in 120 ms: 16.7 frames/s.
  t.is(source.window, 5);
});

test('an open loop has no time for frames that travel alone', async (t) => {
  const { source } = bench({ window: 'auto', flow: oneWay(2), rateFps: 100 });
  t.is(source.window, 5);
});

test('stages that take turns: each way is tried alone, side by side where they never meet, and the slowest counts', async (t) => {
  const flow = { depth: 2, ahead: 2, probeFrames: 4, probesAtOnce: 2, ways: (id: bigint) => Number(id % 2n) };
  const { source, clock, sent } = bench({ window: 'auto', frames: 100, flow });
  source.run().catch(() => {});
  await settle();
  t.deepEqual(sent, [0n, 1n]);
  // The even frames take 100 ms, the odd ones 200.
  clock.ms = 100;
  source.acknowledge(1n);
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n]);
  clock.ms = 200;
  source.acknowledge(3n);
  await settle();
  clock.ms = 400;
  source.acknowledge(4n);
  t.is(source.window, 5, 'no rate yet');
  await settle();
  clock.ms = 500;
  source.acknowledge(5n);
  clock.ms = 600;
  source.acknowledge(7n);
  // 20 frames/s × 200 ms × 1.5, and one: of the even frames alone it would be 4.
  t.is(source.window, 7);
});

/** An outbox whose frames stay until the test lets them go. */
function holding(): { readonly outbox: Way['outbox']; readonly held: { id: bigint; leave(): void; fail(error: Error): void }[] } {
  const held: { id: bigint; leave(): void; fail(error: Error): void }[] = [];
  const send = (id: bigint): Promise<{ encodeUs: number }> =>
    new Promise((resolve, reject) => {
      held.push({ id, leave: () => resolve({ encodeUs: 0 }), fail: reject });
    });
  return { outbox: { send }, held };
}

test('a frame follows when the one before has left, or as many as take turns', async (t) => {
  for (const ahead of [1, 3]) {
    const { outbox, held } = holding();
    const { source } = bench({ outbox, window: 5, flow: { ...oneWay(1), ahead } });
    source.run().catch(() => {});
    await settle();
    t.is(held.length, ahead);
    held.at(-1)!.leave();
    await settle();
    t.is(held.length, ahead + 1);
  }
});

test('a frame that can not leave ends the source with its error, also when the source waits for something else', async (t) => {
  const { outbox, held } = holding();
  const { source } = bench({ outbox, window: 1, flow: { ...oneWay(1), ahead: 2 } });
  const done = source.run();
  await settle();
  held[0]!.fail(new MeshError('invalid', 'frame 0 has no tensor "x"'));
  await t.throwsAsync(done, { message: 'frame 0 has no tensor "x"' });
});

test('a way that is lost ends nothing: what was not acknowledged goes again on the next, and only the signal ends the source', async (t) => {
  const { outbox, held } = holding();
  const { source, sent, abort } = bench({ outbox, window: 3 });
  const done = source.run();
  await settle();
  held[0]!.leave();
  await settle();
  held[1]!.leave();
  await settle();
  source.acknowledge(1n);
  held[2]!.fail(new MeshError('lost', 'stage2-1 no longer pulls from source'));
  await settle();
  t.is(source.hold(), 3n);
  source.replay({ outbox: { send: async (id) => ({ encodeUs: Number(sent.push(id)) }) }, flow: oneWay(1) });
  await settle();
  t.deepEqual(sent, [1n, 2n, 3n]);
  abort.abort(new MeshError('lost', 'stage2-1 on pi2 was lost: test'));
  await t.throwsAsync(done, { message: 'stage2-1 on pi2 was lost: test' });
});

test('whatever the source waits for, the signal ends it with its reason', async (t) => {
  const { source, abort } = bench({ window: 1 });
  const done = source.run();
  await settle();
  abort.abort(new MeshError('lost', 'stage2 on pi2 was lost: test'));
  await t.throwsAsync(done, { message: 'stage2 on pi2 was lost: test' });
});

test('an input that fails ends the source with its error', async (t) => {
  const input: FrameInput = {
    count: 1,
    title: 'broken',
    check: async () => {},
    frame: async () => {
      throw new MeshError('invalid', 'x.npy ended at entry 0');
    },
    close: async () => {},
  };
  await t.throwsAsync(bench({ input }).source.run(), { message: 'x.npy ended at entry 0' });
});

test('while it is held no frame leaves; the next way takes over with the very next, and a released one goes on', async (t) => {
  const { source, sent } = bench({ window: 4, frames: 8 });
  source.run().catch(() => {});
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n, 3n]);
  t.is(source.hold(), 4n);
  source.acknowledge(2n);
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n, 3n]);
  source.release();
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n, 3n, 4n, 5n]);
  const after: bigint[] = [];
  t.is(source.hold(), 6n);
  source.follow({ outbox: { send: async (id) => ({ encodeUs: Number(after.push(id)) }) }, flow: oneWay(1) });
  source.acknowledge(6n);
  await settle();
  t.deepEqual(after, [6n, 7n]);
});

test('frames under suspicion go one at a time', async (t) => {
  const { source, sent } = bench({ window: 4, frames: 8 });
  source.run().catch(() => {});
  await settle();
  source.limit(1);
  source.replay({ outbox: { send: async (id) => ({ encodeUs: Number(sent.push(id)) }) }, flow: oneWay(1) });
  await settle();
  t.deepEqual(sent.slice(4), [0n]);
  source.acknowledge(1n);
  await settle();
  t.deepEqual(sent.slice(4), [0n, 1n]);
  source.limit(undefined);
  await settle();
  t.deepEqual(sent.slice(4), [0n, 1n, 2n, 3n, 4n]);
});

test('frames that a lost epoch had brought already go on the next way, too, and are not waited for', async (t) => {
  const { source, sent } = bench({ window: 4 });
  const done = source.run();
  await settle();
  t.deepEqual(sent, [0n, 1n, 2n, 3n]);
  // 1 and 2 came out of order and are held by the sink, which waits for 0; under suspicion frames go one at a time.
  source.limit(1);
  source.replay({ outbox: { send: async (id) => ({ encodeUs: Number(sent.push(id)) }) }, flow: oneWay(1) }, 0n);
  await settle();
  t.deepEqual(sent.slice(4), [0n]);
  source.acknowledge(3n);
  await settle();
  t.deepEqual(sent.slice(4), [0n, 1n, 2n, 3n]);
  source.limit(undefined);
  source.acknowledge(4n);
  await settle();
  t.deepEqual(sent.slice(4), [0n, 1n, 2n, 3n, 4n, 5n]);
  source.acknowledge(6n);
  await done;
});

test('what was committed before a way was lost, and is acknowledged only afterwards, does not keep the source from its end', async (t) => {
  const { source, sent } = bench({ window: 6 });
  const done = source.run();
  await settle();
  source.replay({ outbox: { send: async (id) => ({ encodeUs: Number(sent.push(id)) }) }, flow: oneWay(1) }, 4n);
  await settle();
  t.deepEqual(sent.slice(6), [4n, 5n]);
  source.acknowledge(6n);
  await done;
  t.is(source.acknowledged, 6n);
});
