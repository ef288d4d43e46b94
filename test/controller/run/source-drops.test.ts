/** An open loop that is too fast: which frames the source sends, and what it makes of the others. */
import test from 'ava';
import type { Dropping } from '../../../controller/run/arrivals.ts';
import { randomInput } from '../../../controller/run/random-input.ts';
import { Source } from '../../../controller/run/source.ts';
import { oneWay } from '../../../partition/flow/flow.ts';
import { ManualClock } from '../../helpers/manual-clock.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Sent {
  readonly id: bigint;
  readonly index: number | undefined;
  readonly startMs: number | undefined;
}

/** A source of 100 frames per second whose window has room for one, on a clock of its own. */
function bench(dropping: Dropping | undefined, frames: number) {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const made: number[] = [];
  const input = randomInput([{ name: 'x', dtype: 'float32', dims: [4] }], 1);
  const source = new Source({
    input: {
      ...input,
      frame: (index) => {
        made.push(Number(index));
        return input.frame(index);
      },
    },
    frames,
    window: 1,
    rateFps: 100,
    dropping,
    flow: oneWay(1),
    clock,
    signal: new AbortController().signal,
  });
  const flow = oneWay(1);
  const outbox = {
    send: async (id: bigint) => {
      sent.push({ id, index: source.indexOf(id), startMs: source.startMs(id) });
      return { encodeUs: 0 };
    },
  };
  source.replay({ outbox, flow });
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < 5; i += 1) await turn();
    clock.advance(ms);
    for (let i = 0; i < 5; i += 1) await turn();
  };
  return { source, sent, made, pass, way: { outbox, flow } };
}

test('oldest: ids have no gaps, frames that waited too long have none, and only what is sent is made', async (t) => {
  const { source, sent, made, pass } = bench({ policy: 'oldest', deadlineMs: 50 }, 61);
  const done = source.run();
  await pass(500);
  t.is(source.remaining, 61 - 44);
  source.acknowledge(1n);
  await pass(99);
  source.acknowledge(2n);
  await pass(0);
  t.deepEqual(sent, [
    { id: 0n, index: 0, startMs: 0 },
    { id: 1n, index: 45, startMs: 450 },
    { id: 2n, index: 55, startMs: 550 },
  ]);
  t.deepEqual(made, [0, 45, 55]);
  t.like(source.counts, { offered: 60, admitted: 3, dropped: 53, waiting: 4 });
  await pass(1_000);
  t.is(source.remaining, 1);
  source.acknowledge(3n);
  await done;
  t.like(source.counts, { offered: 61, admitted: 3, dropped: 58, waiting: 0 });
  t.is(source.sent, 3);
});

test('newest: what waits goes in order, what finds no place is dropped', async (t) => {
  const { source, sent, made, pass } = bench({ policy: 'newest', deadlineMs: 20 }, 10);
  const done = source.run();
  await pass(60);
  for (const next of [1n, 2n, 3n, 4n]) {
    source.acknowledge(next);
    await pass(15);
  }
  source.acknowledge(5n);
  await pass(1_000);
  source.acknowledge(6n);
  await done;
  t.deepEqual(
    sent.map(({ index }) => index),
    made,
  );
  t.deepEqual(made, [0, 1, 2, 7, 8]);
  t.like(source.counts, { offered: 10, dropped: 5 });
});

test('without dropping every frame goes, however late', async (t) => {
  const { source, sent, pass } = bench(undefined, 20);
  const done = source.run();
  await pass(10_000);
  for (let next = 1n; next <= 20n; next += 1n) {
    source.acknowledge(next);
    await pass(0);
  }
  await done;
  t.deepEqual(
    sent.map(({ index }) => index),
    Array.from({ length: 20 }, (_, index) => index),
  );
  t.like(source.counts, { offered: 20, dropped: 0 });
});

test('a frame that goes again after a loss is the same frame of the input', async (t) => {
  const { source, sent, pass, way } = bench({ policy: 'oldest', deadlineMs: 50 }, 1_000);
  source.run().catch(() => {});
  await pass(500);
  source.acknowledge(1n);
  await pass(0);
  source.hold();
  await pass(300);
  source.replay(way);
  await pass(0);
  t.deepEqual(sent.slice(1), [
    { id: 1n, index: 45, startMs: 450 },
    { id: 1n, index: 45, startMs: 450 },
  ]);
});

test('a stream may end while nothing is on its way: the last frames are dropped', async (t) => {
  const { source, pass } = bench({ policy: 'oldest', deadlineMs: 50 }, 30);
  const done = source.run();
  await pass(100);
  source.hold();
  source.acknowledge(1n);
  await pass(5_000);
  source.release();
  await done;
  t.is(source.sent, 1);
  t.is(source.counts.dropped, 29);
});
