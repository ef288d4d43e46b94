import test from 'ava';
import { type OutputConsumer, Sink } from '../../../controller/run/sink.ts';
import type { InboundFrame } from '../../../mesh/link/inbox.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function frame(id: bigint, log: string[]): InboundFrame {
  return { id, tensors: new Map(), decodeUs: 0, release: () => log.push(`release ${id}`) };
}

function bench(consumer?: Partial<OutputConsumer>, first = 0n) {
  const log: string[] = [];
  const errors: unknown[] = [];
  const sink = new Sink({
    first,
    consumers: [
      {
        take: async (id) => void log.push(`take ${id}`),
        skip: async (id) => void log.push(`skip ${id}`),
        sync: async () => void log.push('sync'),
        ...consumer,
      },
    ],
    indexOf: Number,
    acknowledge: (next) => log.push(`ack ${next}`),
    onArrival: () => {},
    onFailed: (error) => errors.push(error),
    now: () => 0,
  });
  return { sink, log, errors };
}

test('a frame is written and made durable before it is acknowledged, and its credit returned after it was written', async (t) => {
  const { sink, log } = bench();
  sink.take(frame(0n, log));
  await turn();
  t.deepEqual(log, ['take 0', 'release 0', 'sync', 'ack 1']);
});

test('frames that arrive while one is being synced are written and acknowledged together', async (t) => {
  let finish: () => void = () => {};
  const log: string[] = [];
  const { sink } = bench({
    take: async (id) => void log.push(`take ${id}`),
    sync: () => new Promise((resolve) => (finish = resolve)),
  });
  sink.take(frame(0n, log));
  await turn();
  sink.take(frame(1n, log));
  sink.take(frame(2n, log));
  await turn();
  t.is(sink.safe, 0n);
  finish();
  await turn();
  finish();
  await turn();
  t.is(sink.safe, 3n);
  t.deepEqual(
    log.filter((line) => line.startsWith('take')),
    ['take 0', 'take 1', 'take 2'],
  );
});

test('a frame that arrives twice is acknowledged again and written once', async (t) => {
  const { sink, log } = bench();
  sink.take(frame(0n, log));
  await turn();
  log.length = 0;
  sink.take(frame(0n, log));
  await turn();
  t.deepEqual(log, ['release 0', 'ack 1']);
  t.deepEqual(sink.count(1), { sent: 1, received: 1, lost: 0, duplicated: 0, outOfOrder: 0 });
});

test('frames out of order are written in order', async (t) => {
  const { sink, log } = bench();
  sink.take(frame(1n, log));
  await turn();
  t.deepEqual(log, []);
  sink.take(frame(0n, log));
  await turn();
  t.deepEqual(
    log.filter((line) => line.startsWith('take')),
    ['take 0', 'take 1'],
  );
});

test('an output that can not be written fails the run, and nothing is acknowledged', async (t) => {
  const { sink, log, errors } = bench({
    sync: async () => {
      throw new Error('disk full');
    },
  });
  sink.take(frame(0n, log));
  await turn();
  t.is(errors.length, 1);
  t.false(log.some((line) => line.startsWith('ack')));
});

test('a frame that was given up takes its place in the order, without outputs; the first commit wins either way', async (t) => {
  const { sink, log } = bench();
  sink.take(frame(1n, log));
  await turn();
  t.deepEqual(log, []);
  sink.fail(0n);
  await turn();
  t.deepEqual(log, ['skip 0', 'take 1', 'release 1', 'sync', 'ack 2']);
  sink.fail(1n);
  sink.take(frame(0n, log));
  await turn();
  t.deepEqual(log.slice(5), ['release 0', 'ack 2']);
  t.is(sink.count(2).received, 1);
});

test('a sink that begins at a frame drops the ones before, counts them as received, and waits for this one', async (t) => {
  const { sink, log } = bench({}, 5n);
  t.is(sink.safe, 5n);
  sink.take(frame(4n, log));
  sink.take(frame(6n, log));
  await turn();
  t.deepEqual(log, ['release 4', 'ack 5']);
  sink.take(frame(5n, log));
  await turn();
  t.is(log.at(-1), 'ack 7');
  t.deepEqual(sink.count(7), { sent: 7, received: 7, lost: 0, duplicated: 0, outOfOrder: 0 });
});
